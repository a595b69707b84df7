"""Both pose-guided LSTM stacks against the literal transcription, and what the report says of sizes and inputs."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from poseattn.layers.cells import CellStack
from poseattn.layers.square_vectors import CubeVector, PoseVector
from poseattn.models import pose_lstm, pose_lstm_concat
from tests.reference import pose_lstm as reference

B, EDGE, ROW, D, JOINTS, CLASSES = 4, 3, 2, 9, 5, 4  # 9 features of 2x2 places are a square of 6x6, resized to 3x3
SETTINGS = {
    "n_classes": CLASSES,
    "channels": D,
    "locations": ROW * ROW,
    "hidden": EDGE * EDGE,
    "depth": 3,
    "cell": "lstm",
}
SETTINGS |= {"reduction": "reshape_resize", "num_steps": 1, "bias": True, "attention": False, "dropout": 0.0}


def _inputs(heat: int = 4) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    cube = torch.randn(B, 1, ROW, ROW, D, generator=generator, dtype=torch.double)
    return cube, 1.5 * torch.randn(B, 1, JOINTS, heat, heat, generator=generator, dtype=torch.double)


def _model(with_pose: bool = True, **changes: object) -> nn.Module:
    torch.manual_seed(0)
    settings = SETTINGS | changes
    if with_pose:
        model = pose_lstm.Model(**settings, joints=JOINTS, embedding=False)
    else:
        model = pose_lstm_concat.Model(**settings)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.5)
    return model.double().eval()


def _numpy(parameter: Tensor | None) -> np.ndarray | None:
    return None if parameter is None else parameter.detach().numpy()


def _weights(stack: CellStack) -> list[dict[str, np.ndarray]]:
    cells = []
    for cell in stack.cells:
        found = {"W": _numpy(cell.gates.weight), "b": _numpy(cell.gates.bias)}
        if hasattr(cell, "candidate"):
            found |= {"W_candidate": _numpy(cell.candidate.weight), "b_candidate": _numpy(cell.candidate.bias)}
        cells.append({name: value for name, value in found.items() if value is not None})
    return cells


@pytest.mark.parametrize("with_pose", [True, False])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"bias": False},
        {"cell": "gru"},
        {"cell": "gru", "bias": False},
        {"num_steps": 3},
        {"num_steps": 2, "attention": True},
        {"depth": 1},
    ],
)
def test_scores_and_states_are_the_transcribed_ones(changes: dict, with_pose: bool) -> None:
    model = _model(with_pose, **changes)
    nn.init.uniform_(model.norm.running_mean)
    nn.init.uniform_(model.norm.running_var, 0.5, 1.5)
    cube, heatmap = _inputs()
    scores, maps = model(cube, heatmap) if with_pose else model(cube)
    assert scores.shape == (B, 1, CLASSES) and maps["hidden"].shape == (B, 1, model.stack.cells.__len__(), EDGE, EDGE)
    attention = model.stack.weights and {"W": _numpy(model.stack.weights.weight), "b": _numpy(model.stack.weights.bias)}
    for b in range(B):
        vector = reference.cube_vector(cube[b, 0].numpy(), EDGE)
        first = reference.pose_vector(heatmap[b, 0].numpy(), EDGE) if with_pose else np.zeros(EDGE * EDGE)
        hidden = reference.stack(
            _weights(model.stack),
            model.stack.cells[0].__class__.__name__[:-4].lower(),
            vector,
            first,
            model.stack.num_steps,
            attention,
        )
        np.testing.assert_allclose(maps["hidden"][b, 0].detach().flatten(1), hidden, rtol=1e-6, atol=1e-9)
        z = np.tanh(reference.affine(_numpy(model.classifier.weight), _numpy(model.classifier.bias), hidden[-1]))
        mean, var = model.norm.running_mean.numpy(), model.norm.running_var.numpy()
        expected = (z - mean) / np.sqrt(var + 1e-5) * _numpy(model.norm.weight) + _numpy(model.norm.bias)
        np.testing.assert_allclose(scores[b, 0].detach(), expected, rtol=1e-6, atol=1e-9)


def test_a_pose_map_of_zeros_is_no_pose() -> None:
    cube, heatmap = _inputs()
    with_pose, without = _model(), _model(with_pose=False)
    state = {name: value for name, value in with_pose.state_dict().items() if not name.startswith("pose.")}
    without.load_state_dict(state)
    assert torch.equal(with_pose(cube, 0 * heatmap)[0], without(cube)[0])
    assert not torch.allclose(with_pose(cube, heatmap)[0], without(cube)[0])


def test_recurrent_weights_get_no_gradient_in_one_step_from_zero() -> None:
    cube, _ = _inputs()
    for steps in (1, 2):
        model = _model(with_pose=False, num_steps=steps).train()
        model(cube)[0].square().sum().backward()
        for cell in model.stack.cells:
            below, own = cell.gates.weight.grad.chunk(2, dim=1)
            assert below.abs().max() > 0 and bool(own.abs().max() > 0) == (steps == 2)


def test_size_of_the_report() -> None:
    """3 * 4n * 2n weights of cells and 40 * 4096 + 40 of the decoder; 7x7x1024 and 16 maps of 64x64 give 4096."""
    sizes = {"n_classes": 40, "channels": 1024, "locations": 49, "hidden": 4096, "bias": False}
    with torch.device("meta"):
        model = pose_lstm.Model(**SETTINGS | sizes, joints=16, embedding=False)
        assert sum(p.numel() for p in model.stack.parameters()) == 402_653_184
        assert sum(p.numel() for p in model.classifier.parameters()) == 163_880
    cube, heatmap = torch.rand(2, 7, 7, 1024), torch.rand(2, 16, 64, 64)
    vector, pose = (
        CubeVector(channels=1024, locations=49, length=4096, reduction="reshape_resize"),
        PoseVector(length=4096, joints=16, embedded=False),
    )
    assert vector(cube).shape == pose(heatmap).shape == (2, 4096)
    torch.testing.assert_close(pose(heatmap), heatmap.amax(dim=1).flatten(1))
    pooled = CubeVector(channels=1024, locations=49, length=4096, reduction="adaptive_pool")(cube)
    assert pooled.shape == (2, 4096)
    torch.testing.assert_close(pooled[:, 0], cube[:, :4, :4, 0].mean(dim=(1, 2)))


def test_reductions_and_the_embedding_by_hand() -> None:
    cube = torch.randn(2, ROW, ROW, D)
    linear = CubeVector(channels=D, locations=4, length=9, reduction="linear")
    flat = torch.stack([cube[:, row, col, d] for d in range(D) for row in range(ROW) for col in range(ROW)], dim=1)
    torch.testing.assert_close(linear(cube), linear.linear(flat))
    pooled = CubeVector(channels=D, locations=4, length=9, reduction="adaptive_pool")
    torch.testing.assert_close(pooled(cube), cube.mean(dim=(1, 2)))
    pose = PoseVector(length=16, joints=JOINTS, embedded=True)
    heatmap = torch.rand(2, JOINTS, 4, 4)
    weight, bias = pose.embedding.weight[0], pose.embedding.bias[0]
    expected = torch.tanh(sum(weight[j] * heatmap[:, j] for j in range(JOINTS)) + bias)
    torch.testing.assert_close(pose(heatmap), expected.flatten(1))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reduction": "pca"}, "reduction: 'pca' is not one of"),
        ({"cell": "rnn"}, "cell: 'rnn' is not one of lstm, gru"),
        ({"hidden": 10}, "hidden is 10, expected the square of a whole number"),
        ({"channels": 8}, "the number of features of a cube is 32, expected the square"),
        ({"reduction": "adaptive_pool", "channels": 8}, "hidden is 9, expected a multiple of the 8 channels"),
        ({"num_steps": 0}, "depth 3 and num_steps 0, expected at least 1"),
    ],
)
def test_arguments_that_do_not_fit(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pose_lstm_concat.Model(**SETTINGS | changes)


def test_one_batch_can_be_learnt() -> None:
    cube, heatmap = _inputs()
    torch.manual_seed(0)
    model = pose_lstm.Model(**SETTINGS | {"hidden": 16}, joints=JOINTS, embedding=True).double().train()
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    target = torch.arange(B)
    for _ in range(150):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(cube, heatmap)[0][:, 0], target).backward()
        optimizer.step()
    assert model(cube, heatmap)[0][:, 0].argmax(dim=1).tolist() == target.tolist()
