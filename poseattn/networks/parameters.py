"""Parameters of networks: read from files of PyTorch and of Caffe by name, and copied into a network."""

import re
from pathlib import Path

import torch
from torch import Tensor, nn

from poseattn.networks.caffe import read_layers
from poseattn.networks.torch_files import read_torch

_CAFFE = b"\n"  # what a file of Caffe begins with, and none of PyTorch
_PARTS = {  # number of arrays of a layer of Caffe -> what they are
    1: ("weight",),
    2: ("weight", "bias"),
    4: ("weight", "bias", "running_mean", "running_var"),  # batch norm of yjxiong/caffe as of cuDNN 5
}


def read_state(path: Path) -> dict[str, Tensor]:
    """Parameters of a network by their names, on the CPU.

    Args:
        path: Published file of PyTorch or of Caffe, or one that the stage pretrain_backbone wrote.

    Returns:
        Tensors by name; those of Caffe are called `<layer>.weight`, `<layer>.bias` and so on, with underscores where
        Caffe's layers have slashes or hyphens.

    Raises:
        ValueError: The file is damaged or holds something else.
        OSError: It cannot be opened.
    """
    with open(path, "rb") as file:
        is_caffe = file.read(1) == _CAFFE
    if is_caffe:
        return _state_of_caffe(path)
    content = read_torch(path)
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    if not _is_state(state):
        raise ValueError(f"{path}: holds no state dictionary of a network")
    return state


def _is_state(content: object) -> bool:
    """Whether this is a dictionary of tensors by name that has any."""
    if not isinstance(content, dict) or not content:
        return False
    return all(isinstance(name, str) and isinstance(value, Tensor) for name, value in content.items())


def _state_of_caffe(path: Path) -> dict[str, Tensor]:
    """Arrays of each layer by the names that PyTorch gives their like."""
    state = {}
    for layer, arrays in read_layers(path).items():
        if len(arrays) not in _PARTS:
            raise ValueError(f"{path}: layer {layer} has {len(arrays)} arrays, expected 1, 2, or 4 of batch norm")
        for part, array in zip(_PARTS[len(arrays)], arrays, strict=True):
            state[f"{re.sub('[/-]', '_', layer)}.{part}"] = torch.tensor(array)
    return state


def fill(network: nn.Module, state: dict[str, Tensor], path: Path) -> None:
    """Copy parameters into a network that has exactly these.

    Args:
        network: The network.
        state: Its parameters by name.
        path: File that they come from, for the message.

    Raises:
        ValueError: A name or a shape differs.
    """
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path}: weights of another network: {reason[:300]}") from error


def n_classes(classes: int | str | None, state: dict[str, Tensor] | None, layer: str, published: int) -> int | None:
    """Outputs of the last layer that a recipe asks for.

    Args:
        classes: A number, None for no such layer, or `trained` for as many as the weights have.
        state: Parameters by our names; None for random ones.
        layer: Name of that layer.
        published: Outputs of the published network, which `trained` means for random parameters.

    Returns:
        The number, or None.

    Raises:
        ValueError: It is another word, or the weights have no such layer.
    """
    if not isinstance(classes, str):
        return classes
    if classes != "trained" or (state is not None and f"{layer}.weight" not in state):
        found = "there are no weights" if state is None else f"the weights have {', '.join(state)[:200]}"
        raise ValueError(f"classes {classes!r}: expected a number, or 'trained' and weights of {layer}; {found}")
    return published if state is None else len(state[f"{layer}.weight"])
