"""One damage to one video: what it does to the frames that are shown, and what poseattn says of it."""

import functools
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from poseattn.checks.judge import BAD, UNREAD, judge
from poseattn.video.clip_frames import ClipFrames
from poseattn.video.decode import Video
from poseattn.video.frames import VideoError

from .damages import KINDS, Damage, damage
from .sources import Source
from .truth import Change, change, shown

CRASH = "crash:"  # how a refusal begins that is none


class Case(NamedTuple):
    """A damage to be done: its number, which with the seed says all about it."""

    number: int
    source: Source
    kind: str
    seed: int


class Trial(NamedTuple):
    """What came of a case: `refusal` is the message of poseattn, empty if it took the file for good."""

    case: Case
    damage: Damage
    change: Change
    refusal: str
    keeps_count: bool

    @property
    def is_missed(self) -> bool:
        """Whether the damage is visible and poseattn says nothing."""
        return self.change.is_visible and not self.refusal

    @property
    def is_crash(self) -> bool:
        """Whether poseattn ended with a mistake of its own."""
        return self.refusal.startswith(CRASH)

    def in_words(self) -> str:
        """The case with all that is needed to make it again."""
        lost, changed = self.change.lost, self.change.changed
        seen = f"{len(changed)} frames changed{f' from {changed[0]} on' if changed else ''}, {lost} lost"
        return f"{self.case.number}: {self.case.source.name}: {self.damage.kind}: {self.damage.what}: {seen}"


def draw(sources: list[Source], n_damages: int, seed: int) -> list[Case]:
    """Every kind of damage to each source in turn, until there are enough; flipped bits are not counted.

    Args:
        sources: Intact videos.
        n_damages: How many damages other than flipped bits.
        seed: Of places and sizes.

    Returns:
        The cases. A case stays the same when more or fewer are asked for.
    """
    per_round = len(KINDS) - 1
    n_cases = n_damages + (n_damages - 1) // per_round
    return [nth_case(sources, number, seed) for number in range(n_cases)]


def nth_case(sources: list[Source], number: int, seed: int) -> Case:
    """A case by its number."""
    kind = KINDS[number % len(KINDS)]
    return Case(number, sources[number // len(KINDS) % len(sources)], kind, seed)


def damaged_file(case: Case, folder: Path) -> tuple[Path, Damage]:
    """Write the damaged copy of a case.

    Args:
        case: The case.
        folder: Where it goes.

    Returns:
        The file and what was done to it.
    """
    content, done = damage(case.source.path, case.kind, np.random.default_rng([case.seed, case.number]))
    path = folder / f"{case.number}{case.source.path.suffix}"
    path.write_bytes(content)
    return path, done


def run_trial(case: Case, folder: Path) -> Trial:
    """Damage a video, see what a player shows of it, and ask poseattn.

    Args:
        case: The case.
        folder: Where the damaged file goes; it is removed at the end.

    Returns:
        What came of it.
    """
    path, done = damaged_file(case, folder)
    try:
        frames = _intact(case.source.path)
        said = refusal(path)
        return Trial(case, done, change(frames, path), said, bool(said) and _count(path) == len(frames))
    finally:
        os.unlink(path)


@functools.lru_cache(1)
def _intact(path: Path) -> list[np.ndarray]:
    """Frames of the video that the last case was about, too."""
    return list(shown(path))


def refusal(path: Path) -> str:
    """What poseattn says of a file when it tolerates no damage; empty if it takes the file.

    Args:
        path: The file.

    Returns:
        Why stages refuse it as a clip. A mistake of ours, such as another verdict of `check`, is reported as one.
    """
    said = ""
    try:
        for _ in ClipFrames(path.parent, path.name):
            pass
    except VideoError as error:
        said = str(error)
    except Exception as error:
        return f"{CRASH} {type(error).__name__}: {error}"
    verdict = judge(path)
    if verdict.state == UNREAD or (verdict.state == BAD) != bool(said):
        return f"{CRASH} check says {verdict.state} {verdict.reason!r}, stages say {said!r}"
    return said


def _count(path: Path) -> int:
    """Frames, lost ones included, when all damage is tolerated."""
    try:
        with Video(path, most_damaged=1.0) as video:
            return sum(1 for _ in video.frames([]))
    except Exception:  # whichever it is, `refusal` has met it too
        return 0
