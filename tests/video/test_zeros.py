"""Zeros in place of coded pictures, as a file system leaves them: they are no hidden frames and no padding."""

from pathlib import Path

import av
import pytest

from poseattn.video.decode import Video
from poseattn.video.frames import VideoError
from tests.integrity.render import KINDS, render

N_FRAMES, LOST = 16, 9


@pytest.mark.parametrize("name", ["vp9-mp4", "vp8-webm"])
@pytest.mark.parametrize(("begin", "end"), [(0, None), (300, 400)])
def test_zeros_in_a_picture_are_damage(name: str, begin: int, end: int | None, tmp_path: Path) -> None:
    path = render(KINDS[name], tmp_path / f"a{KINDS[name].suffix}", N_FRAMES)
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    assert len(packets) == N_FRAMES
    assert len(packets[LOST]) > 500
    picture = bytearray(packets[LOST])
    picture[begin:end] = bytes(len(picture[begin:end]))
    content = path.read_bytes()
    assert content.count(packets[LOST]) == 1
    with Video(path) as video:
        assert all(frame.healthy for frame in video.frames([]))
    path.write_bytes(content.replace(packets[LOST], picture))
    with pytest.raises(VideoError, match=rf"^frames? {LOST}\b.* cannot be decoded"), Video(path) as video:
        list(video.frames([]))
    with Video(path, most_damaged=1.0) as video:
        frames = list(video.frames([]))
    assert len(frames) == N_FRAMES
    assert [frame.number for frame in frames if not frame.healthy][0] == LOST
