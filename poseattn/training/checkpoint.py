"""Checkpoints: the trained model with what made it, and the side file from which a killed training goes on."""

import hashlib
import io
import json
import logging
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from poseattn.files import REPAIR, replace_file
from poseattn.networks.torch_files import read_torch

_log = logging.getLogger(__name__)


def save_checkpoint(path: Path, state: dict[str, Tensor] | None, about: dict[str, Any]) -> None:
    """Write a checkpoint; equal arguments give equal bytes.

    Args:
        path: File to write.
        state: Parameters and buffers of the model on the CPU; None where there was nothing to train on.
        about: What made it (run, protocol, seed, note, ...), as JSON can hold it.
    """
    content = {"model": state, "about": json.dumps(about, sort_keys=True)}
    replace_file(path, _bytes(content))


def load_checkpoint(path: Path) -> tuple[dict[str, Tensor] | None, dict[str, Any]]:
    """Read a checkpoint.

    Args:
        path: File that `save_checkpoint` wrote.

    Returns:
        State of the model, or None, and what made it.

    Raises:
        ValueError: The file is no checkpoint or is damaged.
        OSError: It cannot be opened.
    """
    content = read_torch(path)
    if not isinstance(content, dict) or content.keys() != {"model", "about"} or not _is_state(content["model"]):
        raise ValueError(f"{path}: not a checkpoint: {REPAIR}")
    try:
        about = json.loads(content["about"])
    except (TypeError, ValueError, RecursionError):
        about = None
    if not isinstance(about, dict):
        raise ValueError(f"{path}: not a checkpoint: it does not say what made it")
    return content["model"], about


class SideFile:
    """Progress of a training, replaced every so often and deleted when its result is there.

    A training goes on only from its own progress: anything that made it (run, code, manifest, ...) is in its identity.

    Args:
        path: The file, beside the checkpoint.
        identity: Everything that the numbers of the training depend on, as JSON can hold it.
        unit: What the entries of the history in the progress count.
    """

    def __init__(self, path: Path, identity: dict[str, Any], unit: str = "epoch") -> None:
        self.path, self._unit = path, unit
        self._identity = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    def load(self) -> dict[str, Any] | None:
        """Progress saved last; None, with a line in the log, if there is none or another training left it."""
        if not self.path.exists():
            return None
        try:
            progress = read_torch(self.path)
        except ValueError:
            progress = None
        if not isinstance(progress, dict) or progress.get("identity") != self._identity:
            reason = "damaged" if progress is None else "from another run, code, manifest or input"
            _log.info("starting anew: %s is %s", self.path, reason)
            return None
        _log.info("going on after %s %d of %s", self._unit, len(progress["history"]), self.path)
        return progress

    def save(self, progress: dict[str, Any]) -> None:
        """Replace the progress."""
        # Waiting for the disk every time would cost more than the epochs that a power cut loses.
        replace_file(self.path, _bytes(progress | {"identity": self._identity}), durable=False)

    def delete(self) -> None:
        """Remove the file, and what a kill in the middle of `save` left."""
        self.path.unlink(missing_ok=True)
        self.path.with_name(self.path.name + ".part").unlink(missing_ok=True)


def _bytes(content: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()  # torch.save to a file turns a full disk into an error that no longer says so
    torch.save(content, buffer)
    return buffer.getvalue()


def _is_state(content: object) -> bool:
    """Whether this is the state of a model, or None."""
    if content is None:
        return True
    named = isinstance(content, dict) and all(isinstance(name, str) for name in content)
    return named and all(isinstance(value, Tensor) for value in content.values())
