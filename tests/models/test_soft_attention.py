"""Soft attention and its baselines: the literal loop, what uniform attention amounts to, sizes, and learning."""

import numpy as np
import pytest
import torch
from torch import nn

from poseattn.layers.losses import sequence_loss
from poseattn.models import soft_attention, softmax_regression
from tests.reference import soft_attention as reference

SMALL = {"n_classes": 3, "channels": 5, "locations": 6, "hidden": 4, "layers": 3, "dropout": 0.0}
PAPER = {"n_classes": 11, "channels": 1024, "locations": 49, "hidden": 512, "layers": 3, "dropout": 0.5}


def _model(pooling: str = "attention", attention: str = "linear_hidden", **changes: object) -> soft_attention.Model:
    torch.manual_seed(0)
    model = soft_attention.Model(pooling=pooling, attention=attention, **(SMALL | changes))
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.7)  # far from the small weights at the start
    return model.double()


def _cube() -> torch.Tensor:
    return torch.randn(2, 4, 2, 3, 5, dtype=torch.double, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("attention", ["linear_hidden", "mlp_content"])
@pytest.mark.parametrize("layers", [1, 3])
def test_the_model_is_the_literal_loop(attention: str, layers: int) -> None:
    model, cube = _model(attention=attention, layers=layers), _cube()
    logits, maps = model(cube)
    parameters = {name: parameter.detach().numpy() for name, parameter in model.named_parameters()}
    for clip in range(2):
        expected, location = reference.logits(cube[clip].numpy(), parameters, layers, attention == "mlp_content")
        np.testing.assert_allclose(logits[clip].detach(), expected, rtol=1e-10)
        np.testing.assert_allclose(maps["location"][clip].detach(), location, rtol=1e-10)
    assert np.allclose(maps["location"].detach().sum(-1), 1)
    assert (maps["location"] >= 0).all()


def test_uniform_attention_is_average_pooling() -> None:
    attended, average = _model(), _model("average")
    average.load_state_dict({name: value for name, value in attended.state_dict().items() if "location" not in name})
    nn.init.zeros_(attended.location.weight.weight)
    logits, maps = attended(_cube())
    assert torch.allclose(maps["location"], torch.full_like(maps["location"], 1 / 6))
    assert torch.allclose(logits, average(_cube())[0], rtol=1e-12)
    assert average(_cube())[1] == {}


def test_maximum_pooling_takes_the_largest_value_of_each_channel() -> None:
    model, cube = _model("maximum"), _cube()
    largest = cube.flatten(2, 3).max(dim=2).values[:, :, None, None]  # one place that has them all
    spread = largest.expand(-1, -1, 2, 3, -1)
    same_mean = model.lstm.initial(cube.mean(dim=(1, 2, 3)))
    top = model.lstm(spread.flatten(2, 3).amax(2), same_mean)
    expected = model.classifier(model.hidden(top).tanh())
    assert torch.allclose(model(cube)[0], expected, rtol=1e-12)


def test_the_step_and_the_sequence_of_the_stack_agree() -> None:
    stack = _model("average").lstm
    inputs = torch.randn(2, 4, 5, dtype=torch.double)
    states = stack.initial(torch.randn(2, 5, dtype=torch.double))
    whole = stack(inputs, states)
    step = stack.begin(4, 2)
    for frame in range(4):
        states = step(inputs[:, frame], states)
        assert torch.allclose(states[-1][0], whole[:, frame], rtol=1e-12)


def test_softmax_regression_is_one_matrix() -> None:
    torch.manual_seed(0)
    model = softmax_regression.Model(n_classes=3, channels=5, locations=6).double()
    cube = _cube()
    logits, maps = model(cube)
    expected = cube.numpy().reshape(2, 4, 30) @ model.classifier.weight.detach().numpy().T
    np.testing.assert_allclose(logits.detach(), expected, rtol=1e-12)
    assert maps == {}


def test_sizes_at_paper_size() -> None:
    """Stated: layers of 3,147,776 and 2,099,200 with one bias a gate, location softmax 25,088, starts 524,800 each."""
    with torch.device("meta"):
        model = soft_attention.Model(pooling="attention", attention="linear_hidden", **PAPER)
        regression = softmax_regression.Model(n_classes=11, channels=1024, locations=49)
    sizes = [sum(parameter.numel() for parameter in layer.parameters()) for layer in model.lstm.layers]
    assert sizes == [3_147_776 + 2048, 2_099_200 + 2048, 2_099_200 + 2048]
    assert sum(parameter.numel() for parameter in model.location.parameters()) == 25_088
    assert sum(parameter.numel() for parameter in model.lstm.start.parameters()) == 6 * 524_800
    assert sum(parameter.numel() for parameter in model.hidden.parameters()) == 262_656
    assert regression.classifier.in_features == 50_176


def test_weights_start_as_in_the_released_code() -> None:
    torch.manual_seed(0)
    model = soft_attention.Model(pooling="attention", attention="linear_hidden", **(PAPER | {"hidden": 64}))
    recurrent = model.lstm.layers[0].weight_hh_l0.chunk(4)
    for block in (*recurrent, model.hidden.weight):
        assert torch.allclose(block @ block.T, torch.eye(64), atol=1e-5)
    assert model.lstm.layers[0].weight_ih_l0.std().item() == pytest.approx(0.01, rel=0.02)
    assert model.classifier.weight.std().item() == pytest.approx(0.01, rel=0.2)
    assert all((value == 0).all() for name, value in model.named_parameters() if "bias" in name)


@pytest.mark.parametrize(("name", "value"), [("pooling", "mean"), ("attention", "content")])
def test_an_unknown_variant_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: '{value}' is not one of"):
        soft_attention.Model(**(SMALL | {"pooling": "attention", "attention": "linear_hidden", name: value}))


@pytest.mark.slow
@pytest.mark.parametrize("pooling", soft_attention.POOLINGS)
def test_one_batch_is_learnt(pooling: str) -> None:
    torch.manual_seed(0)
    model = soft_attention.Model(pooling=pooling, attention="linear_hidden", **(SMALL | {"hidden": 32}))
    cube, label = torch.randn(12, 6, 2, 3, 5), torch.arange(12) % 3
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(300):
        loss = sequence_loss(model(cube)[0], label, "mean")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05


@pytest.mark.parametrize("pooling", ["attention", "average"])
def test_dropout_acts_between_layers_and_around_the_hidden_layer_alone(pooling: str) -> None:
    """Not on x_t and not on the recurrent path: three layers of 6 units, 4 frames, cubes of 5 channels."""
    sizes = {"n_classes": 3, "channels": 5, "locations": 6, "hidden": 6, "layers": 3}
    model = soft_attention.Model(pooling=pooling, attention="linear_hidden", dropout=0.5, **sizes)
    between: list[tuple[int, ...]] = []
    around: list[tuple[int, ...]] = []
    model.lstm.dropout.register_forward_hook(lambda _, arguments, __: between.append(tuple(arguments[0].shape)))
    model.dropout.register_forward_hook(lambda _, arguments, __: around.append(tuple(arguments[0].shape)))
    cube = torch.rand(2, 4, 2, 3, 5)
    torch.manual_seed(0)
    first, second = model(cube)[0], model(cube)[0]
    assert not torch.equal(first, second)
    one_frame = [(2, 6)] * 2 * 4 if pooling == "attention" else [(2, 4, 6)] * 2  # into the second and the third layer
    assert between == one_frame * 2
    assert around == [(2, 4, 6), (2, 4, 6)] * 2  # before the hidden layer and before the classes
    assert torch.equal(model.eval()(cube)[0], model(cube)[0])


def test_square_start_matrices_are_orthogonal() -> None:
    sizes = {"n_classes": 3, "channels": 6, "locations": 6, "hidden": 6, "layers": 2}
    model = soft_attention.Model(pooling="average", attention="linear_hidden", dropout=0.0, **sizes)
    for block in model.lstm.start.weight.detach().chunk(4):
        assert torch.allclose(block @ block.T, torch.eye(6), atol=1e-5)
