"""Show the progress of a long tool in one line of the terminal, which the next line overwrites."""

import sys
import time
from collections.abc import Sequence

_PAUSE = 0.2  # seconds between two lines
_ENOUGH = 2.0  # seconds after which the rate says something


class Progress:
    """Counts files and bytes, and tells the time that is left from the rate of bytes. Silent where no terminal is.

    Args:
        sizes: Bytes of each file.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes, self._is_shown = sizes, sys.stderr.isatty()
        self._begun = self._told = time.monotonic()
        self._files = self._bytes = self._skipped = 0

    def skip(self, place: int) -> None:
        """Count a file that needs no work."""
        self._files += 1
        self._skipped += self._sizes[place]

    def advance(self, place: int) -> None:
        """Count a file that is done, and tell how far it is."""
        self._files += 1
        self._bytes += self._sizes[place]
        now = time.monotonic()
        if self._is_shown and now - self._told > _PAUSE:
            self._told = now
            sys.stderr.write(f"\r\x1b[K{self._text(now - self._begun)}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away, before another one is printed."""
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _text(self, seconds: float) -> str:
        total, rate = sum(self._sizes), self._bytes / seconds
        left = total - self._skipped - self._bytes
        parts = [
            f"{self._files:,} of {len(self._sizes):,} files",
            f"{bytes_in_words(self._skipped + self._bytes)} of {bytes_in_words(total)}",
            f"{bytes_in_words(rate)}/s",
        ]
        parts += [f"{seconds_in_words(left / rate)} left"] if rate and seconds > _ENOUGH else []
        return ", ".join(parts)


def bytes_in_words(count: int | float) -> str:
    """Write bytes in a fitting unit, such as "3.4 MB"."""
    units = iter(("kB", "MB", "GB", "TB"))
    unit = "bytes"
    while count >= 1000 and unit != "TB":
        count, unit = count / 1000, next(units)
    return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"


def seconds_in_words(seconds: int | float) -> str:
    """Write seconds in fitting units, such as "2 min 5 s"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
