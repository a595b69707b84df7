"""Skeleton files of NTU RGB+D (Shahroudy et al. 2016): text written frame by frame by a Kinect v2.

Line 1 has the number of frames. Each frame has a line with its number of bodies; each body a line of ten values that
starts with its id, a line with its number of joints (25), and a line of twelve numbers for each joint: x y z (metres),
depth x y, colour x y (pixels), orientation w x y z, tracking state.
"""

import csv
import io
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from poseattn.pose.skeleton import JOINTS, N_JOINTS
from poseattn.pose.tracks import Track
from poseattn.reading import read_input, system_fault

_BODY_VALUES, _JOINT_VALUES = 10, 12
_USED = [0, 1, 2, 5, 6]  # x y z, colour x y
_NUMBER = re.compile(rb"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|[-+]?(nan|inf|1\.#)\w*", re.IGNORECASE)


class _Body(NamedTuple):
    """A body in one frame; `line` is that of its first joint, lines and frames count from 0."""

    body_id: str
    frame: int
    line: int


def read_skeleton(path: Path) -> tuple[int, list[Track]]:
    """Read a skeleton file; line ends may be CR LF or LF.

    Args:
        path: File such as `nturgb+d_skeletons/S001C001P001R001A001.skeleton`.

    Returns:
        Number of frames, and every body in order of first appearance, joined over the frames by its id.

    Raises:
        ValueError: The file is cut off or has a wrong count, text for a number, a position that is no number, no frame
            or no body; the message names the file and the line.
        OSError: The file cannot be read.
        MemoryError: Its numbers do not fit into memory.
    """
    content = read_input(path)
    try:
        lines = content.rstrip().splitlines()
        n_frames, bodies = _outline(lines)
        joints = _joints(lines, bodies)
    except ValueError as error:
        if fault := system_fault(error, path):
            raise fault from error
        raise ValueError(f"{path.name} {error}") from None
    rows: dict[str, list[int]] = {}
    for row, body in enumerate(bodies):
        rows.setdefault(body.body_id, []).append(row)
    frame = np.array([body.frame for body in bodies])
    return n_frames, [Track(name, frame[row], joints[row, :, :3], joints[row, :, 3:]) for name, row in rows.items()]


def _outline(lines: list[bytes]) -> tuple[int, list[_Body]]:
    """Number of frames, and where each body of each frame stands."""
    if not lines:
        raise ValueError("is empty")
    n_frames = _count(lines, 0, "frames")
    at, bodies = 1, []
    for frame in range(n_frames):
        n_bodies = _count(lines, at, f"bodies in frame {frame + 1} of {n_frames}")
        first, at = at + 1, at + 1 + n_bodies * (2 + N_JOINTS)
        found = [_body(lines, line, frame) for line in range(first, at, 2 + N_JOINTS)]
        if len({body.body_id for body in found}) < n_bodies:
            raise ValueError(f"has one body twice in frame {frame + 1}, line {first + 1}")
        bodies += found
    if at < len(lines):
        raise ValueError(f"goes on for {len(lines) - at} lines after the last of its {n_frames} frames")
    if not bodies:
        raise ValueError(f"has no body in any of its {n_frames} frames" if n_frames else "has no frames")
    return n_frames, bodies


def _body(lines: list[bytes], at: int, frame: int) -> _Body:
    """The body whose ten values stand in a line."""
    if at + 2 + N_JOINTS > len(lines):
        raise ValueError(f"ends at line {len(lines)}, in the middle of a body of frame {frame + 1}")
    values = lines[at].split()
    if len(values) != _BODY_VALUES:
        raise ValueError(f"line {at + 1} has {len(values)} values, expected the {_BODY_VALUES} of a body")
    if (n_joints := _count(lines, at + 1, "joints")) != N_JOINTS:
        raise ValueError(f"line {at + 2} announces {n_joints} joints, expected {N_JOINTS}")
    return _Body(values[0].decode("ascii", "replace"), frame, at + 2)


def _count(lines: list[bytes], at: int, what: str) -> int:
    """The count that stands alone in a line."""
    if at >= len(lines):
        raise ValueError(f"ends at line {len(lines)}, before the number of {what}")
    text = lines[at].strip()
    if not re.fullmatch(rb"\d{1,9}", text):
        raise ValueError(f"line {at + 1} has {_shown(text)} for the number of {what}")
    return int(text)


def _joints(lines: list[bytes], bodies: list[_Body]) -> np.ndarray:
    """Positions (body, joint, x y z colour-x colour-y); unknown pixels, written as NaN or infinity, become NaN."""
    n_lines = N_JOINTS * len(bodies)
    text = b"\n".join(line for body in bodies for line in lines[body.line : body.line + N_JOINTS])
    text = re.sub(rb"[-+]?1\.#\w+", b"nan", text) if b"#" in text else text  # how Windows writes infinity and NaN
    options = {"header": None, "dtype": np.float64, "quoting": csv.QUOTE_NONE}
    try:
        with np.errstate(over="ignore"):  # an absurd position becomes infinite and is refused below
            table = pd.read_csv(io.BytesIO(text), sep=r"\s+", **options).to_numpy(np.float32)
    except ValueError as error:
        if system_fault(error, Path()):
            raise
        _check(lines, bodies)
        raise ValueError("has joint lines that are no numbers") from None
    if table.shape != (n_lines, _JOINT_VALUES) or np.isnan(table[:, -1]).any():
        _check(lines, bodies)
    if len(bad := np.flatnonzero(~np.isfinite(table[:, :3]).all(axis=1))):
        body, joint = bodies[bad[0] // N_JOINTS], bad[0] % N_JOINTS
        raise ValueError(f"line {body.line + joint + 1} has a position that is no number, of joint {JOINTS[joint]}")
    table = table[:, _USED].reshape(len(bodies), N_JOINTS, len(_USED))
    return np.where(np.isfinite(table), table, np.float32(np.nan))


def _check(lines: list[bytes], bodies: list[_Body]) -> None:
    """Look at every value by itself, slowly, and raise for the first that is wrong."""
    for at in (at for body in bodies for at in range(body.line, body.line + N_JOINTS)):
        values = lines[at].split()
        if len(values) != _JOINT_VALUES:
            raise ValueError(f"line {at + 1} has {len(values)} values, expected the {_JOINT_VALUES} of a joint")
        for value in values:
            if not _NUMBER.fullmatch(value):
                raise ValueError(f"line {at + 1} has {_shown(value)} for a number")


def _shown(text: bytes) -> str:
    """Text of a file as it can be shown in one line."""
    return repr(text[:30].decode("ascii", "replace"))
