import cv2
import numpy as np
import pytest

from poseattn.synthetic.mpeg import write_mp4, write_mpg

SIZE = (160, 120)


def frames(number: int) -> list[np.ndarray]:
    return [np.full((120, 160, 3), (40 + 10 * index, 90, 200), np.uint8) for index in range(number)]


def test_a_video_comes_back_with_its_codec_rate_length_and_colours(tmp_path):
    write_mpg(tmp_path / "v.mpg", frames(12), SIZE, 30000 / 1001)
    content = (tmp_path / "v.mpg").read_bytes()
    assert content[:4] == b"\x00\x00\x01\xba" and content[4] >> 4 == 0b0010  # pack header of MPEG-1
    capture = cv2.VideoCapture(str(tmp_path / "v.mpg"))
    assert abs(capture.get(cv2.CAP_PROP_FPS) - 29.97) < 0.01
    pictures = []
    while (got := capture.read())[0]:
        pictures.append(got[1])
    assert len(pictures) == 12
    assert abs(np.mean(pictures[6], axis=(0, 1)) - (100, 90, 200)).max() < 8


def test_the_same_frames_give_the_same_bytes(tmp_path):
    for name in ("a.mpg", "b.mpg"):
        write_mpg(tmp_path / name, frames(5), SIZE, 30000 / 1001)
    assert (tmp_path / "a.mpg").read_bytes() == (tmp_path / "b.mpg").read_bytes()


def test_a_video_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(OSError, match="the video was not written whole"):
        write_mpg(tmp_path / "no" / "such" / "folder.mpg", frames(3), SIZE, 30000 / 1001)


@pytest.mark.parametrize("fps", [15.0, 24.0, 25.0, 29.97, 30.0])
def test_an_mp4_has_any_rate_and_the_same_bytes_each_time(tmp_path, fps):
    for name in ("a.mp4", "b.mp4"):
        write_mp4(tmp_path / name, frames(9), SIZE, fps)
    content = (tmp_path / "a.mp4").read_bytes()
    assert content[4:8] == b"ftyp" and content == (tmp_path / "b.mp4").read_bytes()
    capture = cv2.VideoCapture(str(tmp_path / "a.mp4"))
    assert abs(capture.get(cv2.CAP_PROP_FPS) - fps) < 0.001
    pictures = []
    while (got := capture.read())[0]:
        pictures.append(got[1])
    assert len(pictures) == 9
    assert abs(np.mean(pictures[6], axis=(0, 1)) - (100, 90, 200)).max() < 8
