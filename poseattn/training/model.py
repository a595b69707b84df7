"""The model of a run: built from its settings and the shapes of its inputs, or read from a checkpoint."""

import importlib
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from poseattn.inputs.rows import pose_widths
from poseattn.networks.model_size import at_most
from poseattn.shards.shard_set import STORED, ShardSet, feature_sizes

_MODELS = Path(__file__).parents[1] / "models"
_SLACK = 1 << 16  # numbers of buffers that a state leaves out


def load_model(
    run: dict[str, Any], inputs: dict[str, ShardSet], n_classes: int, state: dict[str, Tensor], device: torch.device
) -> nn.Module:
    """Build the trained model of a run.

    Args:
        run: As for `build_model`.
        inputs: As for `build_model`.
        n_classes: Number of classes of the data set.
        state: Of a checkpoint.
        device: Where it will run.

    Returns:
        The network.

    Raises:
        ValueError: As for `build_model`, or the state is of another network.
    """
    _compare(run, inputs, n_classes, state)
    model = build_model(run, inputs, n_classes)
    model.load_state_dict(state)
    return model.to(device)


def _compare(run: dict[str, Any], inputs: dict[str, ShardSet], n_classes: int, state: dict[str, Tensor]) -> None:
    """Compare the network of a run with a state, before any memory is taken for it."""
    found = {name: tuple(tensor.shape) for name, tensor in state.items()}
    with torch.device("meta"), at_most(_SLACK + 2 * sum(tensor.numel() for tensor in state.values())):
        model = build_model(run, inputs, n_classes)
    expected = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            has, wants = found.get(name, "is missing"), expected.get(name, "no such tensor")
            raise ValueError(f"checkpoint of another network: {name} {has}, the run's model has {wants}")


def build_model(run: dict[str, Any], inputs: dict[str, ShardSet], n_classes: int) -> nn.Module:
    """Build the model of a run in its initial state, on the CPU.

    Args:
        run: Settings; used are `model`, the name of a file of `poseattn/models`, and `arguments`.
        inputs: Shards by role; they say how many channels and places stored features have.
        n_classes: Number of classes of the data set.

    Returns:
        The network.

    Raises:
        ValueError: The arguments do not fit the model, or it takes another input than the run names.
    """
    if run["model"] not in (names := sorted(path.stem for path in _MODELS.glob("[!_]*.py"))):
        raise ValueError(f"model is {run['model']!r}, expected one of {', '.join(names)}")
    model = importlib.import_module(f"poseattn.models.{run['model']}").Model
    sizes = {"n_classes": n_classes}
    for name in model.inputs:
        role = STORED.get(name, "poses")
        if role not in inputs:
            raise ValueError(f"model {run['model']} takes {name!r}, but the run's inputs name no {role}")
        if name in STORED:
            sizes |= feature_sizes(inputs[role], name)
        elif name != "motion":
            sizes["pose_channels"] = pose_widths(inputs["poses"].row_shape, run["derivatives"])[name]
    try:
        return model(**run["arguments"], **sizes)
    except TypeError as error:
        raise ValueError(f"arguments of model {run['model']}: {error}") from None
