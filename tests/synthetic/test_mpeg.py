import numpy as np
import pytest

from poseattn.synthetic.mpeg import write_mp4, write_mpg
from poseattn.video.decode import Video


def frames(number: int) -> list[np.ndarray]:
    return [np.full((120, 160, 3), (40 + 10 * index, 90, 200), np.uint8) for index in range(number)]


def test_a_video_comes_back_with_its_codec_rate_length_and_colours(tmp_path):
    write_mpg(tmp_path / "v.mpg", frames(12), 30000 / 1001)
    content = (tmp_path / "v.mpg").read_bytes()
    assert content[:4] == b"\x00\x00\x01\xba" and content[4] >> 4 == 0b0010  # pack header of MPEG-1
    with Video(tmp_path / "v.mpg") as video:
        assert abs(video.fps - 29.97) < 0.01
        pictures = [frame.image for frame in video.frames()]
    assert len(pictures) == 12
    assert abs(np.mean(pictures[6], axis=(0, 1)) - (100, 90, 200)).max() < 8


def test_the_same_frames_give_the_same_bytes(tmp_path):
    for name in ("a.mpg", "b.mpg"):
        write_mpg(tmp_path / name, frames(5), 30000 / 1001)
    assert (tmp_path / "a.mpg").read_bytes() == (tmp_path / "b.mpg").read_bytes()


def test_a_video_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"folder\.mpg"):
        write_mpg(tmp_path / "no" / "such" / "folder.mpg", frames(3), 30000 / 1001)


@pytest.mark.parametrize("fps", [15.0, 24.0, 25.0, 29.97, 30.0])
def test_an_mp4_has_any_rate_and_the_same_bytes_each_time(tmp_path, fps):
    for name in ("a.mp4", "b.mp4"):
        write_mp4(tmp_path / name, frames(9), fps)
    content = (tmp_path / "a.mp4").read_bytes()
    assert content[4:8] == b"ftyp" and content == (tmp_path / "b.mp4").read_bytes()
    with Video(tmp_path / "a.mp4") as video:
        assert abs(video.fps - fps) < 0.001
        pictures = [frame.image for frame in video.frames()]
    assert len(pictures) == 9
    assert abs(np.mean(pictures[6], axis=(0, 1)) - (100, 90, 200)).max() < 8
