import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from poseattn.models.deep_gru import Model
from tests.closeness import assert_close
from tests.reference import sta_hands as reference

B, T, POSE = 2, 5, 6


def small(dropout: float = 0.0) -> Model:
    torch.manual_seed(0)
    return Model(n_classes=3, hidden=4, layers=3, dropout=dropout, pose_channels=POSE).double()


def poses(size: int = B) -> torch.Tensor:
    return torch.randn(size, T, POSE, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_it_is_the_transcribed_equation() -> None:
    model, pose = small(), poses()
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    logits, maps = model(pose)
    assert maps == {}
    for b in range(B):
        np.testing.assert_allclose(
            logits[b].detach().numpy(), reference.deep_gru(weights, 3, pose[b].numpy()), rtol=1e-9
        )


def test_a_frame_does_not_see_later_ones() -> None:
    model, pose = small(), poses()
    late = pose.clone()
    late[:, 3:] += 1
    assert torch.equal(model(pose)[0][:, :3], model(late)[0][:, :3])


def test_dropout_acts_between_layers_and_before_the_classifier_in_training_only() -> None:
    model, pose, dropped = small(dropout=0.5), poses(), []
    model.dropout.register_forward_hook(lambda _, arguments, __: dropped.append(tuple(arguments[0].shape)))
    assert model.dropout.probability == 0.5
    assert not torch.equal(model(pose)[0], model(pose)[0])
    assert dropped == [(B, T, 4)] * 3 * 2  # behind each of the three layers, in two calls
    assert_close(model.eval()(pose)[0], small()(pose)[0])


def test_size_of_the_paper() -> None:
    with torch.device("meta"):
        model = Model(n_classes=60, hidden=150, layers=3, dropout=0.5, pose_channels=150)
    assert sum(parameter.numel() for parameter in model.parameters()) == 407_700 + 9_060


@pytest.mark.slow
def test_it_overfits_one_batch() -> None:
    torch.manual_seed(0)
    model = Model(n_classes=4, hidden=32, layers=3, dropout=0.0, pose_channels=POSE)
    pose, label = poses(8).float(), torch.arange(8) % 4
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(200):
        logits, _ = model(pose)
        loss = cross_entropy(logits.flatten(0, 1), label.repeat_interleave(T))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert torch.equal(model(pose)[0].mean(1).argmax(-1), label)
