"""Flow of clips with lost frames: no field is computed of a frame that nobody saw."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import pytest

from poseattn.video.fields import successive_fields
from poseattn.video.frames import VideoError
from tests.frames import as_frames


def _differences(images: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Flow of a kind that tells which two frames it is of."""
    for first, second in pairwise(images):
        yield np.array([first, second])


@pytest.mark.parametrize("lost", [set(), {0}, {8}, {3}, {3, 4}, {0, 1, 3, 5, 8}, {1, 3, 5, 7}, set(range(8))])
def test_a_field_that_touches_a_lost_frame_is_lost(lost: set[int]) -> None:
    images = [None if number in lost else np.array(number) for number in range(9)]
    found = list(successive_fields(as_frames(images), _differences))
    assert [field.number for field in found] == list(range(8))
    assert [field.time for field in found] == [number / 25 for number in range(8)]
    for number, field in enumerate(found):
        assert field.healthy == (not {number, number + 1} & lost)
        assert field.image.tolist() == [number, number + 1] if field.healthy else field.image is None


@pytest.mark.parametrize("n_frames", [0, 1])
def test_flow_needs_two_frames(n_frames: int) -> None:
    with pytest.raises(VideoError, match=f"^flow needs two frames, the clip has {n_frames}$"):
        list(successive_fields(as_frames([np.array(0)] * n_frames), _differences))
