"""Pictures of clips: any frame by itself, and stacks of five flow fields whose channels follow each other."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from poseattn.shards import images as stored_images
from poseattn.shards.images import FlowStacks, Frames, open_images
from poseattn.shards.jpegs import HEADER, LAYOUT, read_frame, write_clip
from poseattn.shards.shard import ShardWriter
from poseattn.video.flow_codes import as_grey
from tests.frames import as_frames


def _write(path: Path, kind: str, clips: dict[str, list[np.ndarray]]) -> Path:
    with ShardWriter(path, **HEADER | {"kind": kind}, recipe="{}", code="", attrs={"layout": LAYOUT}) as writer:
        for clip_id, images in clips.items():
            write_clip(writer, clip_id, as_frames(images), 100)
    return path


def test_frames_of_several_shards(tmp_path: Path) -> None:
    images = {
        name: [np.full((8, 16, 3), value, np.uint8) for value in (first, first + 1, 99)]
        for name, first in (("a", 10), ("b", 20))
    }
    images_of = open_images([_write(tmp_path / f"{name}.h5", "jpegs", {name: images[name]}) for name in images])
    assert isinstance(images_of, Frames) and images_of.channels == 3
    assert images_of.length("b") == 3
    np.testing.assert_allclose(images_of.time("b"), [0, 0.04, 0.08])
    found = images_of.read("b", [2, 0, 0])
    assert found.shape == (3, 8, 16, 3) and found.dtype == np.uint8
    assert found[:, 0, 0, 0].tolist() == [99, 20, 20]


def test_stacks_follow_the_fields(tmp_path: Path) -> None:
    """Field i is 10 i along x and 10 i + 5 along y; the clip has one frame more than fields."""
    fields = [
        as_grey(np.dstack([np.full((8, 8), 10 * i), np.full((8, 8), 10 * i + 5)]).astype(np.uint8)) for i in range(7)
    ]
    stacks = open_images([_write(tmp_path / "a.h5", "flow", {"a": fields})])
    assert isinstance(stacks, FlowStacks) and stacks.channels == 10
    assert stacks.length("a") == 8
    np.testing.assert_allclose(stacks.time("a"), np.arange(8) / 25)
    found = stacks.read("a", [1, 7])
    assert found.shape == (2, 8, 8, 10)
    assert found[0, 3, 3].tolist() == [10, 15, 20, 25, 30, 35, 40, 45, 50, 55]
    assert found[1, 3, 3].tolist() == [60, 65] * 5


@pytest.mark.parametrize("n_fields", [1, 3, 12])
def test_a_stream_gives_every_picture_and_decodes_each_once(
    tmp_path: Path, n_fields: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []

    def counted(*place: Any) -> np.ndarray:
        decoded.append(place[-1])
        return read_frame(*place)

    monkeypatch.setattr(stored_images, "read_frame", counted)
    rng = np.random.default_rng(0)
    fields = [rng.integers(0, 256, (16, 8), np.uint8) for _ in range(n_fields)]
    stacks = open_images([_write(tmp_path / "a.h5", "flow", {"a": fields})], 4)
    frames = list(stacks.stream("a"))
    assert decoded == list(range(n_fields))
    assert stacks.channels == 8 and len(frames) == n_fields + 1
    np.testing.assert_array_equal([frame.image for frame in frames], stacks.read("a", range(n_fields + 1)))
    np.testing.assert_array_equal([frame.time for frame in frames], stacks.time("a"))


def test_a_stream_of_frames(tmp_path: Path) -> None:
    images = [np.full((8, 16, 3), value, np.uint8) for value in (10, 20, 30)]
    frames = open_images([_write(tmp_path / "a.h5", "jpegs", {"a": images})])
    found = [(int(frame.image[0, 0, 0]), frame.time) for frame in frames.stream("a")]
    assert found == [
        (10, 0),
        (20, 0.04),
        (30, 0.08),
    ]


@pytest.mark.parametrize("fields", [1, 2, 5])
def test_a_stack_with_a_lost_field_is_lost(tmp_path: Path, fields: int) -> None:
    """A literal loop: the last field is repeated after the end, so that frames before it need it too."""
    lost = {2, 3, 8}
    images = [None if number in lost else np.full((8, 4), 9 * number, np.uint8) for number in range(9)]
    stacks = open_images([_write(tmp_path / "a.h5", "flow", {"a": images, "b": images[4:8]})], fields)
    expected = [not lost & {min(frame + place, 8) for place in range(fields)} for frame in range(10)]
    assert (stacks.healthy("a") > 0).tolist() == expected and stacks.healthy("b") is None
    for frame, healthy in zip(stacks.stream("a"), expected, strict=True):
        assert frame.healthy == healthy and (frame.image is None) != healthy
        if healthy:
            np.testing.assert_array_equal(frame.image, stacks.read("a", [frame.number])[0])


def test_other_shards_are_refused(tmp_path: Path) -> None:
    with ShardWriter(
        tmp_path / "a.h5", kind="cubes", axes="frame", units="1", recipe="{}", code="", empty=((), np.float16)
    ):
        pass
    with pytest.raises(ValueError, match="kind is 'cubes', expected jpegs or flow"):
        open_images([tmp_path / "a.h5"])


def test_any_number_of_fields_and_where_whole_stacks_begin(tmp_path: Path) -> None:
    fields = [as_grey(np.full((8, 8, 2), 10 * i, np.uint8)) for i in range(7)]
    clips = {"long": fields, "short": fields[:2], "none": []}
    for n_fields, n_snippets in ((5, 3), (1, 7), (10, 1)):
        stacks = open_images([_write(tmp_path / f"{n_fields}.h5", "flow", clips)], n_fields)
        assert stacks.channels == 2 * n_fields
        assert stacks.read("long", [0]).shape == (1, 8, 8, 2 * n_fields)
        assert stacks.snippets("long") == n_snippets
        assert stacks.snippets("short") == (2 if n_fields == 1 else 1)
        assert stacks.snippets("none") == 0
    frames = open_images([_write(tmp_path / "a.h5", "jpegs", {"a": [np.zeros((8, 8, 3), np.uint8)] * 4})])
    assert frames.snippets("a") == 4


def test_mirrored_as_a_mirrored_video_has_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (2, 4, 6, 3), np.uint8)
    frames = open_images([_write(tmp_path / "a.h5", "jpegs", {"a": [colours[0]]})])
    np.testing.assert_array_equal(frames.mirrored(colours), colours[:, :, ::-1])
    codes = rng.integers(1, 256, (2, 4, 6, 10), np.uint8)
    stacks = open_images([_write(tmp_path / "b.h5", "flow", {"b": [as_grey(codes[0, ..., :2])]})])
    found = stacks.mirrored(codes)
    for channel in range(10):
        expected = codes[:, :, ::-1, channel].astype(int)
        np.testing.assert_array_equal(found[..., channel], expected if channel % 2 else 256 - expected)
