"""Starting a training from the model of another run, all layers but the answer's (Torabi, Sigal 2017, Sec. 5)."""

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from poseattn.training.checkpoint import load_checkpoint

_ANSWER = "classifier."  # the layer whose size is the number of classes


def load_start(path: Path, start: dict[str, Any], seed: int) -> tuple[dict[str, Tensor] | None, str]:
    """Layers to start from.

    Args:
        path: Checkpoint of the other run.
        start: Which one it should be: `dataset` (that of a stand-in has its own name), `run` and `protocol`.
        seed: Of this training; the other one has the same.

    Returns:
        Parameters by name without those of the classifier; or None, and the reason why there is no model.

    Raises:
        ValueError: The checkpoint is of another run, protocol or seed.
    """
    state, about = load_checkpoint(path)
    found = {key: about["run"][key] for key in ("dataset", "run")} | {key: about[key] for key in ("protocol", "seed")}
    asked = start | {"seed": seed}
    if differ := [key for key in found if found[key] != asked[key]]:
        words = ", ".join(f"{key} {found[key]!r}, expected {asked[key]!r}" for key in differ)
        raise ValueError(f"{path}: trained with {words}")
    if state is None:
        return None, f"run {start['run']}, which this one starts from, has no model: {about['note']}"
    return {name: tensor for name, tensor in state.items() if not name.startswith(_ANSWER)}, ""


def copy_layers(model: nn.Module, layers: dict[str, Tensor]) -> None:
    """Set all parameters of a model but those of its classifier, which stay as they are.

    Args:
        model: Network of the same sizes, but for its classes.
        layers: As `load_start` gives them.

    Raises:
        ValueError: The layers are those of another network.
    """
    state = model.state_dict()
    expected = {name: tuple(tensor.shape) for name, tensor in state.items() if not name.startswith(_ANSWER)}
    if expected != (found := {name: tuple(tensor.shape) for name, tensor in layers.items()}):
        names = sorted(name for name in expected | found if expected.get(name) != found.get(name))
        sizes = f"{found.get(names[0], 'not there')}, expected {expected.get(names[0], 'nothing of that name')}"
        raise ValueError(f"start: layers of another network: {names[0]} is {sizes}")
    model.load_state_dict(state | layers)
