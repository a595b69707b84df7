import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from benchmarks.bench_models import per_step_loop
from poseattn.layers.losses import sequence_loss
from poseattn.models import deep_gru
from poseattn.models.sta_hands import HANDS, Model
from tests.closeness import assert_close
from tests.reference import sta_hands as reference

VARIANTS = [(hands, temporal) for hands in HANDS for temporal in (False, True)]
B, T, N_HANDS, D, POSE, CLASSES = 2, 5, 4, 5, 6, 3
PAPER = {
    "n_classes": 60,
    "channels": 2048,
    "hidden": 1024,
    "dropout": 0.5,
    "spatial_hidden": 256,
    "temporal_hidden": 32,
    "pose_channels": 450,
}

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def small(hands: str, temporal: bool, dropout: float = 0.0) -> Model:
    torch.manual_seed(0)
    sizes = {"n_classes": CLASSES, "channels": D, "hidden": 4, "spatial_hidden": 7, "temporal_hidden": 6}
    model = Model(hands=hands, temporal=temporal, dropout=dropout, frames=T, pose_channels=POSE, **sizes)
    return model.double()


def attentive(hands: str, temporal: bool) -> Model:
    """A small model whose attention is far from uniform."""
    model = small(hands, temporal)
    for name, parameter in model.named_parameters():
        if "score" in name:
            torch.nn.init.normal_(parameter)
    return model


def batch(size: int = B) -> Batch:
    generator = torch.Generator().manual_seed(1)
    glimpse = torch.randn(size, T, N_HANDS, D, dtype=torch.float64, generator=generator)
    pose = torch.randn(size, T, POSE, dtype=torch.float64, generator=generator)
    return glimpse, pose, torch.rand(size, T, 2, dtype=torch.float64, generator=generator)


@pytest.mark.parametrize(("hands", "temporal"), VARIANTS)
def test_each_variant_is_the_transcribed_equations(hands: str, temporal: bool) -> None:
    model, inputs = attentive(hands, temporal), batch()
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    logits, maps = model(*inputs)
    for b in range(B):
        expected, p, p_time = reference.sta_hands(weights, hands, temporal, *(tensor[b].numpy() for tensor in inputs))
        np.testing.assert_allclose(logits[b].detach().numpy(), expected, rtol=1e-9)
        for name, attention in {"spatial": p, "temporal": p_time}.items():
            assert (name in maps) == (attention is not None)
            if attention is not None:
                np.testing.assert_allclose(maps[name][b].detach().numpy(), attention, rtol=1e-9)


@pytest.mark.parametrize(("hands", "temporal"), VARIANTS)
def test_gradients_are_those_of_the_loop_over_frames(hands: str, temporal: bool) -> None:
    model, inputs, label = attentive(hands, temporal), batch(), torch.tensor([2, 0])
    parameters = list(model.parameters())
    of_model = torch.autograd.grad(sequence_loss(model(*inputs)[0], label, steps="mean"), parameters)
    of_loop = torch.autograd.grad(sequence_loss(per_step_loop(model, *inputs), label, steps="mean"), parameters)
    for (name, _), ours, literal in zip(model.named_parameters(), of_model, of_loop, strict=True):
        assert_close(ours, literal, rtol=1e-9, atol=1e-12)
        assert literal.abs().max() > 0, name


@pytest.mark.parametrize(("hands", "temporal"), VARIANTS)
def test_shapes_and_sums_of_the_outputs(hands: str, temporal: bool) -> None:
    logits, maps = attentive(hands, temporal)(*batch())
    assert logits.shape == (B, 1 if temporal else T, CLASSES)
    shapes = {"temporal": (B, T)} if temporal else {}
    if hands not in ("sum", "concat"):
        shapes["spatial"] = (B, T, N_HANDS)
    assert {name: attention.shape for name, attention in maps.items()} == shapes
    for attention in maps.values():
        assert_close(attention.sum(-1), torch.ones(attention.shape[:-1], dtype=torch.float64))


@pytest.mark.parametrize("hands", ["hidden", "pose", "hidden_pose"])
def test_spatial_attention_starts_as_the_sum_of_a_quarter_of_each_hand(hands: str) -> None:
    glimpse, pose, motion = batch()
    attention, plain = small(hands, False), small("sum", False)
    plain.load_state_dict({name: value for name, value in attention.state_dict().items() if "spatial" not in name})
    logits, maps = attention(glimpse, pose, motion)
    assert torch.equal(maps["spatial"], torch.full((B, T, N_HANDS), 0.25, dtype=torch.float64))
    assert_close(logits, plain(glimpse / 4, pose, motion)[0])


def test_temporal_attention_starts_as_the_mean_of_the_states() -> None:
    inputs = batch()
    attention, plain = small("sum", True), small("sum", False)
    plain.load_state_dict({name: value for name, value in attention.state_dict().items() if "temporal" not in name})
    logits, maps = attention(*inputs)
    assert_close(maps["temporal"], torch.full((B, T), 1 / T, dtype=torch.float64))
    assert_close(logits[:, 0], plain(*inputs)[0].mean(1))  # the classifier is linear


def test_without_attention_pose_and_motion_change_nothing() -> None:
    model, (glimpse, pose, motion) = small("concat", False), batch()
    assert torch.equal(model(glimpse, pose, motion)[0], model(glimpse, pose + 1, motion * 2)[0])


def test_state_attention_looks_at_the_past_only() -> None:
    model, (glimpse, pose, motion) = attentive("hidden_pose", False), batch()
    late = glimpse.clone()
    late[:, 3] += 1
    before, after = model(glimpse, pose, motion), model(late, pose, motion)
    assert torch.equal(before[1]["spatial"][:, :4], after[1]["spatial"][:, :4])
    assert not torch.equal(before[1]["spatial"][:, 4], after[1]["spatial"][:, 4])


@pytest.mark.parametrize(("hands", "temporal"), VARIANTS)
def test_dropout_acts_in_training_only(hands: str, temporal: bool) -> None:
    model, inputs = small(hands, temporal, dropout=0.5), batch()
    assert not torch.equal(model(*inputs)[0], model(*inputs)[0])
    model.eval()
    assert_close(model(*inputs)[0], small(hands, temporal)(*inputs)[0])


@pytest.mark.parametrize(
    ("hands", "temporal", "shapes"),
    [
        ("sum", False, [(B, T, D), (B, T, 4)]),
        ("pose", True, [(B, T, D), (B, 4)]),
        ("concat", True, [(B, T, N_HANDS * D), (B, 4)]),
        ("hidden", True, [(B, D)] * T + [(B, 4)]),
    ],
)
def test_dropout_is_placed_on_context_and_classifier_input(hands: str, temporal: bool, shapes: list[tuple]) -> None:
    model, dropped = small(hands, temporal, dropout=0.5), []
    model.dropout.register_forward_hook(lambda _, arguments, __: dropped.append(tuple(arguments[0].shape)))
    model(*batch())
    assert dropped == shapes


@pytest.mark.parametrize("hands", ["mean", "", "Pose"])
def test_an_unknown_way_to_join_hands_is_refused(hands: str) -> None:
    with pytest.raises(ValueError, match=f"hands: '{hands}' is not one of sum, concat, hidden, pose, hidden_pose"):
        small(hands, False)


def size(module: torch.nn.Module | None) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_parameter_counts_at_paper_size() -> None:
    with torch.device("meta"):
        rgb = Model(hands="pose", temporal=True, **PAPER)
        pose = deep_gru.Model(n_classes=60, hidden=150, layers=3, dropout=0.5, pose_channels=150)
    parts = [rgb.gru, rgb.spatial, rgb.temporal, rgb.classifier, pose.layers, pose.classifier]
    assert [size(part) for part in parts] == [9_443_328, 116_484, 1_972, 61_500, 407_700, 9_060]
    assert size(rgb) + size(pose) == 10_040_044


@pytest.mark.slow  # the first forward on this device imports half of PyTorch
@pytest.mark.parametrize(("hands", "temporal"), VARIANTS)
def test_each_variant_runs_on_the_meta_device_at_paper_size(hands: str, temporal: bool) -> None:
    with torch.device("meta"):
        model = Model(hands=hands, temporal=temporal, **PAPER)
        logits, _ = model(torch.empty(2, 20, 4, 2048), torch.empty(2, 20, 450), torch.empty(2, 20, 2))
    assert logits.shape == (2, 1 if temporal else 20, 60)


@pytest.mark.slow
@pytest.mark.parametrize(("hands", "temporal"), VARIANTS)
def test_each_variant_overfits_one_batch(hands: str, temporal: bool) -> None:
    torch.manual_seed(0)
    model = Model(
        hands=hands, temporal=temporal, n_classes=4, channels=16, hidden=32, dropout=0.0, spatial_hidden=16,
        temporal_hidden=8, frames=T, pose_channels=POSE,
    )  # fmt: skip
    inputs = torch.randn(8, T, N_HANDS, 16), torch.randn(8, T, POSE), torch.rand(8, T, 2)
    label = torch.arange(8) % 4
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(200):
        logits, _ = model(*inputs)
        loss = cross_entropy(logits.flatten(0, 1), label.repeat_interleave(logits.shape[1]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert torch.equal(model(*inputs)[0].mean(1).argmax(-1), label)
    assert loss < 0.1


@pytest.mark.gpu
@pytest.mark.parametrize(("hands", "temporal"), VARIANTS)
def test_cuda_agrees_with_the_cpu(hands: str, temporal: bool) -> None:
    model, inputs = attentive(hands, temporal), batch()
    expected, _ = model(*inputs)
    logits, _ = model.cuda()(*(tensor.cuda() for tensor in inputs))
    assert_close(logits.cpu(), expected, rtol=1e-6, atol=1e-8)
