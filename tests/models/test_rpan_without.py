"""RPAN without attention: the literal loop, and where dropout acts."""

import numpy as np
import torch

from poseattn.models.rpan_without import Model
from tests.reference import rpan as reference

B, T, D, CLASSES = 2, 4, 5, 3


def test_it_is_the_transcribed_lstm_on_the_global_feature() -> None:
    torch.manual_seed(0)
    model = Model(n_classes=CLASSES, channels=D, hidden=4, dropout=0.0).double()
    feature = torch.randn(B, T, D, dtype=torch.double)
    names = {"U_s": model.lstm.inputs.weight, "b_lstm": model.lstm.inputs.bias, "U_h": model.lstm.recurrent.weight}
    parameters = {name: np.stack(np.split(value.detach().numpy(), 4)) for name, value in names.items()}
    logits, maps = model(feature)
    assert maps == {}
    for b in range(B):
        states = reference.recur(feature[b].numpy(), parameters)
        np.testing.assert_allclose(logits[b].detach(), states @ model.classifier.weight.detach().numpy().T, rtol=1e-9)


def test_dropout_acts_on_the_inputs_of_lstm_and_classifier() -> None:
    model, dropped = Model(n_classes=CLASSES, channels=D, hidden=4, dropout=0.5), []
    model.dropout.register_forward_hook(lambda _, arguments, __: dropped.append(tuple(arguments[0].shape)))
    model(torch.randn(B, T, D))
    assert dropped == [(B, T, D), (B, T, 4)]
