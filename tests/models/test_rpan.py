"""RPAN: the literal loop in NumPy and in PyTorch, properties of its heatmaps, sizes, and learning."""

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmarks.bench_rpan import literal, weighted_sums, weighted_sums_at_once
from poseattn.layers.losses import pose_loss, sequence_loss
from poseattn.layers.part_pool import POOLINGS
from poseattn.models import rpan
from poseattn.pose.parts import body_of
from tests.closeness import assert_close
from tests.reference import rpan as reference

B, T, D, CLASSES = 2, 4, 5, 3
SMALL = {"n_classes": CLASSES, "channels": D, "locations": 6, "hidden": 4, "attention_size": 3, "dropout": 0.0}
PAPER = {"sub_jhmdb": {"n_classes": 12, "channels": 1024, "locations": 80, "hidden": 512, "attention_size": 32}}
PAPER |= {"penn_action": {"n_classes": 15, "channels": 1024, "locations": 135, "hidden": 1024, "attention_size": 128}}


def _model(sharing: str = "part", pooling: str = "concat", **changes: object) -> rpan.Model:
    torch.manual_seed(0)
    model = rpan.Model(**(SMALL | {"parts": "penn_action", "sharing": sharing, "pooling": pooling} | changes)).double()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.7)  # far from uniform attention
    return model


def _cube() -> Tensor:
    return torch.randn(B, T, 2, 3, D, dtype=torch.double, generator=torch.Generator().manual_seed(1))


def _of_equations(model: rpan.Model) -> reference.Parameters:
    attention, lstm = model.attention, model.lstm
    stacked = {
        "A_c": (attention.content.weight, attention.group.shape[1]),
        "A_h": (attention.state.weight, attention.group.shape[1]),
        "b": (attention.state.bias, attention.group.shape[1]),
        "U_s": (lstm.inputs.weight, 4),
        "b_lstm": (lstm.inputs.bias, 4),
        "U_h": (lstm.recurrent.weight, 4),
    }
    found = {name: np.stack(np.split(tensor.detach().numpy(), count)) for name, (tensor, count) in stacked.items()}
    single = {"v": attention.score, "U_y": model.classifier.weight, "b_y": model.classifier.bias}
    return found | {name: tensor.detach().numpy() for name, tensor in single.items()}


@pytest.mark.parametrize("parts", PAPER)
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("sharing", rpan.SHARINGS)
def test_each_variant_is_the_transcribed_equations(sharing: str, pooling: str, parts: str) -> None:
    model, cube = _model(sharing, pooling, parts=parts), _cube()
    joint_parts = body_of(parts).part_of
    groups = {"part": joint_parts, "joint": range(len(joint_parts)), "all": [0]}[sharing]
    part_of = [0] if sharing == "all" else joint_parts
    logits, maps = model(cube)
    for b in range(B):
        slices = cube[b].flatten(1, 2).numpy()
        expected, alpha = reference.rpan(slices, _of_equations(model), list(groups), list(part_of), pooling)
        np.testing.assert_allclose(logits[b].detach(), expected, rtol=1e-9)
        np.testing.assert_allclose(maps["heatmap"][b].detach(), alpha, rtol=1e-9)


@pytest.mark.parametrize("attended", [weighted_sums, weighted_sums_at_once])
@pytest.mark.parametrize("sharing", rpan.SHARINGS)
def test_gradients_are_those_of_the_loop_over_frames(sharing: str, attended: object) -> None:
    model, cube, label = _model(sharing), _cube(), torch.tensor([2, 0])
    logits, maps = model(cube)
    target = torch.rand_like(maps["heatmap"]).softmax(dim=-1)
    valid = torch.randint(2, target.shape[:-1])
    gradients = []
    for scores, heatmap in ((logits, maps["heatmap"]), literal(model, cube, attended)):
        loss = sequence_loss(scores, label, "sum") + pose_loss(heatmap, target, valid)
        gradients.append(torch.autograd.grad(loss, list(model.parameters())))
    for (name, _), ours, expected in zip(model.named_parameters(), *gradients, strict=True):
        assert_close(ours, expected, rtol=1e-8, atol=1e-12)
        assert expected.abs().max() > 0, name


@pytest.mark.parametrize("sharing", rpan.SHARINGS)
def test_heatmaps_are_distributions_over_places(sharing: str) -> None:
    heatmap = _model(sharing)(_cube())[1]["heatmap"]
    assert heatmap.shape == (B, T, 1 if sharing == "all" else 13, 6)
    assert (heatmap >= 0).all()
    assert_close(heatmap.sum(-1), torch.ones(heatmap.shape[:-1]))


def test_joints_permuted_inside_a_part_permute_their_heatmaps_and_change_no_logit() -> None:
    model, cube = _model(), _cube()
    logits, maps = model(cube)
    order = list(body_of("penn_action").mirrored)  # the two of a pair are in the same part
    model.attention.score.data = model.attention.score.data[order]
    permuted, permuted_maps = model(cube)
    assert_close(permuted, logits)
    assert_close(permuted_maps["heatmap"], maps["heatmap"][:, :, order])


def test_one_map_copied_to_all_joints_and_parts_gives_identical_maps() -> None:
    shared, every, slices = _model("all"), _model("part"), _cube()[:, :1]  # h_0 is the same in both
    for name, parameter in every.attention.named_parameters():
        one = shared.attention.get_parameter(name).data
        parameter.data = one.repeat(len(parameter) // len(one), *[1] * (one.ndim - 1))
    expected = shared(slices)[1]["heatmap"].expand(-1, -1, 13, -1)
    assert_close(every(slices)[1]["heatmap"], expected)


def test_a_pose_loss_of_weight_zero_changes_nothing() -> None:
    model, cube, label = _model(), _cube(), torch.tensor([2, 0])
    logits, maps = model(cube)
    loss = sequence_loss(logits, label, "sum")
    penalty = pose_loss(maps["heatmap"], torch.rand_like(maps["heatmap"]), torch.ones(B, T, 13))
    parameters = list(model.parameters())
    without = torch.autograd.grad(loss, parameters, retain_graph=True)
    for one, other in zip(without, torch.autograd.grad(loss + 0 * penalty, parameters), strict=True):
        assert torch.equal(one, other)


def test_a_frame_does_not_see_later_ones() -> None:
    model, cube = _model(), _cube()
    late = cube.clone()
    late[:, 2:] += 1
    assert torch.equal(model(cube)[0][:, :2], model(late)[0][:, :2])


def test_without_gradients_the_outputs_are_the_same() -> None:
    model, cube = _model(), _cube()
    with torch.no_grad():
        logits, maps = model(cube)
    assert_close(logits, model(cube)[0])
    assert_close(maps["heatmap"], model(cube)[1]["heatmap"])


def test_dropout_acts_on_the_inputs_of_lstm_and_classifier() -> None:
    model, dropped = _model(dropout=0.5), []
    model.dropout.register_forward_hook(lambda _, arguments, __: dropped.append(tuple(arguments[0].shape)))
    model(_cube())
    assert dropped == [(B, 5 * D)] * T + [(B, T, 4)]
    assert_close(model.eval()(_cube())[0], _model()(_cube())[0])


def _size(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(
    ("parts", "sizes"),
    [("penn_action", [1_313_024, 25_169_920, 15_375]), ("sub_jhmdb", [246_400, 11_536_384, 6_156])],
)
def test_sizes_at_paper_size(parts: str, sizes: list[int]) -> None:
    with torch.device("meta"):
        model = rpan.Model(parts=parts, sharing="part", pooling="concat", dropout=0.0, **PAPER[parts])
    assert [_size(module) for module in (model.attention, model.lstm, model.classifier)] == sizes
    assert _size(model) == sum(sizes)


@pytest.mark.parametrize(("name", "value"), [("parts", "kinect"), ("sharing", "none"), ("pooling", "sum")])
def test_an_unknown_variant_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: '{value}' is not one of"):
        _model(**{name: value})


@pytest.mark.slow
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("sharing", rpan.SHARINGS)
def test_one_batch_is_learnt(sharing: str, pooling: str) -> None:
    torch.manual_seed(0)
    sizes = SMALL | {"hidden": 32, "attention_size": 16}  # three units cannot fit maps of 13 joints
    model = rpan.Model(**sizes, parts="penn_action", sharing=sharing, pooling=pooling)
    cube, label = torch.randn(12, T, 2, 3, D), torch.arange(12) % CLASSES
    target = torch.randn(12, T, 1 if sharing == "all" else 13, 6).mul(3).softmax(dim=-1)
    optimizer, first = torch.optim.Adam(model.parameters(), lr=1e-2), None
    for _ in range(300):
        logits, maps = model(cube)
        pose = pose_loss(maps["heatmap"], target, torch.ones(target.shape[:-1]))
        loss = sequence_loss(logits, label, "mean") + pose
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        first = first or pose.item()
    assert sequence_loss(logits, label, "mean").item() < 0.05
    assert pose.item() < first / 2


@pytest.mark.gpu
@pytest.mark.parametrize("sharing", rpan.SHARINGS)
def test_cuda_agrees_with_the_cpu(sharing: str) -> None:
    model, cube = _model(sharing), _cube()
    expected, _ = model(cube)
    assert_close(model.cuda()(cube.cuda())[0].cpu(), expected, rtol=1e-6, atol=1e-8)
