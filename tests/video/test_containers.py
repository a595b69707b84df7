"""Files that are cut off: refused where the container counts what is missing, suspicious where its end is unmarked."""

from pathlib import Path

import av
import numpy as np
import pytest

from poseattn.video.containers import suspicious
from poseattn.video.decode import Video
from poseattn.video.frames import VideoError
from tests.video.rendered import X264, render

FRAGMENTS = {"container_options": {"movflags": "frag_keyframe+empty_moov"}}
INDEXED = {"container_options": {"movflags": "dash+global_sidx+frag_keyframe+empty_moov+skip_trailer"}}
WHOLE = {
    "a.avi": ("mjpeg", {}, {"pixels": "yuvj420p"}),
    "a.mp4": ("libx264", X264, {}),
    "front.mp4": ("libx264", X264, {"container_options": {"movflags": "faststart"}}),
    "old.mov": ("mjpeg", {}, {"pixels": "yuvj420p"}),
    "fragments.mp4": ("libx264", X264, FRAGMENTS),
    "indexed.mp4": ("libx264", X264, INDEXED),
    "a.mkv": ("libx264", X264, {}),
    "a.webm": ("libvpx", {"deadline": "realtime"}, {}),
    "a.flv": ("libx264", X264, {}),
    "a.ts": ("libx264", X264, {}),
    "a.wmv": ("wmv2", {}, {"format": "asf"}),
}


def _seen(path: Path) -> str:
    """Why a file is refused, or why it is suspicious."""
    try:
        with Video(path) as video:
            for _ in video.frames([]):
                pass
    except VideoError as error:
        return f"bad: {error}"
    return suspicious(path)


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_file_raises_no_doubt_and_a_cut_one_is_refused(tmp_path: Path, name: str) -> None:
    codec, options, more = WHOLE[name]
    path = render(tmp_path / name, codec, 40, options, size=(320, 240), **more)
    content = path.read_bytes()
    assert _seen(path) == ""
    for kept in (0.97, 0.8, 0.6, 0.3):
        path.write_bytes(content[: int(kept * len(content))])
        assert _seen(path).startswith("bad: "), kept


TAILS = {
    "one zero": bytes(1),
    "three zeros": bytes(3),
    "a sector of zeros": bytes(4096),
    "text": b"appended by a tool\n",
    "a tag": b"TAG" + b"x" * 125,
    "any bytes": bytes(number * number % 251 for number in range(500)),
}
BOXES = ["a.mp4", "front.mp4", "old.mov", "fragments.mp4", "indexed.mp4"]


@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS)
@pytest.mark.parametrize("name", [*BOXES, "a.avi", "a.ts"])
def test_what_a_tool_appends_costs_no_video(tmp_path: Path, name: str, tail: bytes) -> None:
    codec, options, more = WHOLE[name]
    path = render(tmp_path / name, codec, 12, options, **more)
    path.write_bytes(path.read_bytes() + tail)
    last = {".ts": "packet of MPEG-TS"}.get(path.suffix, "box")
    doubt = f"{len(tail)} byte{'s' * (len(tail) > 1)} behind the last {last}"
    assert _seen(path) == ("" if path.suffix == ".avi" else doubt)


@pytest.mark.parametrize("name", BOXES)
def test_a_box_that_is_cut_off_is_no_tail(tmp_path: Path, name: str) -> None:
    """Whatever the size of the file that is left: in the data, in a header of 8 or of 16 bytes."""
    codec, options, more = WHOLE[name]
    path = render(tmp_path / name, codec, 30, options, **more)
    content = path.read_bytes()
    places = [
        content.index(b"mdat") + 100,
        content.rindex(b"mdat") + 100,
        content.rindex(b"mdat") + 4,
        len(content) - 1,
    ]
    for kept in places:
        path.write_bytes(content[:kept])
        with pytest.raises(VideoError, match="^the file is cut off after "):
            Video(path)
    for begun in (b"\0\0\1\0mo", b"\0\0\1\0moof" + bytes(40), b"\0\0\0\1mdat\0\0", b"\0\0\1\0free"):
        path.write_bytes(content + begun)
        with pytest.raises(VideoError, match="^the file is cut off after "):
            Video(path)


def test_a_fragment_without_its_data_is_cut_off(tmp_path: Path) -> None:
    path = render(tmp_path / "a.mp4", "libx264", 40, X264, **FRAGMENTS)
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"mdat") - 4])
    with pytest.raises(VideoError, match="^the file is cut off after "):
        Video(path)


def test_a_box_with_a_name_of_its_maker_is_a_box(tmp_path: Path) -> None:
    path = render(tmp_path / "a.mp4", "libx264", 12, X264)
    content = path.read_bytes()
    path.write_bytes(content + b"\0\0\0\x0cSDLNabcd")
    assert _seen(path) == ""
    path.write_bytes(content + b"\0\0\0\0free" + bytes(20))
    assert _seen(path) == ""


def test_fragments_that_end_between_two_of_them_are_suspicious(tmp_path: Path) -> None:
    path = render(tmp_path / "a.mp4", "libx264", 40, X264, **FRAGMENTS)
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"moof") - 4])
    assert _seen(path) == "fragments of MP4 whose end nothing marks"


def test_segments_that_an_index_lists_must_be_there(tmp_path: Path) -> None:
    path = render(tmp_path / "a.mp4", "libx264", 40, X264, **INDEXED)
    content = path.read_bytes()
    assert b"sidx" in content
    path.write_bytes(content[: content.rindex(b"moof") - 4])
    with pytest.raises(VideoError, match=rf"^the file is cut off after \d+ of {len(content)} bytes$"):
        Video(path)


def test_a_movie_without_a_type_is_walked_too(tmp_path: Path) -> None:
    """QuickTime before 2005 has no ftyp box."""
    content = render(tmp_path / "a.mov", "mjpeg", 12, pixels="yuvj420p").read_bytes()
    size = int.from_bytes(content[:4], "big")
    box = size.to_bytes(4, "big") + b"free"
    (tmp_path / "old.mov").write_bytes(box + content[8:])
    assert _seen(tmp_path / "old.mov") == ""
    (tmp_path / "cut.mov").write_bytes((box + content[8:])[:-1])
    with pytest.raises(VideoError, match="cut off"):
        Video(tmp_path / "cut.mov")


def test_flv_metadata_count(tmp_path: Path) -> None:
    content = render(tmp_path / "a.flv", options=X264, count=100).read_bytes()
    last = int.from_bytes(content[-4:], "big") + 4
    (tmp_path / "short.flv").write_bytes(content[:-last])
    with pytest.raises(VideoError, match=rf"^the file is cut off after {len(content) - last} of {len(content)} bytes$"):
        Video(tmp_path / "short.flv")
    at = content.index(b"filesize") + 9
    unsized = content[:at] + bytes(8) + content[at + 8 :]
    (tmp_path / "unsized.flv").write_bytes(unsized)
    assert suspicious(tmp_path / "unsized.flv") == ""
    (tmp_path / "torn.flv").write_bytes(unsized[:-100])
    assert suspicious(tmp_path / "torn.flv") == "the last tag of FLV is not whole"


def test_ogg_has_a_last_page(tmp_path: Path) -> None:
    """Pages of sound: no encoder of Theora is at hand, and pages are the same."""
    with av.open(str(tmp_path / "a.ogg"), "w") as container:
        stream = container.add_stream("libopus", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.arange(80_000, dtype=np.int16)[None] * 7, "s16", "mono")
        frame.sample_rate, frame.pts = 48000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    content = (tmp_path / "a.ogg").read_bytes()
    assert suspicious(tmp_path / "a.ogg") == ""
    (tmp_path / "b.ogg").write_bytes(content[: content.rindex(b"OggS")])
    assert suspicious(tmp_path / "b.ogg") == "the last page of Ogg is not marked as the last"
    (tmp_path / "c.ogg").write_bytes(content[:-5])
    with pytest.raises(VideoError, match="cut off"):
        Video(tmp_path / "c.ogg")


def test_an_unfinished_avi_is_suspicious(tmp_path: Path) -> None:
    path = render(tmp_path / "a.avi", "mjpeg", 12, pixels="yuvj420p")
    content = bytearray(path.read_bytes())
    content[4:8] = bytes(4)
    path.write_bytes(content)
    assert _seen(path) == "the AVI header states no size: its writer did not finish"


def test_a_last_sector_of_mpeg_ps_that_is_not_whole(tmp_path: Path) -> None:
    content = render(tmp_path / "a.mpg", "mpeg1video", 40, size=(320, 240)).read_bytes()
    assert len(content) % 2048 == 0
    (tmp_path / "b.mpg").write_bytes(content[:-1000])
    assert suspicious(tmp_path / "b.mpg") == "the last pack of MPEG-PS is not whole, and no end code follows"
    (tmp_path / "c.mpg").write_bytes(content[:-1000] + b"\0\0\1\xb9")
    assert suspicious(tmp_path / "c.mpg") == ""
