"""Tool check: names every bad and suspicious video of a folder or list, and nothing else."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from poseattn.__main__ import main
from poseattn.checks import workers as _workers
from poseattn.checks.judge import BAD, GOOD, UNREAD, Verdict, judge
from poseattn.checks.progress import Progress, bytes_in_words, seconds_in_words
from poseattn.checks.state import State
from poseattn.checks.video_files import find_videos
from poseattn.video.clip_frames import ClipFrames
from poseattn.video.frames import VideoError
from tests.integrity.render import Kind, render

SMALL = Kind(".avi", "mjpeg", {"threads": "1"}, pixels="yuvj420p", size=(96, 64))
ALONE = Kind(".h264", "libx264", {"threads": "1"}, size=(96, 64))
SKIPPING = Kind(
    ".mp4", "mpeg4", {"threads": "1"}, size=(96, 64), times=lambda number: number + (number >= 20)
)  # a frame left out
N_FRAMES = 12
NAMELESS = signal.SIGRTMIN + 1


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(SMALL, tmp_path_factory.mktemp("video") / "a.avi", N_FRAMES)


@pytest.fixture
def folder(video: Path, tmp_path: Path) -> Path:
    """Two good videos, one below a folder."""
    place = tmp_path / "videos"
    (place / "below").mkdir(parents=True)
    shutil.copy(video, place / "a.avi")
    shutil.copy(video, place / "below/b b.avi")
    return place


def _check(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, list[str], str]:
    code = main(["check", *map(str, words)])
    said = capsys.readouterr()
    return code, said.out.splitlines(), said.err


def _lose_frame(path: Path, number: int) -> None:
    """Put zeros in the place of a frame of an AVI file."""
    content = bytearray(path.read_bytes())
    at = content.index(b"movi") + 4
    for _ in range(number):
        at += 8 + (int.from_bytes(content[at + 4 : at + 8], "little") + 1) // 2 * 2
    size = int.from_bytes(content[at + 4 : at + 8], "little")
    content[at + 8 : at + 8 + size] = bytes(size)
    path.write_bytes(content)


def test_good_videos_are_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, error = _check(capsys, folder)
    size = (folder / "a.avi").stat().st_size * 2
    assert (code, error) == (0, "")
    assert lines == [f"2 files: 2 good, 0 suspicious, 0 bad; 24 frames, 1 s, {bytes_in_words(size)}"]


def test_a_bad_video_is_named_with_its_frames(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _lose_frame(folder / "below/b b.avi", 5)
    code, lines, _ = _check(capsys, folder)
    assert code == 1
    assert lines[0] == f"bad: {folder}/below/b b.avi: frame 5 cannot be decoded: 1 of 12, and at most 0% may be damaged"
    assert lines[1].startswith("2 files: 1 good, 0 suspicious, 1 bad; 24 frames")


def _said_by_the_pipeline(path: Path) -> str:
    """Why stages refuse a video, as it stands in their status tables; empty if they take it."""
    try:
        for _ in ClipFrames(path.parent, path.name):
            pass
    except VideoError as error:
        return str(error)
    return ""


def test_frames_that_are_missing_without_a_place_make_a_video_bad(tmp_path: Path) -> None:
    path = render(SKIPPING, tmp_path / "a.mp4", 40)
    said = _said_by_the_pipeline(path)
    assert said == "1 of 41 frames are missing: the time stamps jump (`damaged: keep` takes the others)"
    assert judge(path)._replace(bytes=0, seconds=0) == Verdict(BAD, said, 0, 40, 1, 0, 25, 96, 64)


def test_frames_of_another_size_make_a_video_bad(tmp_path: Path) -> None:
    sizes = (96, 64), (192, 96)
    parts = [render(ALONE._replace(size=size), tmp_path / f"{size[0]}.h264", 5) for size in sizes]
    path = tmp_path / "joined.h264"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    said = _said_by_the_pipeline(path)
    assert said == "frame 5 has 192 x 96 pixels, the container states 96 x 64"
    assert judge(path)[:2] == (BAD, said)


def test_frames_more_than_a_minute_apart_make_a_video_bad(tmp_path: Path) -> None:
    path = render(SKIPPING._replace(times=lambda number: number * 25 * 90), tmp_path / "a.mp4", 3)
    said = _said_by_the_pipeline(path)
    assert said.endswith("expected at least one a minute")
    assert judge(path)[:2] == (BAD, said)


def test_json_has_a_line_for_each_file_and_a_summary(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _lose_frame(folder / "a.avi", 0)
    code, lines, _ = _check(capsys, folder, "--json", "--jobs", 2)
    bad, good, end = map(json.loads, lines)
    assert code == 1
    assert (bad["path"], bad["state"], bad["frames"], bad["damaged"]) == (f"{folder}/a.avi", "bad", 12, 1)
    expected = {"path": f"{folder}/below/b b.avi", "state": "good", "reason": "", "damaged": 0, "fps": 25.0}
    assert good | expected == good
    assert (good["width"], good["height"], good["seconds"]) == (96, 64, pytest.approx(12 / 25))
    assert end["summary"] | {"files": 2, "good": 1, "suspicious": 0, "bad": 1, "unread": 0} == end["summary"]
    assert end["summary"]["frames"] == 24


def _claim(path: Path, count: int) -> None:
    """Let the header of an AVI file count other frames than there are."""
    content = bytearray(path.read_bytes())
    for name, place in ((b"avih", 24), (b"strh", 40)):
        at = content.index(name) + place
        content[at : at + 4] = count.to_bytes(4, "little")
    path.write_bytes(content)


def test_a_wrong_count_is_suspicious_and_no_fault_unless_asked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _claim(folder / "a.avi", 48)
    code, lines, _ = _check(capsys, folder)
    assert code == 0
    assert lines[0] == f"suspicious: {folder}/a.avi: the container states 48 frames, 12 are there"
    assert lines[1].startswith("2 files: 1 good, 1 suspicious, 0 bad;")
    assert _check(capsys, folder, "--strict")[0] == 1


def test_a_folder_has_regular_files_once_and_no_hidden_ones(video: Path, folder: Path, tmp_path: Path) -> None:
    shutil.copy(video, folder / ".hidden.avi")
    (folder / ".cache").mkdir()
    shutil.copy(video, folder / ".cache/c.avi")
    shutil.copy(video, folder / "without suffix")
    (folder / "readme.txt").write_text("no video")
    (folder / "program.ts").write_text("export const frames: number = 25;\n")
    (folder / "torn.ts").write_bytes(bytes(376))
    (folder / "sound.m4a").write_bytes(b"\0\0\0\x20ftypisom")
    (folder / "picture.heic").write_bytes(b"\0\0\0\x20ftypheic")
    os.link(folder / "a.avi", folder / "same.avi")
    (folder / "linked.avi").symlink_to("a.avi")
    (folder / "below/loop").symlink_to(folder)
    outside = tmp_path / "outside.avi"
    shutil.copy(video, outside)
    (folder / "outside.avi").symlink_to(outside)
    os.mkfifo(folder / "pipe.avi")
    (folder / "lost.avi").symlink_to("nowhere")
    found = {file.path.relative_to(folder).as_posix(): file.fault for file in find_videos(folder)}
    assert found == {
        "a.avi": "",
        "below/b b.avi": "",
        "without suffix": "",
        "outside.avi": "",
        "torn.ts": "",
        "pipe.avi": "a FIFO",
        "lost.avi": "No such file or directory",
    }


def test_faults_of_the_system_are_told_from_bad_videos(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "lost.avi").symlink_to("nowhere")
    (folder / "text.avi").write_text("no video")
    code, lines, _ = _check(capsys, folder)
    assert code == 1
    assert lines[0] == f"cannot be read: {folder}/lost.avi: No such file or directory"
    assert lines[1].startswith(f"bad: {folder}/text.avi: no video that FFmpeg can open")
    assert lines[2].startswith("4 files: 2 good, 0 suspicious, 1 bad, 1 cannot be read;")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.txt", "a.avi\n\nbelow/b b.avi\na.avi\n"),
        ("list.csv", "\ufefflabel,path\nwave,a.avi\nwave,below/b b.avi\n"),
        ("list.tsv", "video\tlabel\na.avi\twave\nbelow/b b.avi\twave\n"),
    ],
)
def test_a_list_names_videos_relative_to_its_folder(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    assert [file.path for file in find_videos(folder / name)] == [folder / "a.avi", folder / "below/b b.avi"]


def _images(folder: Path) -> None:
    """A folder of three images, and one image beside it."""
    (folder / "clip").mkdir()
    for path in (*(folder / f"clip/{number}.png" for number in (1, 2, 3)), folder / "still.jpg"):
        cv2.imwrite(str(path), np.zeros((20, 30, 3), np.uint8))


def test_images_of_a_list_are_opened_as_the_pipeline_does(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _images(folder)
    (folder / "list.txt").write_text("a.avi\nclip\nstill.jpg\n")
    code, lines, _ = _check(capsys, folder / "list.txt", "--json")
    assert code == 0 and [json.loads(line)["state"] for line in lines[:3]] == ["good"] * 3
    assert [json.loads(line)["frames"] for line in lines[:3]] == [12, 3, 1]
    assert json.loads(lines[1])["bytes"] == sum(path.stat().st_size for path in (folder / "clip").iterdir())
    assert _check(capsys, folder / "still.jpg")[0] == 0
    state = tmp_path / "state.json"
    assert _check(capsys, folder / "list.txt", "--state", state)[0] == 0
    (folder / "clip/2.png").write_bytes(b"")  # which does not change the folder
    (folder / "still.jpg").write_bytes(b"\xff\xd8")
    code, lines, _ = _check(capsys, folder / "list.txt", "--state", state)
    assert code == 1 and len(lines) == 3
    assert lines[0] == f"bad: {folder}/clip: frame 1 cannot be decoded: 1 of 3, and at most 0% may be damaged"
    assert lines[1] == f"bad: {folder}/still.jpg: still.jpg is no image, or cut off after 2 bytes"


def test_a_missing_video_of_a_list_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "list.txt").write_text("a.avi\nlost.avi\n")
    code, lines, _ = _check(capsys, folder / "list.txt")
    assert code == 1
    assert lines[0] == f"cannot be read: {folder}/lost.avi: No such file or directory"


def test_a_video_alone_may_be_checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, _ = _check(capsys, folder / "a.avi")
    assert code == 0
    assert lines[0].startswith("1 file: 1 good")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["nowhere"], "nowhere: No such file or directory, expected a folder, a list or a video"),
        (["below/empty"], "below/empty: no videos"),
        (["bad.csv"], "bad.csv has the columns ['name'], expected one of path, file, filename, video"),
        (["pipe"], "pipe is no regular file, expected a folder, a list or a video"),
        (["zeros"], "zeros is neither a folder nor a video, nor a text that lists videos"),
        (
            [".", "--state", "below/state"],
            "--state below/state is inside ., which stays as it is: name a file elsewhere",
        ),
        ([".", "--jobs", "-1"], "--jobs -1: expected at least 1, or 0 for all processors"),
        (
            ["a.avi", "--state", "/dev"],
            "--state /dev: expected a file in a folder that is there and may be written into",
        ),
        (
            ["a.avi", "--state", "none/state.json"],
            "--state none/state.json: expected a file in a folder that is there and may be written into",
        ),
        (["a.avi", "--state", "bad.csv"], "bad.csv is no file of an earlier check: remove it, or name another one"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_two(
    words: list[str], reason: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "below/empty").mkdir()
    (folder / "bad.csv").write_text("name\na.avi\n")
    (folder / "zeros").write_bytes(bytes(100))
    os.mkfifo(folder / "pipe")
    monkeypatch.chdir(folder)
    assert _check(capsys, *words) == (2, [], f"poseattn check: error: {reason}\n")


def test_a_name_cannot_imitate_a_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "x\ngood: y\x1b[2K.avi").write_text("no video")
    _, lines, _ = _check(capsys, folder)
    assert lines[0].startswith(f"bad: {folder}/x\\ngood: y\\x1b[2K.avi: no video")
    assert len(lines) == 2


def test_the_next_run_goes_on_where_this_one_ended(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state.json"
    assert _check(capsys, folder, "--state", state)[0] == 0
    content = json.loads(state.read_text())
    found = content["files"][str(folder / "a.avi")]
    found[1][:2] = ["bad", "remembered"]  # so that it is seen whether it is decoded again
    state.write_text(json.dumps(content))
    assert _check(capsys, folder, "--state", state)[1][0] == f"bad: {folder}/a.avi: remembered"
    os.utime(folder / "a.avi", ns=(0, found[0][1] + 1))
    code, _, error = _check(capsys, folder, "--state", state)
    assert (code, error) == (0, "1 of 2 files were looked at before\n")
    content["checks"] = "of another version"
    os.utime(folder / "a.avi", ns=(0, found[0][1]))
    state.write_text(json.dumps(content))
    code, _, error = _check(capsys, folder, "--state", state)
    assert (code, error) == (0, f"{state} is of other versions of the checks: all files are checked again\n")
    assert sorted(path.name for path in folder.iterdir()) == ["a.avi", "below"]


def test_a_fault_of_the_system_is_not_remembered(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "list.txt").write_text("a.avi\nlost.avi\n")
    words = ["check", str(folder / "list.txt"), "--state", str(tmp_path / "state.json")]
    assert main(words) == 1
    shutil.copy(folder / "a.avi", folder / "lost.avi")
    capsys.readouterr()
    assert main(words) == 0
    assert capsys.readouterr().err == "1 of 2 files were looked at before\n"


def test_a_file_that_changes_while_it_is_decoded_is_checked_again(folder: Path, tmp_path: Path) -> None:
    path, state = folder / "a.avi", State(tmp_path / "state.json")
    assert state.get(path) is None
    verdict = judge(path)
    os.utime(path, ns=(0, 5))
    state.put(path, verdict)
    assert state.get(path) is None
    state.put(path, verdict)
    assert state.get(path) == verdict


@pytest.mark.parametrize(
    ("number", "says", "is_remembered"),
    [
        (signal.SIGSEGV, "bad: {}: the process that decoded it was ended by SIGSEGV", True),
        (signal.SIGABRT, "bad: {}: the process that decoded it was ended by SIGABRT", True),
        (
            signal.SIGKILL,
            "cannot be read: {}: the process that decoded it was ended by SIGKILL, perhaps out of memory",
            False,
        ),
        (signal.SIGTERM, "cannot be read: {}: the process that decoded it was ended by SIGTERM", False),
        (NAMELESS, f"cannot be read: {{}}: the process that decoded it was ended by signal {NAMELESS}", False),
    ],
)
def test_a_signal_that_ends_a_decoder_is_a_fault_of_its_file_only_if_it_crashed(
    number: int,
    says: str,
    is_remembered: bool,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin = _workers._Worker.begin

    def kill(worker: _workers._Worker, place: int, path: Path) -> bool:
        if path.name == "a.avi":
            os.kill(worker.process.pid, number)
        return begin(worker, place, path)

    words = (folder, "--jobs", 1, "--state", tmp_path / "state.json")
    with monkeypatch.context() as patch:
        patch.setattr(_workers._Worker, "begin", kill)
        code, lines, _ = _check(capsys, *words)
    assert code == 1
    assert lines[0] == says.format(folder / "a.avi")
    assert lines[1].startswith("2 files: 1 good, 0 suspicious, ")
    code, _, error = _check(capsys, *words)
    assert (code, error) == (int(is_remembered), f"{1 + is_remembered} of 2 files were looked at before\n")


@pytest.mark.parametrize(
    ("error", "reason"), [(KeyError("size"), "unexpected KeyError: 'size'"), (MemoryError(), "out of memory")]
)
def test_a_mistake_of_ours_says_nothing_about_the_file(
    error: Exception, reason: str, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("poseattn.checks.judge.open_clip", fail)
    assert judge(video) == Verdict(UNREAD, reason, video.stat().st_size)


def test_a_process_that_gives_up_says_nothing_about_its_file() -> None:
    worker = _workers._Worker()
    worker.place = 0
    worker.pipe.send_bytes(b"no task")  # a mistake, after which the process ends
    assert worker.verdict() == Verdict(UNREAD, "the process that decoded it ended with exit code 1")


def test_ctrl_c_ends_in_one_line_and_leaves_the_state(folder: Path, tmp_path: Path) -> None:
    for number in range(3000):  # so many that the command cannot end before the signal comes
        shutil.copy(folder / "a.avi", folder / f"{number:04}.avi")
    words = ["check", str(folder), "--json", "--jobs", "1", "--state", str(tmp_path / "state.json")]
    process = subprocess.Popen(
        [sys.executable, "-m", "poseattn", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    first = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    _, error = process.communicate()
    assert (process.returncode, error) == (130, "poseattn check: stopped\n")
    content = json.loads((tmp_path / "state.json").read_text())
    assert first["path"] in content["files"]
    assert content["files"][first["path"]][1][0] == GOOD


def test_progress_tells_rate_and_time_left(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    clock = iter([100.0, 110.0])
    monkeypatch.setattr("poseattn.checks.progress.time.monotonic", lambda: next(clock))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress = Progress([10_000_000, 20_000_000, 70_000_000])
    progress.skip(0)
    progress.advance(1)
    progress.clear()
    told = "2 of 3 files, 30.0 MB of 100.0 MB, 2.0 MB/s, 35 s left"
    assert capsys.readouterr().err == f"\r\x1b[K{told}\r\x1b[K"


def test_words_of_sizes_and_times() -> None:
    assert [bytes_in_words(n) for n in (0, 999, 1000, 3_456_000, 2e9, 5e13)] == [
        "0 bytes",
        "999 bytes",
        "1.0 kB",
        "3.5 MB",
        "2.0 GB",
        "50.0 TB",
    ]
    assert [seconds_in_words(s) for s in (0.4, 59, 125, 7322)] == ["0 s", "59 s", "2 min 5 s", "2 h 2 min"]


@pytest.mark.data
def test_real_videos_are_good(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, _ = _check(capsys, samples / "hmdb51")
    assert code == 0
    assert [line.partition(";")[0] for line in lines] == ["3 files: 3 good, 0 suspicious, 0 bad"]
    code, lines, _ = _check(capsys, samples / "jhmdb", "--strict")
    assert code == 1
    assert lines[0].endswith(
        "Goal_Keeping_Tips_catch_f_cm_np1_fr_med_2.avi: the container states 48 frames, 40 are there"
    )
