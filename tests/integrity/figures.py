"""Figures of many trials: a table for each codec and container, and which goals are missed."""

from collections import defaultdict
from collections.abc import Iterable

from .trials import Trial

GOAL = 0.99  # share of the visible damages that must be seen
GOAL_CODECS = ("h264", "hevc", "vp9", "av1")


def table(trials: Iterable[Trial]) -> str:
    """A line for each codec and container.

    Args:
        trials: All trials but flipped bits, or flipped bits alone.

    Returns:
        The table. "silent" counts visible damages that were not seen; "unseen too" damages that no player shows, and
        that are refused all the same; "count right" seen damages after which every frame still has its number.
    """
    groups: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        groups[trial.case.source.group].append(trial)
    lines = [("codec, file", "damages", "visible", "seen", "share", "silent", "unseen too", "count right")]
    lines += [(group, *_figures(groups[group])) for group in sorted(groups)]
    lines.append(("all", *_figures([trial for group in groups.values() for trial in group])))
    return "\n".join("".join(_cells(line)).rstrip() for line in lines)


def _cells(line: tuple[str, ...]) -> list[str]:
    return [line[0].ljust(18), *(cell.rjust(12) for cell in line[1:])]


def _figures(trials: list[Trial]) -> tuple[str, ...]:
    visible = [trial for trial in trials if trial.change.is_visible]
    seen = [trial for trial in visible if trial.refusal]
    share = f"{len(seen) / len(visible):.1%}" if visible else "-"
    needless = sum(bool(trial.refusal) and not trial.change.is_visible for trial in trials)
    right = sum(trial.keeps_count for trial in seen)
    counts = (len(trials), len(visible), len(seen), share, len(visible) - len(seen), needless, right)
    return tuple(str(count) for count in counts)


def missed_goals(trials: Iterable[Trial]) -> list[str]:
    """Codecs whose share of seen damages is below the goal.

    Args:
        trials: All trials; flipped bits have no goal.

    Returns:
        A line for each codec.
    """
    lines = []
    counted = [trial for trial in trials if trial.case.kind != "bits flipped" and trial.change.is_visible]
    for codec in GOAL_CODECS:
        visible = [trial for trial in counted if trial.case.source.group.split()[0] == codec]
        seen = sum(bool(trial.refusal) for trial in visible)
        if seen < GOAL * len(visible):
            lines.append(f"{codec}: {seen} of {len(visible)} visible damages are seen, the goal is {GOAL:.0%}")
    return lines
