"""How stages load the backbone that a recipe names."""

import importlib
import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

_FOLDER = Path(__file__).parents[1] / "backbones"


def backbone_module(recipe: dict[str, Any]) -> ModuleType:
    """File of the backbone that a recipe names.

    Args:
        recipe: Has the key `backbone`.

    Returns:
        The module, with a function `build`.

    Raises:
        ValueError: There is no such file.
    """
    names = sorted(path.stem for path in _FOLDER.glob("[!_]*.py"))
    if recipe["backbone"] not in names:
        raise ValueError(f"recipe: backbone {recipe['backbone']!r}, expected one of {', '.join(names)}")
    return importlib.import_module(f"poseattn.backbones.{recipe['backbone']}")


def build_backbone(recipe: dict[str, Any], weights: Path | None) -> nn.Module:
    """Backbone of a recipe.

    Args:
        recipe: Has the keys `backbone`, `arguments`, `size` and `seed`.
        weights: File of its weights; None for random ones.

    Returns:
        The network, in evaluation mode.

    Raises:
        ValueError: Name, arguments or weights do not fit.
    """
    build = backbone_module(recipe).build
    options = {"weights": weights, "size": recipe["size"], "seed": recipe["seed"], **recipe["arguments"]}
    try:
        inspect.signature(build).bind(**options)
    except TypeError as error:
        raise ValueError(f"recipe: arguments of backbone {recipe['backbone']}: {error}") from error
    return build(**options)
