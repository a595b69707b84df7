"""How stages get the backbone that a recipe names, ready to run, and what they record of it."""

import importlib
import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from poseattn.extraction.weights_record import file_attrs, pretrained_name
from poseattn.networks.device import can_compile, device_name, pick_device, set_threads
from poseattn.networks.fuse import for_inference
from poseattn.networks.taps import tapped

_FOLDER = Path(__file__).parents[1] / "backbones"


def backbone_module(recipe: dict[str, Any]) -> ModuleType:
    """File of the backbone that a recipe names.

    Args:
        recipe: Has the key `backbone`, such as `googlenet`, or `timm:resnet18` where a file has many networks.

    Returns:
        The module, with a function `build`.

    Raises:
        ValueError: There is no such file.
    """
    names = sorted(path.stem for path in _FOLDER.glob("[!_]*.py"))
    name = recipe["backbone"].partition(":")[0]
    if name not in names:
        raise ValueError(f"recipe: backbone {recipe['backbone']!r}, expected one of {', '.join(names)}")
    return importlib.import_module(f"poseattn.backbones.{name}")


def build_backbone(recipe: dict[str, Any], weights: Path | None) -> nn.Module:
    """Backbone of a recipe.

    Args:
        recipe: Has the keys `backbone`, `arguments`, `size` and `seed`, and `tap` where features of a layer inside are
            wanted.
        weights: File of its weights; None for random ones.

    Returns:
        The network, in evaluation mode, from images to features (image, channel) or, with a tap of maps, cubes (image,
        row, col, channel); its attribute `channels` counts the last axis.

    Raises:
        ValueError: Name, arguments, weights or tap do not fit.
    """
    build = backbone_module(recipe).build
    words = recipe["backbone"].split(":")[1:]
    options = {"weights": weights, "size": recipe["size"], "seed": recipe["seed"], **recipe["arguments"]}
    try:
        inspect.signature(build).bind(*words, **options)
    except TypeError as error:
        raise ValueError(f"recipe: arguments of backbone {recipe['backbone']}: {error}") from error
    backbone = build(*words, **options)
    if "tap" in recipe:
        backbone.network = tapped(backbone.network, recipe["tap"])
        *grid, backbone.channels = feature_shape(backbone)
        if len(grid) not in (0, 2):
            raise ValueError(
                f"recipe: tap {recipe['tap']!r} of {recipe['backbone']} gives {len(grid) + 1} axes, not 1 or 3"
            )
    return backbone


@torch.inference_mode()
def feature_shape(backbone: nn.Module) -> tuple[int, ...]:
    """Shape of what a backbone makes of one image (or piece of a video), found by giving it one.

    Args:
        backbone: In evaluation mode, on the CPU; its attribute `input_shape` is that of an image.

    Returns:
        Lengths of the axes, channels last.
    """
    return tuple(backbone(torch.zeros(1, *backbone.input_shape, dtype=torch.uint8)).shape[1:])


def ready_backbone(
    recipe: dict[str, Any], files: list[Path], threads: int, device: str
) -> tuple[nn.Module, tuple[int, ...], dict[str, Any]]:
    """Backbone of an extraction, rewritten for speed on its device.

    Args:
        recipe: As for `build_backbone`, `weights` (pretrained, standin or random), and perhaps whether to `compile`.
        files: File of its weights; none for random ones.
        threads: CPU threads.
        device: `auto`, `cpu` or `cuda`.

    Returns:
        The backbone, the shape of what it makes of an image, and what the shard's attributes say of it.

    Raises:
        ValueError: The recipe lacks a key, or something in it or a file does not fit.
    """
    set_threads(threads)
    where = pick_device(device)
    try:
        name = _weights_name(recipe, files)
        attrs = {"weights": name, "backbone": recipe["backbone"]} | (file_attrs(name, files[0]) if files else {})
        backbone = build_backbone(recipe, files[0] if files else None)
    except KeyError as error:
        raise ValueError(f"recipe: key {error} is missing") from error
    shape = feature_shape(backbone)
    backbone.network = for_inference(backbone.network, where)
    attrs |= {"device": device_name(where), "threads": threads}
    if recipe.get("compile"):
        attrs["compiled"] = int(can_compile(where))  # what ran, where the recipe says what was asked for
    return backbone.to(where), shape, attrs | ({"tap": recipe["tap"]} if "tap" in recipe else {})


def _weights_name(recipe: dict[str, Any], files: list[Path]) -> str:
    """What tables say of the weights."""
    kind = recipe["weights"]
    if kind not in ("pretrained", "standin", "random"):
        raise ValueError(f"recipe: weights {kind!r}, expected pretrained, standin or random")
    if len(files) != (kind != "random"):
        raise ValueError(f"recipe: weights {kind!r} with {len(files)} weights files, expected {int(kind != 'random')}")
    return kind if kind != "pretrained" else pretrained_name(backbone_module(recipe), files[0])
