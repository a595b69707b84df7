"""Folders of images are read like videos: every image once, in order; one that is missing or broken is told."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from poseattn.video.clip_frames import ClipFrames
from poseattn.video.decode import Video
from poseattn.video.frames import VideoError
from poseattn.video.image_folder import ImageFolder, open_clip
from tests.failing import refuse
from tests.video.rendered import Writer


def _write(folder: Path, n_images: int, height: int = 20, width: int = 30) -> Path:
    """Lossless images 000001.png, 000002.png, ...: image i has blue 9, green i and red 200."""
    folder.mkdir(parents=True)
    for number in range(1, n_images + 1):
        cv2.imwrite(str(folder / f"{number:06}.png"), np.full((height, width, 3), (9, number, 200), np.uint8))
    return folder


def test_images_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """Also where names are not of one length: 10 follows 9."""
    folder = _write(tmp_path / "0001", 12)
    for path in sorted(folder.iterdir()):
        path.rename(folder / f"{int(path.stem)}.png")
    with ImageFolder(folder) as opened:
        assert (opened.fps, opened.width, opened.height) == (30, 30, 20)
        images = [frame.image for frame in opened.frames()]
    assert [image[0, 0].tolist() for image in images] == [[9, number, 200] for number in range(1, 13)]
    assert all(image.shape == (20, 30, 3) and image.dtype == np.uint8 for image in images)


def test_only_wanted_images_are_opened(tmp_path: Path) -> None:
    folder = _write(tmp_path / "a", 6)
    (folder / "000003.png").write_text("no image")
    with ImageFolder(folder) as opened:
        wanted = [frame.image is not None for frame in opened.frames([True, False, False, True])]
        assert wanted == [True, False, False, True, False, False]
        wanted = [frame.image is not None for frame in opened.frames(lambda number, time: number % 3 == 1)]
        assert wanted == [False, True, False] * 2
        assert [frame.image is not None for frame in opened.frames(lambda number, time: time > 0.11)] == [False] * 4 + [
            True
        ] * 2


def test_a_folder_and_a_video_of_the_same_images_are_the_same_clip(tmp_path: Path) -> None:
    folder = _write(tmp_path / "clip", 9, 64, 96)
    writer = Writer(tmp_path / "a.avi", "FFV1", 30, (96, 64))
    for path in sorted(folder.iterdir()):
        writer.write(cv2.imread(str(path)))
    writer.release()
    for part in (("", ""), ("0.1", "0.2")):
        images, videos = (list(ClipFrames(tmp_path, name, *part)) for name in ("clip", "a.avi"))
        np.testing.assert_allclose([one.time for one in images], [one.time for one in videos], atol=1e-6)
        np.testing.assert_allclose([one.image for one in images], [one.image for one in videos], atol=2)
    with open_clip(tmp_path / "a.avi") as video:
        assert isinstance(video, Video)


def test_hidden_files_and_other_files_are_left_aside(tmp_path: Path) -> None:
    folder = _write(tmp_path / "a", 3)
    for name in ("._000001.png", ".DS_Store", "Thumbs.db", "notes.txt"):
        (folder / name).write_text("no image")
    with ImageFolder(folder) as opened:
        assert len(list(opened.frames())) == 3


def test_grey_images_become_colour(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    cv2.imwrite(str(tmp_path / "a/1.jpg"), np.full((16, 24), 77, np.uint8))
    with ImageFolder(tmp_path / "a") as opened:
        ((_, image, _, _),) = opened.frames()
    assert image.shape == (16, 24, 3) and image.min() == image.max() == 77


@pytest.mark.parametrize(
    ("gone", "reason"),
    [
        (["000001.png"], "image 1 is missing: there are 4 images, the first 000002.png, the last 000005.png"),
        (["000003.png"], "image 3 is missing: there are 4 images, the first 000001.png, the last 000005.png"),
        ([f"{number:06}.png" for number in range(1, 6)], "no image in the folder"),
    ],
)
def test_a_missing_image_is_named(tmp_path: Path, gone: list[str], reason: str) -> None:
    folder = _write(tmp_path / "a", 5)
    for name in gone:
        (folder / name).unlink()
    with pytest.raises(VideoError, match=f"^{reason}$"):
        ImageFolder(folder)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("000000.png", "image 000000.png: numbers begin at 1"),
        ("0000003.jpg", "images 0000003.jpg and 000003.png have one number"),
        ("cover.jpg", "image cover.jpg has no number for a name"),
        ("-1.jpg", "image -1.jpg has no number for a name"),
    ],
)
def test_an_image_too_many_is_named(tmp_path: Path, name: str, reason: str) -> None:
    folder = _write(tmp_path / "a", 5)
    (folder / name).write_bytes((folder / "000001.png").read_bytes())
    with pytest.raises(VideoError, match=f"^{reason}"):
        ImageFolder(folder)


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
@pytest.mark.parametrize("lost", [1, 40, 400, 10_000])
def test_a_truncated_image_is_named(tmp_path: Path, suffix: str, lost: int) -> None:
    """However little of it is lost: it never becomes grey rows."""
    rng = np.random.default_rng(0)
    (tmp_path / "a").mkdir()
    for number in (1, 2):
        _, content = cv2.imencode(suffix, rng.integers(0, 256, (40, 50, 3), np.uint8))
        kept = content.tobytes() if number == 1 else content.tobytes()[:-lost]
        (tmp_path / f"a/00000{number}{suffix}").write_bytes(kept)
    with ImageFolder(tmp_path / "a") as opened, pytest.raises(VideoError) as error:
        list(opened.frames())
    assert str(error.value) == f"000002{suffix} is no image, or cut off after {len(kept)} bytes"


@pytest.mark.parametrize("broken", [1, 3])
def test_a_broken_image_is_a_damaged_frame_where_some_may_be(tmp_path: Path, broken: int) -> None:
    """The first one too, although it usually says the size of the pictures."""
    folder = _write(tmp_path / "a", 5)
    (folder / f"{broken:06}.png").write_bytes(b"\x89PNG")
    with ImageFolder(folder, most_damaged=0.2) as opened:
        frames = list(opened.frames())
        assert (opened.height, opened.width) == (20, 30)
    assert [frame.healthy for frame in frames] == [number != broken for number in range(1, 6)]
    assert [frame.image is None for frame in frames] == [number == broken for number in range(1, 6)]
    assert [frame.time for frame in frames] == [number / 30 for number in range(5)]
    assert opened.account.damaged == 1 and opened.account.frames == 5
    with pytest.raises(VideoError, match=f"^00000{broken}.png is no image"), ImageFolder(folder) as opened:
        list(opened.frames())


def test_too_many_broken_images_are_refused(tmp_path: Path) -> None:
    folder = _write(tmp_path / "a", 5)
    for number in (2, 3):
        (folder / f"{number:06}.png").write_bytes(b"")
    with ImageFolder(folder, most_damaged=0.3) as opened, pytest.raises(VideoError) as error:
        list(opened.frames())
    assert str(error.value) == "frames 1 to 2 cannot be decoded: 2 of 5, and at most 30% may be damaged"
    for path in folder.iterdir():
        path.write_bytes(b"")
    with pytest.raises(VideoError, match="^000001.png is no image"):
        ImageFolder(folder, most_damaged=1.0)


def test_an_image_of_another_size_is_named(tmp_path: Path) -> None:
    folder = _write(tmp_path / "a", 3)
    cv2.imwrite(str(folder / "000004.png"), np.zeros((30, 20, 3), np.uint8))
    with ImageFolder(folder) as opened, pytest.raises(VideoError) as error:
        list(opened.frames())
    assert str(error.value) == "000004.png has 20 x 30 pixels, 000001.png has 30 x 20"


def test_a_folder_or_an_image_that_is_gone_is_no_bad_clip(tmp_path: Path) -> None:
    folder = _write(tmp_path / "a", 3)
    with ImageFolder(folder) as opened:
        (folder / "000002.png").unlink()
        with pytest.raises(FileNotFoundError, match="a/000002.png"):
            list(opened.frames())
    for path in (tmp_path / "none", tmp_path / "none.jpg"):
        with pytest.raises(FileNotFoundError, match=str(path)):
            open_clip(path)


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.ESTALE, errno.EMFILE])
def test_a_fault_of_the_system_is_no_bad_clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    folder = _write(tmp_path / "a", 3)
    refuse(monkeypatch, folder / "000003.png", number)
    with ImageFolder(folder) as opened, pytest.raises(OSError, match="a/000003.png") as raised:
        list(opened.frames())
    assert raised.value.errno == number
    refuse(monkeypatch, folder, number)
    with pytest.raises(OSError, match=f"{folder}'") as raised:
        open_clip(folder)
    assert raised.value.errno == number


def test_a_fifo_among_images_is_refused_at_once(tmp_path: Path) -> None:
    folder = _write(tmp_path / "a", 2)
    os.mkfifo(folder / "000003.png")
    with ImageFolder(folder) as opened, pytest.raises(VideoError, match="^000003.png is a FIFO, expected a file$"):
        list(opened.frames())


_TOO_LITTLE = """
import resource, sys
from pathlib import Path
from poseattn.video.image_folder import ImageFolder
small, large = map(Path, sys.argv[1:])
ImageFolder(large)
size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + (40 << 20), -1))
ImageFolder(small)
try:
    ImageFolder(large)
except MemoryError as error:
    print(error)
"""


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_an_image_without_the_memory_for_it_is_no_bad_clip(tmp_path: Path, suffix: str) -> None:
    for name, shape in (("small", (20, 30, 3)), ("large", (4000, 5000, 3))):
        cv2.imwrite(str(tmp_path / f"{name}{suffix}"), np.zeros(shape, np.uint8))
    files = [str(tmp_path / f"{name}{suffix}") for name in ("small", "large")]
    done = subprocess.run([sys.executable, "-c", _TOO_LITTLE, *files], text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{files[1]}: out of memory")


def write_lying(path: Path, orientation: int) -> np.ndarray:
    """Write a JPEG file whose EXIF says how to turn it; returns it as it is stored (row, col, bgr)."""
    rng = np.random.default_rng(0)
    image = cv2.resize(rng.integers(0, 256, (4, 6, 3), np.uint8), (60, 40), interpolation=cv2.INTER_NEAREST)
    content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0" + bytes([orientation]) + bytes(6)
    path.write_bytes(content[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2) + exif + content[2:])
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)


def test_own_images_are_upright_and_annotated_ones_as_they_are_stored(tmp_path: Path) -> None:
    """Orientation 6 is a picture that was taken with the camera turned: a quarter turn clockwise shows it upright."""
    (tmp_path / "a").mkdir()
    image = write_lying(tmp_path / "a/1.jpg", 6)
    for path in (tmp_path / "a", tmp_path / "a/1.jpg"):
        with open_clip(path) as upright, open_clip(path, stored=True) as stored:
            assert (upright.width, upright.height) == (40, 60) and (stored.width, stored.height) == (60, 40)
            np.testing.assert_array_equal(next(upright.frames()).image, np.rot90(image, -1))
            np.testing.assert_array_equal(next(stored.frames()).image, image)


@pytest.mark.data
def test_real_images_are_the_frames_of_the_real_video(samples: Path) -> None:
    """40 PNG files of a JHMDB clip, whose video says that it has 48 frames."""
    clip = "catch/Goal_Keeping_Tips_catch_f_cm_np1_fr_med_2"
    images, videos = (
        [frame.image for frame in ClipFrames(samples / "jhmdb", f"{kind}/{clip}{suffix}")]
        for kind, suffix in (("Rename_Images", ""), ("ReCompress_Videos", ".avi"))
    )
    assert len(images) == len(videos) == 40
    assert np.abs(np.array(images, int) - np.array(videos)).mean((1, 2, 3)).max() < 2.1


def test_a_single_image_is_a_clip_of_one_frame(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    for name in ("reading_001.png", "UPPER.PNG"):
        cv2.imwrite(str(tmp_path / name), image)
        (frame,) = ClipFrames(tmp_path, name)
        np.testing.assert_array_equal(frame.image, image)
        assert frame.time == 0
    with open_clip(tmp_path / "UPPER.PNG") as opened:
        assert (opened.width, opened.height) == (30, 20)
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(VideoError, match="^cut.jpg is no image, or cut off after 3 bytes"):
        list(ClipFrames(tmp_path, "cut.jpg"))


def test_no_room_is_made_for_what_a_png_lacks(tmp_path: Path) -> None:
    content = cv2.imencode(".png", np.zeros((20, 30, 3), np.uint8))[1].tobytes()
    at = content.index(b"IDAT") - 4
    for damaged in (content[:-1], content[:at] + b"\x30\0\0\0" + content[at + 4 :], content[: at + 2]):
        (tmp_path / "a.png").write_bytes(damaged)
        with pytest.raises(VideoError, match="a.png is no image, or cut off after"):
            ImageFolder(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes(content + b"more")
    assert ImageFolder(tmp_path / "a.png").height == 20
