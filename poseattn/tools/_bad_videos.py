"""Go on after a video that cannot be used: its line says why, and an error comes at the end."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from poseattn.messages import one_line, printable, say
from poseattn.tools._trained_runs import RunError


class Bad:
    """Videos that could not be used so far."""

    def __init__(self) -> None:
        self._said: dict[Path, str] = {}

    @contextmanager
    def noting(self, video: Path) -> Iterator[None]:
        """Note what goes wrong inside the block and go on after it; faults of the run itself end the command.

        Args:
            video: The file.
        """
        try:
            yield
        except (RunError, BrokenPipeError):  # the latter is of the reader of our lines
            raise
        except (ValueError, OSError) as error:
            said = one_line(error)
            name = printable(video)
            self._said[video] = said if said.startswith(name) else f"{name}: {said}"
            say(self._said[video], sys.stderr)

    def report(self, n_videos: int) -> None:
        """End with an error if a video could not be used.

        Args:
            n_videos: How many there were.

        Raises:
            ValueError: One could not be used.
        """
        if self._said:
            raise ValueError(
                f"{len(self._said)} of {n_videos} videos could not be used: {'; '.join(self._said.values())}"
            )


def check_folder(out: Path) -> None:
    """Refuse a file where the folder of results belongs.

    Args:
        out: The folder, whether or not it is there.

    Raises:
        ValueError: There is a file.
    """
    if out.exists() and not out.is_dir():
        raise ValueError(f"out: {out} is a file, expected a folder")
