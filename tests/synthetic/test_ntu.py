import cv2
import numpy as np
import pytest

from poseattn.synthetic import ntu, sensor
from poseattn.synthetic.camera import Lens
from tests.skeletons import person
from tests.synthetic.recipe import quick, shipped


def tracks(frames: int = 4) -> list[sensor.Track]:
    recipe = shipped()["scene"]["sensor"]
    lens = Lens(353.3, (320.0, 180.0))
    rng = np.random.default_rng(0)
    return sensor.shuffle(rng, [sensor.measure(rng, person(frames, x), lens, recipe) for x in (-0.4, 0.4)])


def test_names():
    assert ntu.Clip(1, 2, 3, 2, 13).name == "S001C002P003R002A013"
    assert ntu.Clip(17, 3, 40, 1, 60).name == "S017C003P040R001A060"


def test_the_grid_is_exhaustive():
    recipe = shipped()
    clips = ntu.list_clips(recipe)
    assert len(clips) == len(set(clips)) == 8 * 3 * 2 * 12
    assert clips == sorted(clips)
    actions = {(clip.setup, clip.subject): 0 for clip in clips}
    assert len(actions) == 8  # each subject in one set-up
    mean = np.mean(recipe["frames"])
    assert 14_000 < len(clips) * mean < 16_000


def test_both_protocols_have_both_parts():
    grid = shipped()["grid"]
    subjects = {clip.subject for clip in ntu.list_clips(shipped())}
    assert subjects & {1, 2, 4, 5, 8, 9, 13} and subjects & {3, 6, 7, 10, 11, 12}
    assert set(map(int, grid["cameras"])) == {1, 2, 3}


def test_skeleton_text_line_by_line():
    bodies = tracks(2)
    bodies[1] = bodies[1]._replace(present=np.array([True, False]))
    lines = ntu.skeleton_text(bodies).split("\n")
    assert lines[:2] == ["2", "2"]
    assert len(lines[2].split()) == 10 and lines[2].split()[0] == bodies[0].body_id
    assert lines[3] == "25"
    joint = lines[4].split()
    assert len(joint) == 12 and joint[11] in ("1", "2")
    np.testing.assert_allclose([float(number) for number in joint], bodies[0].joints[0, 0], rtol=1e-6, atol=1e-6)
    assert lines[2 + 27].split()[0] == bodies[1].body_id
    assert lines[2 + 54] == "1"  # bodies of the second frame
    assert len(lines) == 1 + 1 + 54 + 1 + 27 + 1 and lines[-1] == ""


def test_lost_coordinates_are_written_like_a_kinect_program_does():
    body = sensor.lose_colour(np.random.default_rng(0), tracks()[0], 1.0)
    assert ntu.skeleton_text([body]).split("\n")[4].split()[5:7] == ["NaN", "NaN"]


def test_the_list_has_two_lines_of_prose_and_an_empty_one():
    lines = ntu.missing_list(["S001C002P003R002A013", "S001C002P003R002A014"]).split("\n")
    assert lines[0].startswith("2 of the captured samples")
    assert lines[1].startswith("If you are working on skeleton-based analysis")
    assert lines[2:] == ["", "S001C002P003R002A013", "S001C002P003R002A014", ""]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Two clips with all quirks."""
    recipe = quick([1], [1])
    recipe["quirks"] |= {name: 1.0 for name in ("third_person", "ghost", "no_body", "no_colour", "uneven", "crlf")}
    folder = tmp_path_factory.mktemp("ntu")
    ntu.write_clip(folder, ntu.Clip(1, 1, 1, 1, 1), recipe)
    ntu.write_clip(folder, ntu.Clip(1, 1, 1, 1, 2, listed=True), recipe)
    return folder


def test_quirks_of_the_genuine_data_are_there(root):
    content = (root / ntu.SKELETONS / "S001C001P001R001A001.skeleton").read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n")
    lines = content.decode().split("\r\n")
    bodies = [int(line) for line in lines[1:] if len(line) == 1]
    assert len(bodies) == int(lines[0])
    assert set(bodies) == {0, 4}  # subject, other, third person, ghost; or nobody
    assert "NaN" in content.decode()
    capture = cv2.VideoCapture(str(root / ntu.VIDEOS / "S001C001P001R001A001_rgb.avi"))
    frames = 0
    while capture.read()[0]:
        frames += 1
    assert abs(frames - len(bodies)) == 1


def test_a_listed_clip_has_no_body(root):
    path = root / ntu.SKELETONS / "S001C001P001R001A002.skeleton"
    assert not path.exists() or set(path.read_text().split()[1:]) == {"0"}
    assert (root / ntu.VIDEOS / "S001C001P001R001A002_rgb.avi").exists()


def test_few_clips_are_listed_and_always_the_same_ones(tmp_path):
    recipe = shipped()
    clips = ntu.list_clips(recipe)
    listed = [clip.name for clip in clips if clip.listed]
    assert clips == ntu.list_clips(recipe) and len(listed) == recipe["missing"]
    ntu.finish(tmp_path, clips, recipe)
    assert (tmp_path / ntu.MISSING).read_text().split("\n\n")[1].split() == listed
    assert not any(clip.listed for clip in ntu.list_clips(quick([1], [1], [1, 2])))
