"""Stage decode_frames on videos with known pixels: what is kept, and what becomes of bad clips."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from poseattn.clips.manifest import MANIFEST_COLUMNS, read_manifest, read_status, write_manifest
from poseattn.pose.skeleton import HANDS
from poseattn.shards import jpegs
from poseattn.shards.images import open_images
from poseattn.shards.shard import Shard, ShardWriter, SideArray
from poseattn.stages import decode_frames
from poseattn.video.clip_frames import squash
from tests.frames import lose
from tests.video.rendered import Writer
from tests.video.test_image_folder import write_lying

RECIPE = json.dumps({"poses": "kinect", "store": "crops", "size": 8, "max_frame_difference": 1, "picture": [64, 96]})
SIDE = {"color_xy": SideArray("frame body joint xy", "pixels"), "presence": SideArray("frame body", "1")}


def _video(path: Path, n_frames: int) -> None:
    """96 x 64 pixels, frame i: left half red 20 + 8 i, right half blue 20 + 8 i."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = Writer(path, "MJPG", 30, (96, 64))
    for number in range(n_frames):
        image = np.zeros((64, 96, 3), np.uint8)
        image[:, :48, 2] = image[:, 48:, 0] = 20 + 8 * number
        writer.write(image)
    writer.release()


def _manifest(path: Path, videos: dict[str, str]) -> Path:
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"label": "0"}
    rows = [row | {"clip_id": clip_id, "path": video} for clip_id, video in videos.items()]
    write_manifest(pd.DataFrame(rows), path)
    return path


def _poses(path: Path, lengths: dict[str, int]) -> Path:
    """The main person has the left hand in the left half, the right hand in the right; the second is there at times."""
    with ShardWriter(
        path, kind="poses", axes="frame body joint xyz", units="metres", recipe="{}", code="", side=SIDE
    ) as writer:
        for clip_id, length in lengths.items():
            xy = np.full((length, 2, 25, 2), np.nan, np.float32)
            xy[:, 0, HANDS] = [[20, 32], [76, 32]]
            xy[:, 1, HANDS] = [[76, 16], [200, 32]]  # the right hand of the second person is outside the image
            presence = np.tile(np.array([1, 0], np.uint8), (length, 1))
            presence[length // 2 :, 1] = 1
            presence[0, 0] = 0
            writer.append(clip_id, np.zeros((length, 2, 25, 3), np.float32), color_xy=xy, presence=presence)
    return path


def _run(root: Path, manifest: Path, poses: Path, name: str = "out", **changes: str) -> tuple[Path, pd.DataFrame]:
    out, status = root / f"{name}.h5", root / f"{name}.tsv"
    options = {"recipe": RECIPE, "out": out, "status": status, "code": "c"} | changes
    decode_frames.run(root=root, manifest=manifest, uses=[], poses=[poses], **options)
    return out, read_status(status).set_index("clip_id")


@pytest.fixture
def clip(tmp_path: Path) -> tuple[Path, Path]:
    """Manifest and poses of one good clip of ten frames."""
    _video(tmp_path / "rgb/a.avi", 10)
    return _manifest(tmp_path / "m.tsv", {"a": "rgb/a.avi"}), _poses(tmp_path / "poses.h5", {"a": 10})


def test_each_hand_is_cut_from_its_own_frame_and_place(clip: tuple[Path, Path], tmp_path: Path) -> None:
    out, status = _run(tmp_path, *clip)
    with Shard(out, kind="hand_crops", axes="frame hand row col rgb", recipe=RECIPE) as shard:
        data, mask, time = shard.clip("a"), shard.side("mask", "a"), shard.side("time", "a")
        assert shard.attrs["code"] == "c"
    assert (data.shape, data.dtype, mask.dtype) == ((10, 4, 8, 8, 3), np.uint8, np.uint8)
    expected = np.array([[0, 0, 0, 0]] + [[1, 1, 0, 0]] * 4 + [[1, 1, 1, 0]] * 5)
    np.testing.assert_array_equal(mask, expected)
    np.testing.assert_allclose(time, [number / 30 for number in range(10)])
    for frame in range(10):
        for hand, colour in enumerate("rbb-"):
            value = (20 + 8 * frame) * expected[frame, hand]
            want = {"r": (value, 0, 0), "b": (0, 0, value), "-": (0, 0, 0)}[colour]
            np.testing.assert_allclose(data[frame, hand].mean((0, 1)), want, atol=6)
    assert status.loc["a"].tolist() == ["decode_frames", 10, 10, 10, 0, 0, 10, 0, ""]


def test_own_images_become_upright_and_annotated_ones_stay_as_they_are_stored(tmp_path: Path) -> None:
    stored = write_lying(tmp_path / "a.jpg", 6)
    rows = [{"clip_id": "own", "path": "a.jpg"}, {"clip_id": "annotated", "path": "a.jpg", "pose_path": "a.xml"}]
    write_manifest(pd.DataFrame([dict.fromkeys(MANIFEST_COLUMNS, "") | row for row in rows]), tmp_path / "m.tsv")
    recipe = json.dumps({"store": "jpeg", "size": [48, 48], "quality": 95})
    out = {"out": tmp_path / "out.h5", "status": tmp_path / "out.tsv", "code": "c"}
    decode_frames.run(root=tmp_path, manifest=tmp_path / "m.tsv", uses=[], poses=[], recipe=recipe, **out)
    with Shard(tmp_path / "out.h5") as shard:
        for clip_id, image in (("own", np.rot90(stored, -1)), ("annotated", stored)):
            found = jpegs.read_frame(shard, clip_id, jpegs.read_index(shard, clip_id), 0)
            wrong = np.abs(found - squash(np.ascontiguousarray(image), 48).astype(int)).mean()
            assert wrong < 8  # another orientation: 60


def test_rows_of_skeletons_stay_aligned_where_frames_are_lost(clip: tuple[Path, Path], tmp_path: Path) -> None:
    """Frames 2, 5 and 6 of 10: their rows are zero, and all others are what they were."""
    whole, _ = _run(tmp_path, *clip, "whole")
    lose(tmp_path / "rgb/a.avi", (2, 5, 6))
    refused, status = _run(tmp_path, *clip, "refused")
    assert status.loc["a"].tolist()[:8] == ["decode_frames", 0, 10, 7, 3, 6, 10, 0]
    assert status.reason["a"] == "frames 2, 5 to 6 cannot be decoded: 3 of 10, and at most 0% may be damaged"
    kept, status = _run(tmp_path, *clip, "kept", damaged="keep 0.3")
    assert status.loc["a"].tolist() == ["decode_frames", 10, 10, 7, 3, 6, 10, 0, ""]
    with Shard(whole) as before, Shard(kept) as after, Shard(refused) as none:
        assert none.clip_ids == [] and "healthy" not in before.side_names
        healthy = after.side("healthy", "a")
        assert healthy.tolist() == [1, 1, 0, 1, 1, 0, 0, 1, 1, 1] and healthy.dtype == np.uint8
        np.testing.assert_array_equal(after.side("time", "a"), before.side("time", "a"))
        for name in ("data", "mask"):
            rows, lost = after.side(name, "a"), healthy == 0
            np.testing.assert_array_equal(rows[~lost], before.side(name, "a")[~lost])
            assert not rows[lost].any()
    too_many, status = _run(tmp_path, *clip, "too_many", damaged="keep 0.2")
    assert "3 of 10, and at most 20% may be damaged" in status.reason["a"]


def test_an_undamaged_clip_is_the_same_whether_damaged_ones_are_kept(clip: tuple[Path, Path], tmp_path: Path) -> None:
    refused, kept = (_run(tmp_path, *clip, name, damaged=name)[0] for name in ("refuse", "keep 0.1"))
    with Shard(refused) as one, Shard(kept) as other:
        assert set(other.side_names) - set(one.side_names) == {"healthy"} and other.side("healthy", "a").all()
        for name in ("data", "mask", "time"):
            np.testing.assert_array_equal(one.side(name, "a"), other.side(name, "a"))


@pytest.mark.parametrize("word", ["kept 0.1", "keep", "keep 1.5", "keep nan", "refuse 0.1", "keep  x"])
def test_what_becomes_of_damaged_videos_is_said_in_one_of_two_ways(
    clip: tuple[Path, Path], tmp_path: Path, word: str
) -> None:
    with pytest.raises(ValueError, match=f"^damaged: found '{word}', expected 'refuse', or 'keep' and a share"):
        _run(tmp_path, *clip, damaged=word)


def test_a_video_of_another_size_than_its_skeleton_is_bad(tmp_path: Path) -> None:
    """Skeletons are in pixels of the picture that the sensor took, and nothing in them says its size."""
    _video(tmp_path / "a.avi", 10)
    manifest, poses = _manifest(tmp_path / "m.tsv", {"a": "a.avi"}), _poses(tmp_path / "p.h5", {"a": 10})
    recipe = json.dumps(json.loads(RECIPE) | {"picture": [1080, 1920]})
    out, status = _run(tmp_path, manifest, poses, recipe=recipe)
    assert status.reason["a"] == "the picture has 96 x 64 pixels, it is annotated as 1920 x 1080"
    with Shard(out) as shard:
        assert shard.clip_ids == []


def test_the_same_clips_give_the_same_shard(clip: tuple[Path, Path], tmp_path: Path) -> None:
    shards = [Shard(_run(tmp_path, *clip, name)[0]) for name in ("first", "second")]
    assert shards[0].attrs == shards[1].attrs
    for name in ("data", "mask", "time"):
        np.testing.assert_array_equal(*(shard.side_all(name) for shard in shards))


@pytest.mark.parametrize(("skeleton", "video", "kept"), [(10, 11, 10), (11, 10, 10), (12, 10, 0), (10, 12, 0)])
def test_skeleton_and_video_may_differ_by_one_frame(skeleton: int, video: int, kept: int, tmp_path: Path) -> None:
    _video(tmp_path / "a.avi", video)
    manifest, poses = _manifest(tmp_path / "m.tsv", {"a": "a.avi"}), _poses(tmp_path / "p.h5", {"a": skeleton})
    out, status = _run(tmp_path, manifest, poses)
    reason = "" if kept else f"skeleton has {skeleton} frames, video {video}"
    assert status.loc["a"].tolist() == ["decode_frames", kept, video, video, 0, 0, video, 0, reason]
    with Shard(out) as shard:
        assert shard.n_rows == kept
        assert shard.clip_ids == (["a"] if kept else [])


def test_bad_clips_are_told_and_cost_no_good_one(tmp_path: Path) -> None:
    for name in ("good", "cut", "skeletonless"):
        _video(tmp_path / f"{name}.avi", 10)
    (tmp_path / "cut.avi").write_bytes((tmp_path / "cut.avi").read_bytes()[:-2000])
    (tmp_path / "zero.avi").write_bytes(b"")
    (tmp_path / "text.avi").write_text("not a video\n" * 100)
    names = ("cut", "good", "skeletonless", "text", "zero")
    manifest = _manifest(tmp_path / "m.tsv", {name: f"{name}.avi" for name in names} | {"none": ""})
    with_skeleton = {"none", *names} - {"skeletonless"}
    poses = _poses(tmp_path / "p.h5", dict.fromkeys(sorted(with_skeleton), 10))
    out, status = _run(tmp_path, manifest, poses)
    size = (tmp_path / "cut.avi").stat().st_size
    assert status.reason.to_dict() == {
        "cut": f"the file is cut off after {size} of {size + 2000} bytes",
        "good": "",
        "none": "no video",
        "text": "no video that FFmpeg can open: Invalid data found when processing input",
        "zero": "the file is empty",
    }
    assert status.n_frames.to_dict() == dict.fromkeys(status.index, 0) | {"good": 10}
    with Shard(out) as shard:
        assert shard.clip_ids == ["good"]


def test_clips_that_the_protocol_leaves_out_are_not_decoded(tmp_path: Path) -> None:
    manifest, poses = _manifest(tmp_path / "m.tsv", {"a": "a.avi"}), _poses(tmp_path / "p.h5", {"a": 10})
    write_manifest(read_manifest(manifest).assign(excluded="protocol: no skeleton"), manifest)
    out, status = _run(tmp_path, manifest, poses)
    assert len(status) == 0
    with Shard(out, axes="frame hand row col rgb") as shard:
        assert (shard.row_shape, shard.dtype) == ((4, 8, 8, 3), np.uint8)


def test_the_command_line_says_what_is_bad_without_chatter(tmp_path: Path) -> None:
    _video(tmp_path / "a.avi", 10)
    content = bytearray((tmp_path / "a.avi").read_bytes())
    last = content.rindex(b"\xff\xda")  # scan of the last JPEG image
    content[last + 20 : last + 60] = b"\xff" * 40
    (tmp_path / "a.avi").write_bytes(content)
    manifest, poses = _manifest(tmp_path / "m.tsv", {"a": "a.avi"}), _poses(tmp_path / "p.h5", {"a": 90})
    paths = {"root": tmp_path, "manifest": manifest, "poses": poses, "out": tmp_path / "o.h5"}
    words = [word for name, value in paths.items() for word in (f"--{name}", str(value))]
    words += ["--status", str(tmp_path / "o.tsv"), "--recipe", RECIPE, "--code", "c", "--uses"]
    command = [sys.executable, "-m", "poseattn", "decode-frames", *words]
    result = subprocess.run(command, capture_output=True, text=True)
    said = [line.partition(" ")[2] for line in result.stderr.splitlines()]
    assert result.returncode == 0
    assert said == ["a: frame 9 cannot be decoded: 1 of 10, and at most 0% may be damaged", "0 of 1 clips are good"]


def test_a_recipe_that_stores_something_else_is_refused(clip: tuple[Path, Path], tmp_path: Path) -> None:
    recipe = RECIPE.replace("crops", "png")
    with pytest.raises(ValueError, match="store is 'png', expected crops, jpeg, persons, pieces"):
        decode_frames.run(
            root=tmp_path,
            manifest=clip[0],
            uses=[],
            poses=[clip[1]],
            recipe=recipe,
            out=tmp_path / "o.h5",
            status=tmp_path / "o.tsv",
            code="",
        )
    assert not list(tmp_path.glob("o.*"))


PERSONS = {"store": "persons", "size": 30, "margin": 1.5, "quality": 100, "poses": "annotated"}


def _boxes(path: Path, frames: dict[str, int], scale: int = 1) -> Path:
    """Somebody 20 pixels wide whose box begins at column 10 * frame and row 5 of a picture of 90 x 40 pixels."""
    header = {"kind": "poses", "axes": "frame body joint xy", "units": "pixels", "recipe": "{}", "code": ""}
    side = {"box": SideArray("frame body corner", "pixels"), "size": SideArray("frame extent", "pixels")}
    with ShardWriter(path, **header, side=side) as writer:
        for clip_id, count in frames.items():
            left = 10.0 * np.arange(count)
            box = np.stack([left, left * 0 + 5, left + 20, left * 0 + 17], axis=1).astype(np.float32)
            size = np.full((count, 2), (40 * scale, 90 * scale), np.int32)
            writer.append(clip_id, np.zeros((count, 1, 1, 2), np.float32), box=scale * box[:, None], size=size)
    return path


def test_squares_around_people_are_stored_frame_by_frame(tmp_path: Path) -> None:
    images = [np.random.default_rng(n).integers(0, 256, (40, 90, 3), np.uint8) for n in range(3)]
    for name, count in (("a", 3), ("longer", 3)):
        (tmp_path / name).mkdir()
        for number, image in enumerate(images[:count], start=1):
            cv2.imwrite(str(tmp_path / name / f"{number}.png"), cv2.GaussianBlur(image, (0, 0), 3))
    manifest = _manifest(tmp_path / "m.tsv", {"a": "a", "longer": "longer", "nobody": "a"})
    poses = _boxes(tmp_path / "p.h5", {"a": 3, "longer": 2})
    paths = {"root": tmp_path, "manifest": manifest, "out": tmp_path / "o.h5", "status": tmp_path / "o.tsv", "code": ""}
    decode_frames.run(uses=[], poses=[poses], recipe=json.dumps(PERSONS), **paths)
    assert [row.reason for row in read_status(tmp_path / "o.tsv").itertuples()] == [
        "",
        "annotation has 2 frames, video 3",
    ]
    frames = open_images([tmp_path / "o.h5"]).read("a", [0, 1, 2])
    assert frames.shape == (3, 30, 30, 3)
    for number, frame in enumerate(frames):  # 1.5 * 20 pixels around (10 * number + 10, 11), 5 and 4 of them outside
        left = 10 * number - 5
        image = cv2.imread(str(tmp_path / "a" / f"{number + 1}.png"))[:26, max(left, 0) : left + 30, ::-1]
        inside = frame[4:30, max(-left, 0) :].astype(int)
        assert abs(inside - image).mean() < 3
        assert frame[:3].max() < 12


def test_positions_are_those_of_the_picture_that_the_annotation_states(tmp_path: Path) -> None:
    """A picture at half the size that it is annotated in is cut in the same places; one that was cropped is bad."""
    image = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (40, 90, 3), np.uint8), (0, 0), 3)
    cv2.imwrite(str(tmp_path / "a.png"), image)
    cv2.imwrite(str(tmp_path / "b.png"), image[:, :70])
    manifest = _manifest(tmp_path / "m.tsv", {"a": "a.png", "b": "b.png"})
    found = {}
    for scale in (1, 2):
        poses = _boxes(tmp_path / f"p{scale}.h5", {"a": 1, "b": 1}, scale)
        out, status = tmp_path / f"o{scale}.h5", tmp_path / f"o{scale}.tsv"
        options = {"root": tmp_path, "manifest": manifest, "recipe": json.dumps(PERSONS), "code": ""}
        decode_frames.run(uses=[], poses=[poses], out=out, status=status, **options)
        found[scale] = open_images([out]).read("a", [0])
        reason = f"the picture has 70 x 40 pixels, it is annotated as {90 * scale} x {40 * scale}"
        assert read_status(status).reason.tolist() == ["", reason]
    np.testing.assert_array_equal(found[1], found[2])


def test_a_lost_frame_of_a_person_and_of_a_whole_clip_has_no_image(tmp_path: Path) -> None:
    _video(tmp_path / "a.avi", 10)
    lose(tmp_path / "a.avi", (0, 4))
    manifest, poses = _manifest(tmp_path / "m.tsv", {"a": "a.avi"}), _persons_of_video(tmp_path / "p.h5")
    for recipe, files in ((PERSONS, [poses]), ({"store": "jpeg", "size": 16, "quality": 90}, [])):
        options = {"root": tmp_path, "manifest": manifest, "poses": files, "recipe": json.dumps(recipe), "code": ""}
        decode_frames.run(**options, uses=[], out=tmp_path / "o.h5", status=tmp_path / "o.tsv", damaged="keep 0.2")
        assert read_status(tmp_path / "o.tsv").n_frames.tolist() == [10]
        frames = list(open_images([tmp_path / "o.h5"]).stream("a"))
        assert [frame.number for frame in frames if frame.image is None] == [0, 4]
        assert [round(30 * frame.time) for frame in frames] == list(range(10))


def _persons_of_video(path: Path) -> Path:
    header = {"kind": "poses", "axes": "frame body joint xy", "units": "pixels", "recipe": "{}", "code": ""}
    side = {"box": SideArray("frame body corner", "pixels"), "size": SideArray("frame extent", "pixels")}
    with ShardWriter(path, **header, side=side) as writer:
        box = np.tile(np.array([30, 10, 60, 50], np.float32), (10, 1, 1))
        size = np.full((10, 2), (64, 96), np.int32)
        writer.append("a", np.zeros((10, 1, 1, 2), np.float32), box=box, size=size)
    return path


@pytest.mark.data
def test_the_real_video_shows_hands_where_the_skeleton_says(samples: Path, tmp_path: Path) -> None:
    root = samples / "ntu_rgbd"
    lines = (root / "nturgb+d_skeletons/S001C001P001R001A001.skeleton").read_text().split("\n")
    joints = np.array([line.split() for line in lines if len(line.split()) == 12], np.float64).reshape(103, 25, 12)
    xy = np.full((103, 2, 25, 2), np.nan, np.float32)
    xy[:, 0] = joints[:, :, 5:7]
    presence = np.tile(np.array([1, 0], np.uint8), (103, 1))
    with ShardWriter(
        tmp_path / "p.h5", kind="poses", axes="frame body joint xyz", units="metres", recipe="{}", code="", side=SIDE
    ) as writer:
        writer.append("a", np.zeros((103, 2, 25, 3), np.float32), color_xy=xy, presence=presence)
    manifest = _manifest(tmp_path / "m.tsv", {"a": "nturgb+d_rgb/S001C001P001R001A001_rgb.avi"})
    recipe = json.dumps({"store": "crops", "size": 50, "max_frame_difference": 1, "picture": [1080, 1920]})
    out = tmp_path / "o.h5"
    decode_frames.run(
        root=root,
        manifest=manifest,
        uses=[],
        poses=[tmp_path / "p.h5"],
        recipe=recipe,
        out=out,
        status=tmp_path / "o.tsv",
        code="",
    )
    with Shard(out) as shard:
        data, mask = shard.clip("a"), shard.side("mask", "a")
    assert mask.tolist() == [[1, 1, 0, 0]] * 103
    hands = data[:, :2].reshape(-1, 50 * 50, 3).astype(int)
    reddish = (hands[:, :, 0] > hands[:, :, 2] + 15).mean(axis=1)  # skin has more red than blue
    assert np.median(reddish) > 0.2
