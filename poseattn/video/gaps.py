"""Frames that are missing between two others, by their time stamps and by the numbers in the pictures.

A jump of the time stamps alone proves nothing: the rate of many intact videos varies. It is a lost frame if the numbers
in the pictures jump too, or if the bytes between are known to be damaged. Where pictures have no numbers, one or two
short jumps in a video that is regular otherwise count as lost frames at its end.
"""

from collections import Counter

from poseattn.video.picture_order import Coded

_MOST_JUMPS, _LONGEST_JUMP = 2, 3  # jumps that nothing explains in a video of constant rate; frames of each
_REGULAR = 10  # usual intervals that establish a constant rate
_ENOUGH = 3  # steps between pictures that establish the usual step


class Gaps:
    """Follow the frames of a track in the order of presentation.

    Args:
        interval: Usual time between two frames, in units of the time stamps.
        has_times: Whether the time stamps are times of presentation; else they only help to count what damage cost.
    """

    def __init__(self, interval: float, has_times: bool) -> None:
        self._interval, self._has_times = interval, has_times
        self._stamp: int | None = None
        self._coded: Coded | None = None
        self._steps: Counter[int] = Counter()
        self._regular = self._irregular = self._jumps = self._unexplained = 0

    def missing(self, stamp: int | None, coded: Coded | None, after_damage: bool) -> int:
        """Frames that are missing before a frame.

        Args:
            stamp: Its time stamp.
            coded: The numbers in its picture, if they are known.
            after_damage: Whether bytes before it are known to be damaged.

        Returns:
            How many frames are missing for certain.
        """
        by_number = self._by_number(coded)
        by_time = self._by_time(stamp)
        self._stamp, self._coded = stamp, coded
        if after_damage and by_time and self._regular:
            return by_time
        if not self._has_times or by_time is None:
            return by_number or 0
        if not by_time or not self._regular:
            return 0
        if by_number is None and by_time <= _LONGEST_JUMP:
            self._jumps, self._unexplained = self._jumps + 1, self._unexplained + by_time
        elif not by_number:
            self._irregular += 1
        return by_number or 0

    @property
    def unexplained(self) -> int:
        """Frames that seem to be missing from a video of constant rate, at its end."""
        is_constant = (
            self._has_times and not self._irregular and self._regular >= _REGULAR and self._jumps <= _MOST_JUMPS
        )
        return self._unexplained if is_constant else 0

    def _by_time(self, stamp: int | None) -> int | None:
        """Frames for which the time stamps leave room; None if they are not known."""
        if stamp is None or self._stamp is None:
            return None
        passed = stamp - self._stamp
        frames = round(passed / self._interval)
        if abs(passed - frames * self._interval) > 1 + self._interval / 50:
            self._irregular += 1
            return 0
        self._regular += frames == 1
        return max(frames - 1, 0)

    def _by_number(self, coded: Coded | None) -> int | None:
        """Pictures that are missing by their numbers; None if these say nothing."""
        if coded is None or self._coded is None or coded.starts:
            return None
        step = (coded.order - self._coded.order) % coded.modulus
        usual = max(self._steps, key=lambda one: self._steps[one]) if self._steps else 0
        if step < coded.modulus // 2:
            self._steps[step] += 1
        if not usual or self._steps.total() <= _ENOUGH or step % usual or step >= coded.modulus // 2:
            return None
        return max(step // usual - 1, 0)
