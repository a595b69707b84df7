"""No frame unaccounted for: what is lost or damaged is told, and what is intact is never refused."""

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from poseattn.video.decode import Video, in_words
from poseattn.video.frames import Frame, VideoError
from poseattn.video.source import Source
from tests.video.rendered import X264, number_of, remux, render

X265 = {"crf": "20", "x265-params": "log-level=none:pools=none"}
SVT = {"preset": "12", "crf": "20", "svtav1-params": "lp=1"}
VPX = {"deadline": "realtime", "cpu-used": "8", "auto-alt-ref": "1", "lag-in-frames": "12"}
MJPEG = {"pixels": "yuvj420p"}


def _all(path: Path, most_damaged: float = 1.0) -> tuple[list[Frame], Video]:
    with Video(path, most_damaged) as video:
        return list(video.frames()), video


def _zeroed(path: Path, first: int, last: int, skipped: int = 0) -> Path:
    """Zero the packets from the first to the last, but for some bytes at the beginning of each."""
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    content = bytearray(path.read_bytes())
    for at, size in packets[first : last + 1]:
        content[at + skipped : at + size] = bytes(size - skipped)
    path.write_bytes(content)
    return path


INTACT = {
    "h264.mp4": ("libx264", X264, {}),
    "h264.mkv": ("libx264", X264, {}),
    "h264.ts": ("libx264", X264, {}),
    "h264.flv": ("libx264", X264, {}),
    "h264.h264": ("libx264", X264, {}),
    "h264.avi": ("libx264", X264 | {"bf": "0"}, {}),
    "fragments.mp4": ("libx264", X264, {"container_options": {"movflags": "frag_keyframe+empty_moov"}}),
    "open_gop.mkv": ("libx264", X264 | {"x264-params": "open-gop=1:keyint=10:bframes=3:scenecut=0"}, {}),
    "hevc.mp4": ("libx265", X265, {}),
    "hevc.mkv": ("libx265", X265, {}),
    "av1.mp4": ("libsvtav1", SVT, {}),
    "av1.mkv": ("libsvtav1", SVT, {}),
    "vp9_hidden.webm": ("libvpx-vp9", VPX, {}),
    "vp8_hidden.webm": ("libvpx", VPX, {}),
    "mpeg4_b.avi": ("mpeg4", {"bf": "2"}, {}),
    "mpeg4_b.mp4": ("mpeg4", {"bf": "2"}, {}),
    "mpeg2_b.ts": ("mpeg2video", {"bf": "2"}, {}),
    "mpeg2_b.vob": ("mpeg2video", {"bf": "2"}, {}),
    "mpeg1.mpg": ("mpeg1video", {}, {}),
    "mjpeg.avi": ("mjpeg", {}, MJPEG),
    "ffv1.mkv": ("ffv1", {}, {}),
    "prores.mov": ("prores_ks", {}, {"pixels": "yuv422p10le"}),
    "wmv2.wmv": ("wmv2", {}, {"format": "asf"}),
    "gif.gif": ("gif", {}, {"pixels": "rgb8"}),
}


@pytest.mark.parametrize("name", INTACT)
def test_an_intact_file_is_whole(tmp_path: Path, name: str) -> None:
    """Reordered frames, hidden frames, recordings without a header and containers without times are all intact."""
    codec, options, more = INTACT[name]
    path = render(tmp_path / name, codec, 40, options, **more)
    frames, video = _all(path, 0.0)
    assert [frame.number for frame in frames] == list(range(40)) and all(frame.healthy for frame in frames)
    np.testing.assert_allclose([frame.time for frame in frames], np.arange(40) / 25, atol=6e-3)
    account = video.account
    assert (account.frames, account.damaged, account.errors) == (40, 0, 0)
    assert account.odd_times == (40 if path.suffix == ".h264" else 0)  # a bare stream has no time stamps
    assert account.packets >= 40 and account.stated in (0, 40)
    if codec not in ("gif", "mpeg1video"):
        assert [number_of(frame.image) for frame in frames] == list(range(40))


def test_ten_lost_frames_of_an_avi_keep_their_places_and_times(tmp_path: Path) -> None:
    path = _zeroed(render(tmp_path / "a.avi", "mjpeg", 200, **MJPEG), 50, 59)
    with Video(path) as video, pytest.raises(VideoError) as error:
        seen = []
        for frame in video.frames():
            seen.append(frame.number)
    assert str(error.value) == "frames 50 to 59 cannot be decoded: 10 of 200, and at most 0% may be damaged"
    assert seen == list(range(50))  # nothing after the damage is given to anyone
    frames, video = _all(path, 0.1)
    assert [frame.number for frame in frames if not frame.healthy] == list(range(50, 60))
    assert [frame.time for frame in frames] == pytest.approx(np.arange(200) / 25)
    for frame in frames:
        assert (frame.image is None) if not frame.healthy else number_of(frame.image) == frame.number
    assert (video.account.packets, video.account.frames, video.account.damaged) == (200, 190, 10)
    assert video.account.errors >= 10 and video.account.stated == 200
    with pytest.raises(VideoError, match="10 of 200, and at most 4% may be damaged"):
        _all(path, 0.04)


def test_damage_spreads_to_the_next_key_frame(tmp_path: Path) -> None:
    """Frames that are predicted from a damaged one show what is invented, whether or not the decoder says so."""
    options = X264 | {"x264-params": "keyint=12:min-keyint=12:scenecut=0:bframes=0"}
    path = _zeroed(render(tmp_path / "a.mp4", options=options, count=48), 15, 15, skipped=40)
    frames, _ = _all(path)
    assert [frame.number for frame in frames if not frame.healthy] == list(range(15, 24))
    assert [number_of(frame.image) for frame in frames if frame.healthy] == [*range(15), *range(24, 48)]


DROPPED = {
    "h264.mp4": ("libx264", X264),
    "h264.mkv": ("libx264", X264),
    "hevc.mp4": ("libx265", X265),
    "vp9.webm": ("libvpx-vp9", VPX),
    "av1.mkv": ("libsvtav1", SVT),
    "mpeg4.mp4": ("mpeg4", {}),
}


@pytest.mark.parametrize("name", DROPPED)
@pytest.mark.parametrize("number", [5, 18, 19, 30])
def test_a_packet_that_is_missing_is_seen(tmp_path: Path, name: str, number: int) -> None:
    codec, options = DROPPED[name]
    path = render(tmp_path / name, codec, 40, options)
    copy = remux(path, tmp_path / f"copy{path.suffix}", lambda index: index != number)
    with pytest.raises(VideoError, match="cannot be decoded|missing: the time stamps jump"):
        _all(copy, 0.0)
    whole = remux(path, tmp_path / f"whole{path.suffix}")
    assert len(_all(whole, 0.0)[0]) == 40


def test_a_missing_picture_of_an_avi_is_seen_by_its_number(tmp_path: Path) -> None:
    path = render(tmp_path / "a.avi", options=X264 | {"x264-params": "keyint=12:scenecut=0:bframes=0"}, count=40)
    with pytest.raises(VideoError, match="^frames 15 to 23 cannot be decoded: 9 of 40"):
        _all(remux(path, tmp_path / "b.avi", lambda index: index != 15), 0.0)


TIMES = {
    "changing": [33 * number if number < 20 else 667 + 100 * (number - 19) for number in range(40)],
    "one frame left out by the camera": [40 * (number + (number > 20)) for number in range(40)],
    "many left out": [40 * (number + number // 5) for number in range(40)],
    "a pause of 15 seconds": [40 * number + 15_000 * (number > 19) for number in range(40)],
    "jitter": [40 * number + number * 7 % 5 for number in range(40)],
    "slow": [2000 * number for number in range(40)],
}


@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES)
@pytest.mark.parametrize(("name", "codec", "options"), [("a.mp4", "libx264", X264), ("a.mkv", "libx265", X265)])
def test_a_rate_that_varies_is_intact(
    tmp_path: Path, times: list[int], name: str, codec: str, options: dict[str, str]
) -> None:
    """The numbers in the pictures go on, so that no picture is missing."""
    more = {"x264-params": "keyint=100:min-keyint=100:scenecut=0"} if codec == "libx264" else {}
    frames, _ = _all(render(tmp_path / name, codec, 40, options | more, times, gop=100), 0.0)
    assert len(frames) == 40
    np.testing.assert_allclose([frame.time for frame in frames], np.array(times) / 1000, atol=2e-3)


def test_time_goes_from_the_beginning_of_the_file(tmp_path: Path) -> None:
    """The sound begins at 0 s, the picture at 2 s."""
    path = tmp_path / "a.mov"
    picture = render(tmp_path / "picture.mp4", options=X264, count=40)
    with av.open(str(path), "w") as container, av.open(str(picture)) as source:
        sound = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        track = container.add_stream_from_template(source.streams.video[0])
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 32_000), np.int16), "s16", "mono")
        frame.sample_rate, frame.pts = 8000, 0
        container.mux(sound.encode(frame))
        for packet in source.demux(video=0):
            if packet.size:
                shift = round(2 / packet.time_base)
                packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, track
                container.mux(packet)
    frames, _ = _all(path, 0.0)
    np.testing.assert_allclose([frame.time for frame in frames], 2 + np.arange(40) / 25, atol=1e-3)
    assert [frame.number for frame in frames if 2.5 - 1e-6 <= frame.time < 3.0 - 1e-6] == list(range(13, 25))


def test_frames_before_the_beginning_that_an_edit_list_sets_are_not_shown(tmp_path: Path) -> None:
    path = render(tmp_path / "a.mp4", options=X264, count=40)
    with av.open(str(path)) as source, av.open(str(tmp_path / "b.mp4"), "w") as container:
        track = container.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                shift = round(10 / 25 / packet.time_base)
                packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, track
                container.mux(packet)
    frames, video = _all(tmp_path / "b.mp4", 0.0)
    shown = [number_of(frame.image) for frame in frames]
    assert shown == list(range(40 - len(shown), 40)) and 30 <= len(shown) <= 40
    assert video.account.damaged == 0


def test_the_default_track_is_read_and_never_a_cover(tmp_path: Path) -> None:
    small = render(tmp_path / "small.mp4", options=X264, count=10)
    large = render(tmp_path / "large.mp4", options=X264, count=20, size=(192, 128))
    with (
        av.open(str(tmp_path / "a.mkv"), "w") as container,
        av.open(str(large)) as first,
        av.open(str(small)) as second,
    ):
        tracks = [container.add_stream_from_template(one.streams.video[0]) for one in (first, second)]
        tracks[0].disposition, tracks[1].disposition = 0, av.stream.Disposition.default
        for track, source in zip(tracks, (first, second), strict=True):
            for packet in source.demux(video=0):
                if packet.size:
                    packet.stream = track
                    container.mux(packet)
    frames, video = _all(tmp_path / "a.mkv", 0.0)
    assert (len(frames), video.width) == (10, 96)


@pytest.mark.parametrize("name", ["a.avi", "a.mpg", "a.mp4", "a.mkv", "a.ts"])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_a_read_error_is_never_the_end_of_a_video(
    tmp_path: Path, name: str, share: float, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    codec = {"a.avi": "mjpeg", "a.mpg": "mpeg1video"}.get(name, "libx264")
    path = render(tmp_path / name, codec, 60, size=(320, 240), pixels="yuvj420p" if codec == "mjpeg" else "yuv420p")
    limit, read = int(share * path.stat().st_size) - 5, io.FileIO.read  # at 1.0 the last bytes alone fail

    class Failing(io.FileIO):
        def read(self, size: int = -1) -> bytes:
            if self.tell() + size > limit:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return read(self, size)

    monkeypatch.setattr("poseattn.video.source.open_input", Failing)
    with pytest.raises(OSError, match="Input/output error"):
        _all(path, 1.0)
    assert capfd.readouterr().err == ""  # where PyAV prints errors of reading that it drops


def test_a_file_that_hangs_or_is_none_is_one_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.avi")
    for path, message in ((tmp_path / "a.avi", "a FIFO"), (Path("/dev/zero"), "a device"), (tmp_path, "a folder")):
        with pytest.raises(VideoError, match=f"^{path.name} is {message}, expected a file$"):
            Video(path)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ffconcat version 1.0\nfile other.avi\n", "a list of videos (ffconcat)"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nother.avi\n#EXT-X-ENDLIST\n", "a playlist (m3u8)"),
        ("\ufeff\r\n#EXTM3U\nother.avi\n", "a playlist (m3u8)"),
        ("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nt=0 0\nm=video 5004 RTP/AVP 96\n", "a session description (sdp)"),
        ("[Reference]\nRef1=http://127.0.0.1:9/other.avi\n", "a playlist"),
        ("[playlist]\nFile1=other.avi\n", "a playlist"),
        ("<smil><body><video src='other.avi'/></body></smil>", "an XML text"),
        ("<?xml version='1.0'?><MPD><BaseURL>other.avi</BaseURL></MPD>", "an XML text"),
    ],
)
@pytest.mark.parametrize("suffix", [".mp4", ".avi", ".m3u8", ".sdp", ".ffconcat"])
def test_a_playlist_or_script_is_no_video(tmp_path: Path, text: str, kind: str, suffix: str) -> None:
    render(tmp_path / "other.avi", "mjpeg", 5, **MJPEG)
    (tmp_path / f"a{suffix}").write_text(text, encoding="utf-8")
    with pytest.raises(VideoError) as error:
        Video(tmp_path / f"a{suffix}")
    assert str(error.value) == f"the file is {kind}, not a video"


def test_a_text_that_names_no_video_is_what_ffmpeg_says(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("hello\n")
    with pytest.raises(VideoError, match="^no video that FFmpeg can open: Invalid data"):
        Video(tmp_path / "a.mp4")


def test_a_path_that_looks_like_a_protocol_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    render(tmp_path / "other.avi", "mjpeg", 5, **MJPEG)
    for name in ("file:other.avi", "subfile,,start,0,end,0,,:other.avi", "concat:other.avi"):
        with pytest.raises(FileNotFoundError):
            Video(Path(name))


def test_memory_that_is_out_is_no_fault_of_the_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = render(tmp_path / "a.avi", "mjpeg", 5, **MJPEG)
    source = Source(path)
    with pytest.raises(MemoryError):
        source.translated(av.error.MemoryError(errno.ENOMEM, "Cannot allocate memory"))
    source.close()


@pytest.mark.parametrize("scale", [2_000_000_000, 1_000])
def test_a_rate_that_no_video_has_is_refused(tmp_path: Path, scale: int) -> None:
    path = render(tmp_path / "a.avi", "mjpeg", 3, **MJPEG)
    content = bytearray(path.read_bytes())
    at = content.index(b"vids") + 20  # scale and rate of the stream header
    content[at : at + 8] = scale.to_bytes(4, "little") + (1).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(VideoError, match=r"^the container states .* frames per second, expected at least 0\.01$"):
        Video(path)


def test_a_codec_that_cannot_be_read_is_named_with_the_way_out(tmp_path: Path) -> None:
    path = render(tmp_path / "a.mp4", options=X264, count=5)
    path.write_bytes(path.read_bytes().replace(b"avc1", b"xyz1"))
    with pytest.raises(VideoError, match="codec.*xyz1.*encode it again"):
        Video(path)


def test_damaged_videos_are_the_same_every_time(tmp_path: Path) -> None:
    """Concealed pixels are given to nobody, and what is healthy is equal, in one process and in another."""
    path = _zeroed(render(tmp_path / "a.mp4", options=X264, count=40, size=(320, 240)), 20, 20, skipped=100)
    code = f"""
import hashlib, sys
from pathlib import Path
from poseattn.video.decode import Video
for _ in range(2):
    digest = hashlib.sha256()
    with Video(Path({str(path)!r}), 1.0) as video:
        for frame in video.frames():
            digest.update(repr((frame.number, frame.time, frame.healthy)).encode())
            digest.update(b"" if frame.image is None else frame.image.tobytes())
    print(digest.hexdigest())
"""
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert len(set("".join(run.stdout for run in runs).split())) == 1


def test_numbers_in_words() -> None:
    assert in_words([3]) == "3" and in_words([50, 51, 52, 70]) == "50 to 52, 70"
    assert in_words(list(range(0, 40, 2))) == "0, 2, 4, 6, 8, ..."


REAL = [
    "ntu_rgbd/nturgb+d_rgb/S001C001P001R001A001_rgb.avi",
    "ucf101/UCF-101/Basketball/v_Basketball_g01_c01.avi",
    "ucf11/UCF11_updated_mpg/biking/v_biking_01/v_biking_01_01.mpg",
    "hmdb51/hmdb51_org/wave/RATRACE_wave_f_nm_np1_fr_goo_37.avi",
    "jhmdb/ReCompress_Videos/catch/Goal_Keeping_Tips_catch_f_cm_np1_fr_med_2.avi",
    "activitynet/videos/v_ZNVhz7ctTq0.mp4",
]


@pytest.mark.data
def test_eighteen_damages_of_real_videos_are_seen(samples: Path, tmp_path: Path) -> None:
    unseen = []
    for name in REAL:
        content = (samples / name).read_bytes()
        path = tmp_path / Path(name).name
        middle = len(content) // 2
        for kind, block in (("zeros", bytes(8192)), ("noise", np.random.default_rng(0).bytes(8192)), ("cut", b"")):
            path.write_bytes(content[:middle] + block + content[middle + 8192 :])
            try:
                _all(path, 0.0)
                unseen.append((name, kind))
            except VideoError:
                pass
    assert not unseen


@pytest.mark.data
def test_intact_real_videos_are_never_refused(samples: Path) -> None:
    """Among them are packed B-frames, counts that lie, and slices that an encoder filled with zeros."""
    files = [path for suffix in ("avi", "mpg") for path in sorted(samples.rglob(f"*.{suffix}"))]
    files += sorted(samples.rglob("*.mp4"))[::12] + [samples / f"fight/fight/fi07{number}.mp4" for number in (1, 2)]
    assert len(files) > 30
    for path in files:
        with Video(path) as video:
            frames = list(video.frames([]))
        assert frames and all(frame.healthy for frame in frames), path
        assert (video.account.damaged, video.account.errors, video.account.odd_times) == (0, 0, 0), path
