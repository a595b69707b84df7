"""What stages that go through the clips of a shard share: which are asked for, and what became of each."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from poseattn.clips.manifest import write_status
from poseattn.clips.shard_clips import join_uses, read_clips, read_uses
from poseattn.clips.standin_record import check_contents
from poseattn.messages import one_line
from poseattn.shards.shard import SideArray
from poseattn.video.clip_frames import ClipFrames
from poseattn.video.damage import Policy
from poseattn.video.frames import Account

_log = logging.getLogger(__name__)
MOVES_NO_NUMBER = ("_OFTEN",)
_OFTEN = 100  # clips between two lines of the log
_NONE = Account()  # of a stage that opens no video


def asked_clips(manifest: Path, root: Path | None = None, uses: Sequence[Path] = ()) -> pd.DataFrame:
    """Clips of a shard that no protocol leaves out.

    Args:
        manifest: Clips of the shard.
        root: Folder of the data set, if raw files will be read.
        uses: What the protocols do with the clips, if that matters: one table.

    Returns:
        Rows of the manifest, with the columns of `uses`.

    Raises:
        ValueError: The file is no manifest, or raw files of a stand-in changed since it was made.
    """
    clips = read_clips(manifest)
    if uses:
        clips = join_uses(clips, read_uses(*uses))
    asked = clips[clips.excluded == ""]
    if root is not None:
        check_contents(root, filter(None, [*asked.path, *asked.pose_path]))
    return asked


def videos_of(root: Path, policy: Policy) -> Callable[[Any], ClipFrames]:
    """What opens the video of a row of a manifest.

    Args:
        root: Folder of the data set.
        policy: What becomes of damaged videos.

    Returns:
        Function from a row to the frames of its clip; nothing is decoded before they are asked for.
    """
    return lambda clip: ClipFrames(root, clip.path, clip.start, clip.end, policy.decoding.of(clip.pose_path))


def healthy_side(policy: Policy, axis: str) -> dict[str, SideArray]:
    """Side array `healthy` of a shard, 0 where a frame was lost; only shards with `damaged: keep` have it.

    Args:
        policy: What becomes of damaged videos.
        axis: Rows of the shard, such as `frame`.

    Returns:
        The array by name, or nothing.
    """
    return {"healthy": SideArray(axis, "1")} if policy.keeps else {}


class Statuses:
    """What became of each clip that a stage was asked for.

    Args:
        stage: Name of the stage.
        n_asked: How many clips it is asked for.
    """

    def __init__(self, stage: str, n_asked: int) -> None:
        self._stage, self._n_asked = stage, n_asked
        self._rows: list[dict[str, str | int]] = []

    def good(self, clip_id: str, n_frames: int, account: Account = _NONE) -> None:
        """Record a clip that is in the shard, with so many frames, and what became of the frames of its file."""
        self._add(clip_id, n_frames, account, "")

    def bad(self, clip_id: str, reason: object, account: Account = _NONE) -> None:
        """Record a clip that could not be used, why, and what became of the frames of its file."""
        _log.warning("%s: %s", clip_id, one_line(reason))
        self._add(clip_id, 0, account, str(reason))

    def write(self, path: Path) -> None:
        """Write the table that `poseattn.clips.manifest.read_status` reads."""
        write_status(self._rows, path)
        n_good = sum(not row["reason"] for row in self._rows)
        _log.info("%d of %d clips are good", n_good, len(self._rows))
        if kept := sum(int(row["damaged"]) for row in self._rows if not row["reason"]):
            _log.warning("%d damaged frames in good clips", kept)

    def _add(self, clip_id: str, n_frames: int, account: Account, reason: str) -> None:
        row = {"clip_id": clip_id, "stage": self._stage, "n_frames": n_frames, "reason": reason}
        self._rows.append(row | account._asdict())
        if len(self._rows) % _OFTEN == 0:
            _log.info("%d of %d clips", len(self._rows), self._n_asked)
