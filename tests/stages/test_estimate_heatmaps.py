"""Stage estimate_heatmaps, and what estimate_poses shares with it, with a network that sees a white spot."""

import json
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from poseattn.backbones import hourglass
from poseattn.clips.manifest import MANIFEST_COLUMNS, read_status, write_manifest
from poseattn.datasets.mpii_annotations import read_people
from poseattn.extraction.pose_network import BODY, BothWays
from poseattn.inputs.features import load_features
from poseattn.pose.parts import BODIES
from poseattn.shards.shard import Shard, ShardWriter, SideArray
from poseattn.shards.shard_set import ShardSet, mirrored_of
from poseattn.stages import build_manifest, estimate_heatmaps, estimate_poses, read_poses
from tests.frames import lose
from tests.spots import RECIPE, SPOT, Spot, picture, run_stage, write_raw

MPII = BODIES["mpii"]


@pytest.fixture
def spot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hourglass, "build", lambda *, weights, size, seed, stacks, features: Spot().eval())


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image, a video of three frames whose spot moves down, a broken image and a missing one."""
    folder = tmp_path_factory.mktemp("raw")
    write_raw(folder)
    return folder


def test_maps_of_images_and_videos_and_reasons_for_bad_clips(spot: None, root: Path, tmp_path: Path) -> None:
    assert run_stage("estimate-heatmaps", root, tmp_path / "a.h5", RECIPE) == 0
    with Shard(tmp_path / "a.h5", kind="heatmaps", axes="frame joint row col", recipe=json.dumps(RECIPE)) as shard:
        assert shard.clip_ids == ["still", "v"] and shard.offsets.tolist() == [0, 1, 4]
        assert shard.row_shape == (16, 16, 16) and shard.dtype == np.float16
        assert shard.side("square", "v").tolist() == [[0, -50, 200, 150]] * 3
        assert shard.side("size", "still").tolist() == [[100, 200]]
        assert shard.side("time", "v").tolist() == pytest.approx([0, 0.1, 0.2])
        # the spot in cells: 200 pixels are 16 of them, and rows begin 50 pixels above the picture
        for frame, heatmap in enumerate(shard.clip("v")):
            row, col = np.unravel_index(heatmap[0].argmax(), (16, 16))
            assert (row, col) == (int((SPOT[1] + 10 * frame + 50) / 12.5), int(SPOT[0] / 12.5))
        assert shard.attrs["layout"] == "mpii" and shard.attrs["weights"] == "random"
    reasons = read_status(tmp_path / "a.tsv").set_index("clip_id").reason
    assert reasons["still"] == reasons["v"] == ""
    assert "broken.jpg is no image" in reasons["broken"] and reasons["gone"] == "no video"


def test_boxes_are_those_of_the_picture_that_the_annotation_states(spot: None, root: Path, tmp_path: Path) -> None:
    """An image of 200x100 pixels that is annotated as 400x200 is cut in the same place; another one is bad."""
    recipe = RECIPE | {"crop": "box", "margin": 1.6, "poses": "annotated"}
    header = {"kind": "poses", "axes": "frame body joint xy", "units": "pixels", "recipe": "{}", "code": ""}
    with Shard(root / "boxes.h5") as boxes:
        for name, factor, size in (("twice.h5", 2, (200, 400)), ("other.h5", 1, (100, 180))):
            side = {"box": SideArray("frame body corner", "pixels"), "size": SideArray("frame extent", "pixels")}
            with ShardWriter(root / name, **header, side=side) as shard:
                arrays = {"box": factor * boxes.side("box", "still"), "size": np.array([size], np.int32)}
                shard.append("still", np.zeros((1, 1, 1, 2), np.float32), **arrays)
    for name in ("boxes", "twice", "other"):
        assert run_stage("estimate-heatmaps", root, tmp_path / f"{name}.h5", recipe, f"{name}.h5") == 0
    with Shard(tmp_path / "boxes.h5") as once, Shard(tmp_path / "twice.h5") as twice:
        for array in ("data", "square", "size"):
            np.testing.assert_array_equal(once.side(array, "still"), twice.side(array, "still"))
    reasons = read_status(tmp_path / "other.tsv").set_index("clip_id").reason
    assert reasons["still"] == "the picture has 200 x 100 pixels, it is annotated as 180 x 100"


def test_nobody_is_seen_in_a_lost_frame(spot: None, root: Path, tmp_path: Path) -> None:
    """Frame 3 of 6: its maps are zero, no joint of it counts, and all other frames are as they were."""
    writer = cv2.VideoWriter(str(tmp_path / "v.avi"), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), 10, (200, 100))
    for frame in range(6):
        writer.write(picture(frame % 4))
    writer.release()
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": "v", "path": "v.avi", "label": "0"}
    write_manifest(pd.DataFrame([row]), tmp_path / "m.tsv")
    for stage, extra in ((estimate_heatmaps, {}), (estimate_poses, {"min_confidence": 0.0})):
        options = {"root": tmp_path, "manifest": tmp_path / "m.tsv", "poses": [], "weights": [], "threads": 1}
        options |= {"status": tmp_path / "s.tsv", "device": "cpu", "code": "", "recipe": json.dumps(RECIPE | extra)}
        stage.run(**options, out=tmp_path / f"{stage.__name__}.whole.h5")
    lose(tmp_path / "v.avi", {3})
    for stage, extra in ((estimate_heatmaps, {}), (estimate_poses, {"min_confidence": 0.0})):
        out, options["recipe"] = tmp_path / f"{stage.__name__}.h5", json.dumps(RECIPE | extra)
        stage.run(**options, out=out, damaged="keep 0.2")
        assert read_status(tmp_path / "s.tsv")[["n_frames", "damaged"]].to_numpy().tolist() == [[6, 1]]
        with Shard(out) as shard, Shard(tmp_path / f"{stage.__name__}.whole.h5") as whole:
            assert shard.side("healthy", "v").tolist() == [1, 1, 1, 0, 1, 1]
            for name in ("data", "size"):
                good = [0, 1, 2, 4, 5]
                np.testing.assert_array_equal(shard.side(name, "v")[good], whole.side(name, "v")[good])
            if stage is estimate_heatmaps:
                assert not shard.clip("v")[3].any() and shard.side("square", "v")[3].tolist() == [0, -50, 200, 150]
            else:
                for name in ("presence", "valid", "visibility", "confidence"):
                    assert not shard.side(name, "v")[3].any()
    poses = ShardSet([tmp_path / "poseattn.stages.estimate_poses.h5"], "poses")
    run = {"center": "per_clip", "differences": "sampled", "derivatives": 1, "sampling": "segments"}
    features = load_features(["v", mirrored_of("v")], {"poses": poses}, ["pose"], run, torch.device("cpu"), 1 << 30)
    assert [mask.tolist() for mask in features.timeline.healthy] == [[1, 1, 1, 0, 1, 1]] * 2


def test_both_ways_is_the_mean_with_pairs_exchanged() -> None:
    network = hourglass.build(weights=None, size=64, seed=0, stacks=1, features=16)
    images = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8))
    with torch.no_grad():
        found = BothWays(network, MPII)(images).numpy()
        once, turned = network(images).numpy(), network(torch.flip(images, [2])).numpy()
    for joint, other in enumerate(MPII.mirrored):
        expected = (once[..., joint] + turned[:, :, ::-1, other]) / 2
        np.testing.assert_allclose(found[..., joint], expected, atol=1e-6)
    with torch.no_grad():
        mirrored = BothWays(network, MPII)(torch.flip(images, [2])).numpy()
    np.testing.assert_allclose(mirrored[:, :, ::-1][..., list(MPII.mirrored)], found, atol=1e-6)


def test_twice_the_same_bytes_with_a_real_network(root: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert run_stage("estimate-heatmaps", root, tmp_path / f"{name}.h5", RECIPE | {"flip": True}) == 0
    with Shard(tmp_path / "a.h5") as first, Shard(tmp_path / "b.h5") as second:
        np.testing.assert_array_equal(first.clip("v"), second.clip("v"))
        assert first.attrs == second.attrs and np.ptp(first.clip("v").astype(float)) > 0


@pytest.mark.parametrize(
    ("change", "poses", "message"),
    [
        ({"crop": "middle"}, "", "crop is 'middle', expected whole or box"),
        ({"crop": "box"}, "", "crop is 'box', and 0 files of poses are given"),
        ({"crop": "whole"}, "boxes.h5", "crop is 'whole', and 1 files of poses are given"),
        (
            {"arguments": {"stacks": 1, "features": 16, "joints": 14}},
            "",
            "gives (16, 16, 14), expected maps of 16 joints",
        ),
    ],
)
def test_recipes_that_do_not_fit_are_one_line(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict, poses: str, message: str
) -> None:
    assert run_stage("estimate-heatmaps", root, tmp_path / "a.h5", RECIPE | change, poses) == 1
    assert message in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "a.h5").exists()


def test_the_joints_of_both_stages_are_mpii_s() -> None:
    assert BODY is MPII and len(MPII.joints) == 16


@pytest.mark.data
def test_real_people_go_from_their_annotation_through_crop_and_network(samples: Path, tmp_path: Path) -> None:
    """Three of MPII's validation people have their images here; maps lie where the annotated crop says."""
    root = samples / "mpii"
    files, lists = json.dumps({"image": "images/*.jpg"}), json.dumps(["annot/valid.h5"])
    about = {"root": root, "layout": "mpii", "files": files, "lists": lists, "shard": 0, "n_shards": 1}
    build_manifest.run(**about, with_missing=0, out=tmp_path / "m.tsv")
    made = {"root": root, "manifest": tmp_path / "m.tsv", "code": "c"}
    read_poses.run(**made, layout="mpii", recipe="{}", out=tmp_path / "p.h5", status=tmp_path / "p.tsv")
    recipe = json.dumps(RECIPE | {"crop": "box", "margin": 1, "poses": "annotated"})
    out = {"out": tmp_path / "h.h5", "status": tmp_path / "h.tsv", "threads": 1, "device": "cpu"}
    estimate_heatmaps.run(**made, poses=[tmp_path / "p.h5"], weights=[], recipe=recipe, **out)
    people = read_people(root / "annot/valid.h5")
    with Shard(tmp_path / "h.h5") as shard:
        assert shard.clip_ids == ["005808361=0", "051423444=0", "052475643=0"]
        for row in range(3):
            clip_id = f"{Path(people.image[row]).stem}={people.number[row]}"
            left, top, right, bottom = shard.side("square", clip_id)[0]
            assert right - left == pytest.approx(200 * people.scale[row], rel=1e-5)
            assert [(left + right) / 2, (top + bottom) / 2] == pytest.approx(people.center[row].tolist(), rel=1e-5)
            assert np.isfinite(shard.clip(clip_id)).all()


@pytest.mark.data
@pytest.mark.parametrize(
    ("path", "n_frames", "square"),
    [
        ("ntu_rgbd/nturgb+d_rgb/S001C001P001R001A001_rgb.avi", 103, [0, -420, 1920, 1500]),
        (
            "jhmdb/ReCompress_Videos/catch/Goal_Keeping_Tips_catch_f_cm_np1_fr_med_2.avi",
            40,
            [0, -40, 320, 280],
        ),
    ],
)
def test_every_frame_of_real_clips_gets_maps(
    samples: Path, tmp_path: Path, path: str, n_frames: int, square: list[float]
) -> None:
    """All of a frame is seen; there are as many as in the files of the clips' joints."""
    clip = dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": "real", "path": path}
    write_manifest(pd.DataFrame([clip]), tmp_path / "m.tsv")
    out = {"out": tmp_path / "h.h5", "status": tmp_path / "h.tsv", "threads": 1, "device": "cpu", "code": "c"}
    recipe = json.dumps(RECIPE | {"crop": "whole"})
    estimate_heatmaps.run(root=samples, manifest=tmp_path / "m.tsv", poses=[], weights=[], recipe=recipe, **out)
    with Shard(tmp_path / "h.h5") as shard:
        maps = shard.clip("real")
        assert len(maps) == n_frames and maps.shape[1] == 16 and np.isfinite(maps).all()
        assert shard.side("square", "real").tolist() == [square] * n_frames
