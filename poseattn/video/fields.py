"""Flow fields of a clip of which some frames may be lost: nothing is computed of frames that nobody saw."""

from collections.abc import Callable, Iterable, Iterator
from itertools import count, groupby, pairwise

import numpy as np

from poseattn.video.frames import Frame, VideoError

FIELDS = 5  # of a stack (Wang et al. 2016)
Flow = Callable[[Iterable[np.ndarray]], Iterator[np.ndarray]]  # from the frames of a clip to its fields


def successive_fields(frames: Iterable[Frame], flow: Flow) -> Iterator[Frame]:
    """Flow fields of a clip of which some frames may be lost; nothing is computed of these.

    Args:
        frames: With images (row, col, rgb) uint8.
        flow: From the images of successive frames to the fields between them.

    Yields:
        Fields, one fewer than frames, each with the time of the frame that it begins at. A field that touches a lost
        frame is not healthy and has no image.

    Raises:
        VideoError: The clip has fewer than two frames.
    """
    times: list[float] = []  # of all frames so far
    numbers = count()
    for healthy, some in groupby(frames, lambda frame: frame.healthy):
        if times:
            yield Frame(next(numbers), None, times[-1], healthy=False)
        images = _images(some, times)
        first = len(times)
        for at, field in enumerate(flow(images) if healthy else pairwise(images), first):
            yield Frame(next(numbers), field if healthy else None, times[at], healthy)
    if len(times) < 2:
        raise VideoError(f"flow needs two frames, the clip has {len(times)}")


def _images(frames: Iterable[Frame], times: list[float]) -> Iterator[np.ndarray | None]:
    """Images of frames, whose times are noted as they come."""
    for frame in frames:
        times.append(frame.time)
        yield frame.image
