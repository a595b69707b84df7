"""What stages that go through the clips of a shard share: which are asked for, and what became of each."""

import logging
from pathlib import Path

import pandas as pd

from poseattn.contents import check_contents
from poseattn.manifest import read_manifest, write_status
from poseattn.messages import one_line

_log = logging.getLogger(__name__)
MOVES_NO_NUMBER = ("_OFTEN",)
_OFTEN = 100  # clips between two lines of the log


def asked_clips(manifest: Path, root: Path | None = None) -> pd.DataFrame:
    """Clips of a shard that no protocol leaves out.

    Args:
        manifest: Clips of the shard.
        root: Folder of the data set, if raw files will be read.

    Returns:
        Rows of the manifest.

    Raises:
        ValueError: The file is no manifest, or raw files of a stand-in changed since it was made.
    """
    clips = read_manifest(manifest)
    asked = clips[clips.excluded == ""]
    if root is not None:
        check_contents(root, filter(None, [*asked.path, *asked.pose_path]))
    return asked


class Statuses:
    """What became of each clip that a stage was asked for.

    Args:
        stage: Name of the stage.
        n_asked: How many clips it is asked for.
    """

    def __init__(self, stage: str, n_asked: int) -> None:
        self._stage, self._n_asked = stage, n_asked
        self._rows: list[dict[str, str | int]] = []

    def good(self, clip_id: str, n_frames: int) -> None:
        """Record a clip that is in the shard, with so many frames."""
        self._add(clip_id, n_frames, "")

    def bad(self, clip_id: str, reason: object) -> None:
        """Record a clip that could not be used, and why."""
        _log.warning("%s: %s", clip_id, one_line(reason))
        self._add(clip_id, 0, str(reason))

    def write(self, path: Path) -> None:
        """Write the table that `poseattn.manifest.read_status` reads."""
        write_status(self._rows, path)
        n_good = sum(not row["reason"] for row in self._rows)
        _log.info("%d of %d clips are good", n_good, len(self._rows))

    def _add(self, clip_id: str, n_frames: int, reason: str) -> None:
        self._rows.append({"clip_id": clip_id, "stage": self._stage, "n_frames": n_frames, "reason": reason})
        if len(self._rows) % _OFTEN == 0:
            _log.info("%d of %d clips", len(self._rows), self._n_asked)
