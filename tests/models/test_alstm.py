"""aLSTM and its baseline: the literal loop, gradients, what no context amounts to, sizes, and learning."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from benchmarks.bench_alstm import literal
from poseattn.layers.losses import sequence_loss
from poseattn.models import alstm, vanilla_lstm
from tests.closeness import assert_close
from tests.reference import alstm as reference

B, STEPS, FRAMES, D, ATTENDED, H, CLASSES = 2, 4, 6, 5, 7, 4, 3
SMALL = {"n_classes": CLASSES, "channels": D, "hidden": H, "dropout": 0.0}


def _randomised(model: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.7)  # far from uniform attention
    return model.double()


def _model(attend: str = "every", **changes: object) -> alstm.Model:
    return _randomised(
        alstm.Model(**(SMALL | {"attended_channels": ATTENDED, "match_size": 3, "attend": attend} | changes))
    )


def _inputs() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    sizes = (B, STEPS, D), (B, FRAMES, ATTENDED)
    return tuple(torch.randn(*size, dtype=torch.double, generator=generator) for size in sizes)


def _of_equations(model: nn.Module) -> reference.Parameters:
    lstm = model.lstm
    gates = {"W": lstm.inputs.weight, "b": lstm.inputs.bias, "U": lstm.recurrent.weight}
    whole = {
        "W_m": model.mlp.weight,
        "b_m": model.mlp.bias,
        "W_y": model.classifier.weight,
        "b_y": model.classifier.bias,
    }
    if isinstance(model, alstm.Model):
        attention = model.attention
        (gates if model.fusion == "gates" else whole)["D" if model.fusion == "gates" else "D_v"] = model.context.weight
        whole |= {"W_s": attention.state.weight, "W_a": attention.content.weight, "b_a": attention.state.bias}
        whole["u"] = attention.score[0]
    if lstm.peephole is not None:
        whole["P"] = lstm.peephole
    if lstm.start is not None:
        whole["h_0"], whole["c_0"] = lstm.start
    stacked = {name: np.stack(np.split(tensor.detach().numpy(), 4)) for name, tensor in gates.items()}
    return stacked | {name: tensor.detach().numpy() for name, tensor in whole.items()}


OPTIONS = [{}, {"fusion": "add_to_features"}, {"peephole": True}, {"trained_start": True}]


@pytest.mark.parametrize("options", [*OPTIONS, OPTIONS[1] | OPTIONS[2] | OPTIONS[3]], ids=str)
@pytest.mark.parametrize("attend", alstm.STEPS)
def test_both_architectures_and_all_options_are_the_transcribed_equations(attend: str, options: dict[str, Any]) -> None:
    model, inputs = _model(attend, **options), _inputs()
    logits, maps = model(*inputs)
    for b in range(B):
        pieces, attended = (tensor[b].numpy() for tensor in inputs)
        expected, weights = reference.alstm(pieces, attended, _of_equations(model), last=attend == "last")
        np.testing.assert_allclose(logits[b].detach(), expected, rtol=1e-9)
        np.testing.assert_allclose(maps["moment"][b].detach(), weights, rtol=1e-9)
    assert_close(maps["moment"].sum(-1), torch.ones(B, STEPS if attend == "every" else 1))


def test_the_baseline_is_the_transcribed_equations() -> None:
    model, (pieces, _) = _randomised(vanilla_lstm.Model(**SMALL)), _inputs()
    logits, maps = model(pieces)
    assert maps == {}
    for b in range(B):
        expected, _ = reference.alstm(pieces[b].numpy(), None, _of_equations(model))
        np.testing.assert_allclose(logits[b].detach(), expected, rtol=1e-9)


def test_gradients_are_those_of_the_loop_over_steps() -> None:
    model, inputs, label = _model(), _inputs(), torch.tensor([2, 0])
    parameters = list(model.parameters())
    sides = model(*inputs)[0], literal(model, *inputs)
    ours, expected = (torch.autograd.grad(sequence_loss(logits, label, "mean"), parameters) for logits in sides)
    for (name, _), one, other in zip(model.named_parameters(), ours, expected, strict=True):
        assert_close(one, other, rtol=1e-8, atol=1e-12)
        assert other.abs().max() > 0, name


def test_a_single_attended_step_has_the_gradients_of_finite_differences() -> None:
    model, inputs = _model("last"), [tensor.requires_grad_() for tensor in _inputs()]
    assert torch.autograd.gradcheck(lambda *tensors: model(*tensors)[0], inputs)
    loss = model(*inputs)[0].square().sum()
    gradient = torch.autograd.grad(loss, model.context.weight)[0]
    step = torch.zeros_like(model.context.weight)
    step[1, 2] = 1e-6
    model.context.weight.data += step
    assert gradient[1, 2].item() == pytest.approx((model(*inputs)[0].square().sum() - loss).item() / 1e-6, rel=1e-4)


@pytest.mark.parametrize("options", OPTIONS[1:], ids=str)
def test_options_have_the_gradients_of_finite_differences(options: dict[str, Any]) -> None:
    model, inputs = _model(**options), _inputs()
    parameters = dict(model.named_parameters())
    loss = model(*inputs)[0].square().sum()
    gradients = torch.autograd.grad(loss, list(parameters.values()))
    for (name, parameter), gradient in zip(parameters.items(), gradients, strict=True):
        step = torch.randn(parameter.shape, dtype=torch.double, generator=torch.Generator().manual_seed(2)) * 1e-6
        parameter.data += step
        after = model(*inputs)[0].square().sum()
        parameter.data -= step
        assert (gradient * step).sum().item() == pytest.approx((after - loss).item(), rel=1e-3), name


def test_without_a_score_the_context_is_the_mean_of_the_attended_features() -> None:
    model, inputs = _model(), _inputs()
    model.attention.score.data.zero_()
    assert_close(model(*inputs)[1]["moment"], torch.full((B, STEPS, FRAMES), 1 / FRAMES, dtype=torch.double))


def test_without_a_context_it_is_the_baseline() -> None:
    model, baseline, inputs = _model(), vanilla_lstm.Model(**SMALL).double(), _inputs()
    model.context.weight.data.zero_()
    kept = {name: value for name, value in model.state_dict().items() if not name.startswith(("context", "attention"))}
    baseline.load_state_dict(kept)
    assert torch.equal(model(*inputs)[0], baseline(inputs[0])[0])


def test_the_order_of_attended_frames_does_not_matter() -> None:
    model, (pieces, attended), order = _model(), _inputs(), [3, 0, 5, 1, 4, 2]
    (logits, maps), (permuted, permuted_maps) = model(pieces, attended), model(pieces, attended[:, order])
    assert_close(permuted, logits)
    assert_close(permuted_maps["moment"], maps["moment"][..., order])


@pytest.mark.parametrize(("attend", "attended_steps"), [("every", STEPS), ("last", 1)])
def test_dropout_acts_on_all_but_recurrent_connections_and_attention(attend: str, attended_steps: int) -> None:
    model, dropped = _model(attend, dropout=0.5), []
    model.dropout.register_forward_hook(lambda _, arguments, __: dropped.append(tuple(arguments[0].shape)))
    model(*_inputs())
    assert dropped == [(B, STEPS, D)] * 2 + [(B, ATTENDED)] * attended_steps + [(B, attended_steps, H)]
    assert_close(model.eval()(*_inputs())[0], _model(attend)(*_inputs())[0])


def test_dropout_of_the_baseline_acts_on_all_but_recurrent_connections() -> None:
    model, dropped = vanilla_lstm.Model(**(SMALL | {"dropout": 0.5})), []
    model.dropout.register_forward_hook(lambda _, arguments, __: dropped.append(tuple(arguments[0].shape)))
    model(torch.randn(B, STEPS, D))
    assert dropped == [(B, STEPS, D)] * 2 + [(B, STEPS, H)]


def test_sizes_at_paper_size() -> None:
    paper = {"n_classes": 203, "channels": 4096, "hidden": 512, "dropout": 0.5}
    with torch.device("meta"):
        model = alstm.Model(attended_channels=1000, attend="every", match_size=512, **paper)
        baseline = vanilla_lstm.Model(**paper)
    modules = model.mlp, model.lstm, model.attention, model.context, model.classifier
    sizes = [sum(parameter.numel() for parameter in module.parameters()) for module in modules]
    mlp, lstm = 4096 * 4096 + 4096, 4096 * 2048 + 512 * 2048 + 2048
    assert sizes == [mlp, lstm, 512 * 512 + 1000 * 512 + 512 + 512, 1000 * 2048, 512 * 203 + 203]
    assert sum(parameter.numel() for parameter in baseline.parameters()) == mlp + lstm + sizes[-1]


def test_an_unknown_architecture_is_named() -> None:
    with pytest.raises(ValueError, match="attend: 'first' is not one of every, last"):
        _model("first")
    with pytest.raises(ValueError, match="fusion: 'sum' is not one of gates, add_to_features"):
        _model(fusion="sum")


@pytest.mark.slow
@pytest.mark.parametrize("attend", alstm.STEPS)
def test_one_batch_is_learnt(attend: str) -> None:
    torch.manual_seed(0)
    sizes = SMALL | {"hidden": 32, "attended_channels": ATTENDED, "match_size": 8}
    model, label = alstm.Model(**sizes, attend=attend), torch.arange(12) % CLASSES
    pieces, attended = torch.randn(12, STEPS, D), torch.randn(12, FRAMES, ATTENDED)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(300):
        loss = sequence_loss(model(pieces, attended)[0], label, "mean")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05


@pytest.mark.gpu
@pytest.mark.parametrize("attend", alstm.STEPS)
def test_cuda_agrees_with_the_cpu(attend: str) -> None:
    model, inputs = _model(attend), _inputs()
    expected, _ = model(*inputs)
    assert_close(model.cuda()(*(tensor.cuda() for tensor in inputs))[0].cpu(), expected, rtol=1e-6, atol=1e-8)
