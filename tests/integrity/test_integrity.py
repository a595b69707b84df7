"""A short version of the harness, and tests of its own judgement: what is visible, what is drawn, what is counted."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import numpy as np
import pytest

from poseattn.checks.judge import BAD, UNREAD, Verdict
from poseattn.video.decode import Video

from . import __main__ as harness
from . import intact, sources
from .damages import BLOCKS, KINDS, LARGEST, SMALLEST, Damage, damage
from .figures import GOAL_CODECS, missed_goals, table
from .odd import odd_videos
from .render import KINDS as RENDERED
from .render import pictures, render
from .sources import Source, sample_paths
from .trials import CRASH, Case, Trial, draw, nth_case, refusal, run_trial
from .truth import Change, change, shown

N_FRAMES = 30
QUICK = ("h264-mp4", "hevc-mkv", "vp9-webm", "av1-mp4", "mpeg1-mpg")


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> list[Source]:
    folder = tmp_path_factory.mktemp("rendered")
    paths = [render(RENDERED[name], folder / f"{name}{RENDERED[name].suffix}", N_FRAMES) for name in QUICK]
    return [Source(sources.group_of(path), path.name, path) for path in paths]


def test_every_visible_damage_of_the_quick_videos_is_seen(quick: list[Source], tmp_path: Path) -> None:
    trials = [run_trial(case, tmp_path) for case in draw(quick, 60, seed=0)]
    assert [trial.in_words() for trial in trials if trial.is_crash] == []
    damages = [trial for trial in trials if trial.case.kind != "bits flipped"]
    assert len(damages) == 60
    assert sum(trial.change.is_visible for trial in damages) >= 50
    assert [trial.in_words() for trial in damages if trial.is_missed] == []
    assert {source.group.split()[0] for source in quick} == {*GOAL_CODECS, "mpeg1video"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [24, 30, 38])
def test_noise_inside_a_picture_is_seen_where_the_encoder_wrote_its_hash(tmp_path: Path, number: int) -> None:
    """FFmpeg makes an HEVC picture of noise without a word, unless it is asked to compare the hash."""
    kind = RENDERED["hevc-mp4"]
    options = kind.options | {"x265-params": f"{kind.options['x265-params']}:hash=1"}
    path, damaged = render(kind._replace(options=options), tmp_path / "a.mp4"), tmp_path / "b.mp4"
    content, done = damage(path, "noise", np.random.default_rng([7, 100_000 + number]))
    damaged.write_bytes(content)
    assert change(list(shown(path)), damaged).is_visible, done
    assert refusal(path) == "" and "cannot be decoded" in refusal(damaged)


def test_another_verdict_of_check_is_a_mistake_of_ours(quick: list[Source], monkeypatch: pytest.MonkeyPatch) -> None:
    path = quick[0].path
    assert refusal(path) == ""
    monkeypatch.setattr("tests.integrity.trials.judge", lambda path: Verdict(BAD, "no"))
    assert refusal(path) == f"{CRASH} check says bad 'no', stages say ''"
    monkeypatch.setattr("tests.integrity.trials.judge", lambda path: Verdict(UNREAD, "no memory"))
    assert refusal(path) == f"{CRASH} check says unread 'no memory', stages say ''"


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    paths = odd_videos(tmp_path_factory.mktemp("odd"), n_frames=20)
    return {path.name: path for path in paths}


def test_intact_videos_of_odd_kinds_are_taken(odd: dict[str, Path]) -> None:
    assert len(odd) >= 55
    assert {name: said for name, path in odd.items() if (said := refusal(path))} == {}


def test_the_odd_kinds_are_what_their_names_say(odd: dict[str, Path]) -> None:
    sizes, counts = {}, {}
    for name in ("turned.mp4", "packed.avi", "unpacked.avi", "edit-list.mp4"):
        with Video(odd[name]) as video:
            sizes[name] = video.width, video.height
            counts[name] = sum(1 for _ in video.frames([]))
    assert sizes["turned.mp4"] == sizes["packed.avi"][::-1]
    assert counts["packed.avi"] == counts["unpacked.avi"] == 20
    assert counts["edit-list.mp4"] < 20
    assert _most_pictures(odd["packed.avi"]) == 2
    assert _most_pictures(odd["unpacked.avi"]) == 1
    pairs = zip(shown(odd["packed.avi"]), shown(odd["unpacked.avi"]), strict=True)
    assert all((one == other).all() for one, other in pairs)
    late = _times(odd["h264-late.mp4"])
    assert late[0] == pytest.approx(2, abs=0.1)
    steps = np.diff(_times(odd["h264-vfr-mkv.mkv"])).round(3)
    assert len(set(steps.tolist())) >= 3


def _most_pictures(path: Path) -> int:
    """Largest number of MPEG-4 pictures in a packet."""
    with av.open(str(path)) as container:
        return max(bytes(packet).count(b"\0\0\1\xb6") for packet in container.demux(video=0) if packet.size)


def _times(path: Path) -> list[float]:
    with Video(path) as video:
        return [frame.time for frame in video.frames([])]


def test_pictures_move_and_have_texture() -> None:
    first, second = list(pictures(2))
    assert first.std() > 20
    assert np.abs(np.diff(first.astype(int), axis=1)).mean() > 3
    assert (first != second).mean() > 0.2


def _frames(level: int = 100, rows: int = 32) -> np.ndarray:
    return np.full((rows * 3 // 2, 32), level, np.uint8)


@pytest.mark.parametrize(
    ("change_of", "is_seen"),
    [
        (lambda frame: None, False),
        (lambda frame: frame.__setitem__((slice(16, 32), slice(0, 16)), 116), False),
        (lambda frame: frame.__setitem__((slice(16, 32), slice(0, 16)), 117), True),
        (lambda frame: frame.__setitem__((slice(8, 24), slice(8, 24)), 140), False),  # a quarter of each of four blocks
        (lambda frame: frame.__setitem__((slice(32, 36), slice(None)), 130), True),  # a colour
    ],
)
def test_a_change_is_visible_above_sixteen_levels_on_average(
    change_of: object, is_seen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = _frames()
    change_of(changed)
    monkeypatch.setattr("tests.integrity.truth.shown", lambda path, most: iter([_frames(), changed]))
    found = change([_frames(), _frames()], Path("any"))
    assert found == Change(0, (1,) if is_seen else ())
    assert found.is_visible == is_seen


def test_a_lost_frame_is_visible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.integrity.truth.shown", lambda path, most: iter([_frames()]))
    assert change([_frames(), _frames()], Path("any")) == Change(1, ())
    assert Change(1, ()).is_visible


def test_an_intact_file_shows_no_change(quick: list[Source]) -> None:
    for source in quick:
        frames = list(shown(source.path))
        assert len(frames) == N_FRAMES
        assert not change(frames, source.path).is_visible


def test_a_damage_is_the_same_each_time_and_of_its_kind(quick: list[Source]) -> None:
    path = quick[0].path
    content = path.read_bytes()
    for number in range(40):
        for kind in KINDS:
            one, done = damage(path, kind, np.random.default_rng([3, number]))
            assert (one, done) == damage(path, kind, np.random.default_rng([3, number]))
            assert one != content
            _check_size(kind, len(one) - len(content), len(content))
            if kind == "bits flipped":
                flipped = np.frombuffer(one, np.uint8) ^ np.frombuffer(content, np.uint8)
                assert 1 <= np.unpackbits(flipped).sum() <= 8
        if number == 5:  # remuxing takes its time
            break


def _check_size(kind: str, longer: int, whole: int) -> None:
    if kind in BLOCKS:
        by = {"zeroed": 0, "noise": 0, "cut out": -1, "doubled": 1}[kind]
        assert longer == 0 if by == 0 else SMALLEST <= by * longer <= min(LARGEST, whole // 2)
    elif kind == "end cut":
        assert -whole < longer < 0


def test_a_dropped_packet_is_a_frame_less(quick: list[Source], tmp_path: Path) -> None:
    for source in quick:
        content, done = damage(source.path, "packet dropped", np.random.default_rng(1))
        path = tmp_path / source.path.name
        path.write_bytes(content)
        assert done.what.endswith(f" of {N_FRAMES}")
        assert sum(1 for _ in shown(path)) == N_FRAMES - 1


def test_cases_keep_their_number_and_every_source_meets_every_kind() -> None:
    videos = [Source("h264 mp4", f"{name}", Path(name)) for name in "abc"]
    cases = draw(videos, 36, seed=4)
    assert cases[:13] == draw(videos, 12, seed=4)
    assert cases[11] == nth_case(videos, 11, seed=4)
    assert sum(case.kind != "bits flipped" for case in cases) == 36
    met = {(case.source.name, case.kind) for case in draw(videos, 18, seed=4)}
    assert len(met) == 3 * len(KINDS) - 1  # the last flip comes after the last damage


def _trial(group: str, visible: bool, refusal: str = "", kind: str = "noise") -> Trial:
    case = Case(7, Source(group, "a.mp4", Path("a.mp4")), kind, 0)
    return Trial(case, Damage(kind, "1 byte"), Change(0, (3,) if visible else ()), refusal, True)


def test_figures_count_what_is_visible_and_seen() -> None:
    trials = [_trial("h264 mp4", True, "bad")] * 98 + [_trial("h264 mp4", True)] * 2
    trials += [_trial("h264 mp4", False, "bad")]
    trials += [_trial("mjpeg avi", True)] * 5 + [_trial("vp9 webm", False)]
    lines = [line.split() for line in table(trials).splitlines()[1:]]
    assert lines[0] == ["h264", "mp4", "101", "100", "98", "98.0%", "2", "1", "98"]
    assert lines[1] == ["mjpeg", "avi", "5", "5", "0", "0.0%", "5", "0", "0"]
    assert lines[2] == ["vp9", "webm", "1", "0", "0", "-", "0", "0", "0"]
    assert lines[3] == ["all", "107", "105", "98", "93.3%", "7", "1", "98"]
    assert missed_goals(trials) == ["h264: 98 of 100 visible damages are seen, the goal is 99%"]
    assert missed_goals(trials[:98] + trials[1:3] + [_trial("h264 ts", True, kind="bits flipped")] * 50) == []


@pytest.fixture
def small(quick: list[Source], monkeypatch: pytest.MonkeyPatch) -> list[Source]:
    """The harness with few videos and threads, which see what a test replaces."""
    monkeypatch.delenv("POSEATTN_SAMPLES", raising=False)
    monkeypatch.setattr(harness, "rendered", lambda folder: quick[:2])
    monkeypatch.setattr(intact, "rendered", lambda folder: quick[:2])
    monkeypatch.setattr(intact, "odd_videos", lambda folder: [])
    monkeypatch.setattr(harness, "ProcessPoolExecutor", ThreadPoolExecutor)
    return quick[:2]


def test_the_command_prints_tables_and_ends_well(
    small: list[Source], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert harness.main(["--damages", "12", "--folder", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("2 intact files, 0 of them refused\nDamages\ncodec, file")
    assert "\nOne to eight flipped bits (no goal)\n" in said
    assert "\nall goals are met\n" in said


def test_a_missed_damage_and_a_refused_intact_file_fail_the_command(
    small: list[Source], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.integrity.trials.refusal", lambda path: "")
    monkeypatch.setattr(intact, "refusal", lambda path: "no")
    assert harness.main(["--damages", "12", "--folder", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "\nmissed: 0: h264-mp4.mp4: zeroed: " in said
    assert "\nrefused though intact: " in said
    assert "\nh264: 0 of " in said


def test_a_case_alone_leaves_its_file(small: list[Source], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert harness.main(["--case", "3", "--seed", "5", "--folder", str(tmp_path)]) == 0
    content, done = damage(small[0].path, KINDS[3], np.random.default_rng([5, 3]))
    assert (tmp_path / "3.mp4").read_bytes() == content
    said = capsys.readouterr().out
    assert said.startswith(f"3: h264-mp4.mp4: {done.kind}: {done.what}: ")
    assert said.endswith(f"file: {tmp_path / '3.mp4'}\n")


@pytest.mark.data
def test_a_sample_of_each_folder_takes_part(samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSEATTN_SAMPLES", str(samples))
    groups = {source.group for source in sources.samples()}
    assert {"h264 mp4", "h264 avi", "mpeg4 avi", "mpeg1video mpg"} <= groups


@pytest.mark.data
@pytest.mark.slow
def test_no_real_video_is_refused(samples: Path) -> None:
    paths = sample_paths(samples)
    assert len(paths) >= 15
    assert {path: said for path in paths if (said := refusal(path))} == {}
