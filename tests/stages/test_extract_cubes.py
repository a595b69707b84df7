"""Stage extract_cubes: each frame by itself gives the same cube, decoded or stored; bad clips cost no other."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from poseattn.backbones import timm
from poseattn.clips.manifest import MANIFEST_COLUMNS, read_status, write_manifest
from poseattn.extraction.backbone import ready_backbone
from poseattn.extraction.features import write_features
from poseattn.extraction.pictures import Clip
from poseattn.extraction.statuses import Statuses
from poseattn.networks.device import set_threads
from poseattn.networks.shared import rows_of
from poseattn.networks.taps import tapped
from poseattn.shards.shard import Shard, ShardError, ShardWriter, SideArray
from poseattn.stages import decode_frames, estimate_heatmaps, extract_cubes
from poseattn.video.clip_frames import ClipFrames, squashed
from poseattn.video.frames import Frame, VideoError
from poseattn.video.pose_below import pose_below
from tests.frames import as_frames
from tests.video.rendered import Writer

FLOW = {"method": "dis", "size": 64, "bound": 20, "quality": 95}
NONE, JPEG = {"store": "none", "size": 64}, {"store": "jpeg", "size": 64, "quality": 95}
RECIPE = {
    "frames": NONE, "backbone": "timm:test_resnet", "arguments": {}, "tap": "layer3", "size": 64,
    "pretrained_by": "moving_objects", "weights": "random", "seed": 3, "batch": 7, "compile": False,
    "mirror": False,
}  # fmt: skip
LENGTHS = {"-a#1": 10, "b [x] y": 3, "c": 25}
REAL = ("ucf11", "ucf101", "hmdb51", "hollywood2", "kinetics_extra")


def _video(path: Path, n_frames: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    writer = Writer(path, "MJPG", 25, (96, 64))
    for _ in range(n_frames):
        writer.write(cv2.resize(rng.integers(0, 256, (4, 6, 3), np.uint8), (96, 64)))
    writer.release()


def _manifest(path: Path, videos: dict[str, str], excluded: dict[str, str] | None = None) -> Path:
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"label": "0"}
    rows = [
        row | {"clip_id": clip, "path": video, "excluded": (excluded or {}).get(clip, "")}
        for clip, video in videos.items()
    ]
    write_manifest(pd.DataFrame(rows), path)
    return path


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three good clips, one without a file, one cut off, and one that the protocol leaves out."""
    folder = tmp_path_factory.mktemp("root")
    for seed, (clip_id, length) in enumerate(LENGTHS.items()):
        _video(folder / f"{clip_id}.avi", length, seed)
    (folder / "cut.avi").write_bytes((folder / "c.avi").read_bytes()[:-999])
    videos = {name: f"{name}.avi" for name in (*LENGTHS, "cut", "out")} | {"none": ""}
    _manifest(folder / "manifest.tsv", videos, {"out": "protocol: not used"})
    return folder


def _run(root: Path, out: Path, stored: list[Path] | None = None, threads: int = 1, **changes: object) -> Shard:
    recipe = json.dumps({**RECIPE, **changes}, sort_keys=True)
    options = {"root": root, "manifest": root / "manifest.tsv", "frames": stored or [], "heatmaps": [], "weights": []}
    options["uses"] = []
    extract_cubes.run(
        **options, recipe=recipe, out=out, status=out.with_suffix(".tsv"), threads=threads, device="cpu", code="c"
    )
    return Shard(out, kind="cubes", axes="frame row col channel", recipe=recipe)


def _bad(status: Path) -> dict[str, str]:
    table = read_status(status)
    return {row.clip_id: row.reason for row in table.itertuples() if row.reason}


def test_every_frame_by_itself(root: Path, tmp_path: Path) -> None:
    cubes = _run(root, tmp_path / "out.h5")
    backbone = timm.build("test_resnet", weights=None, size=64, seed=3)
    backbone.network = tapped(backbone.network, "layer3")
    assert cubes.clip_ids == sorted(LENGTHS)
    for clip_id, length in LENGTHS.items():
        frames = list(squashed(ClipFrames(root, f"{clip_id}.avi"), 64))
        found = cubes.clip(clip_id)
        assert (found.shape, found.dtype) == ((length, 4, 4, 192), np.float16)
        assert cubes.side("time", clip_id).tolist() == [number / 25 for number in range(length)]
        for frame, cube in zip(frames, found, strict=True):
            with torch.no_grad():
                expected = backbone(torch.from_numpy(frame.image)[None])[0]
            np.testing.assert_allclose(cube, expected, rtol=5e-3, atol=5e-3)
    assert np.abs(cubes.clip("c")).max() > 0.1
    attrs = {"weights": "random", "backbone": "timm:test_resnet", "tap": "layer3", "device": "cpu", "threads": 1}
    assert {name: cubes.attrs[name] for name in attrs} == attrs
    assert (cubes.arrays["data"].units, cubes.arrays["time"]._asdict()["units"]) == ("1", "seconds")


def test_bad_clips_are_told_and_cost_no_good_one(root: Path, tmp_path: Path) -> None:
    _run(root, tmp_path / "out.h5")
    table = read_status(tmp_path / "out.tsv").set_index("clip_id")
    assert set(table.stage) == {"extract_cubes"}
    assert table.n_frames.to_dict() == LENGTHS | {"cut": 0, "none": 0}
    bad = _bad(tmp_path / "out.tsv")
    assert bad["none"] == "no video" and bad["cut"].startswith("the file is cut off after")
    assert set(bad) == {"cut", "none"}


def test_twice_the_same_bytes(root: Path, tmp_path: Path) -> None:
    for name in ("first", "second"):
        _run(root, tmp_path / f"{name}.h5")
    assert (tmp_path / "first.h5").read_bytes() == (tmp_path / "second.h5").read_bytes()


def _broken(n_frames: int) -> Iterator[Frame]:
    yield from as_frames(np.full((64, 64, 3), 8 * number, np.uint8) for number in range(n_frames))
    raise VideoError(f"frame {n_frames} cannot be converted to colour")


@pytest.mark.parametrize("threads", [1, 3])
def test_a_clip_that_fails_in_the_middle_leaves_no_rows(root: Path, tmp_path: Path, threads: int) -> None:
    backbone, shape, _ = ready_backbone(RECIPE, [], 1, "cpu")
    good = {clip_id: list(squashed(ClipFrames(root, f"{clip_id}.avi"), 64)) for clip_id in LENGTHS}
    names = ("bad0", "-a#1", "bad7", "bad9", "c", "bad30", "b [x] y")
    clips = [Clip(name, iter(good[name]) if name in good else _broken(int(name[3:]))) for name in names]
    header = {"kind": "cubes", "axes": "frame row col channel", "units": "1", "recipe": "{}", "code": ""}
    statuses = Statuses("extract_cubes", len(clips))
    with ShardWriter(tmp_path / "a.h5", **header, side={"time": SideArray("frame", "seconds")}) as writer:
        write_features(clips, backbone, RECIPE, threads, writer, statuses)
    statuses.write(tmp_path / "a.tsv")
    expected = {f"bad{n}": f"frame {n} cannot be converted to colour" for n in (0, 7, 9, 30)}
    assert _bad(tmp_path / "a.tsv") == expected
    undisturbed = _run(root, tmp_path / "b.h5")
    with Shard(tmp_path / "a.h5") as shard:
        shard.check_content()
        assert shard.clip_ids == ["-a#1", "c", "b [x] y"]
        for clip_id in LENGTHS:
            np.testing.assert_allclose(shard.clip(clip_id), undisturbed.clip(clip_id), rtol=2e-3, atol=2e-3)


def test_stored_frames_give_nearly_the_same_cubes(root: Path, tmp_path: Path) -> None:
    frames, status = tmp_path / "frames.h5", tmp_path / "frames.tsv"
    recipe = json.dumps(JPEG, sort_keys=True)
    given = {"root": root, "manifest": root / "manifest.tsv", "poses": [], "recipe": recipe, "code": "c", "uses": []}
    decode_frames.run(**given, out=frames, status=status)
    assert read_status(status).set_index("clip_id").n_frames.to_dict() == LENGTHS | {"cut": 0, "none": 0}
    stored = _run(root, tmp_path / "stored.h5", [frames], frames=JPEG)
    direct = _run(root, tmp_path / "direct.h5")
    assert _bad(tmp_path / "stored.tsv") == {}
    assert stored.clip_ids == direct.clip_ids
    for clip_id in LENGTHS:
        np.testing.assert_array_equal(stored.side("time", clip_id), direct.side("time", clip_id))
        one, other = (shard.clip(clip_id).astype(np.float32) for shard in (stored, direct))
        assert np.linalg.norm(one - other) < 0.2 * np.linalg.norm(other)
    with pytest.raises(ShardError, match="frames.h5: shard of recipe"):
        _run(root, tmp_path / "other.h5", [frames], frames=JPEG | {"quality": 50})


def test_empty_shard(root: Path, tmp_path: Path) -> None:
    _manifest(tmp_path / "manifest.tsv", {"none": ""})
    found = _run(tmp_path, tmp_path / "out.h5")
    assert (found.clip_ids, found.row_shape, found.dtype) == ([], (4, 4, 192), np.float16)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"frames": JPEG}, "frames with store 'jpeg', and 0 shards are given, not 1"),
        ({"tap": "layer9"}, "tap: no layer 'layer9', .* act1, layer1, layer2, layer3, layer4$"),
        ({"frames": NONE, "flow": FLOW}, "flow by 'dis', and 0 shards are given, not 1"),
        (
            {"backbone": "bn_inception", "tap": "inception_3a", "arguments": {"in_channels": 10, "width": 0.1}},
            "bn_inception takes 10 channels, frames have 3",
        ),
        ({"weights": "standin"}, "'standin' with 0 weights files, expected 1"),
    ],
)
def test_wrong_recipe(root: Path, tmp_path: Path, changes: dict, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        _run(root, tmp_path / "out.h5", **changes)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_cubes_beyond_float16_are_refused(root: Path, tmp_path: Path) -> None:
    set_threads(1)
    state = timm.build("test_resnet", weights=None, size=64, seed=3).network.state_dict()
    state["layer3.0.downsample.2.weight"] *= 1e9
    torch.save(state, tmp_path / "net.pt")
    recipe = json.dumps(RECIPE | {"weights": "standin"})
    options = {"root": root, "manifest": root / "manifest.tsv", "frames": [], "weights": [tmp_path / "net.pt"]}
    options |= {"heatmaps": [], "uses": []}
    options |= {"out": tmp_path / "o.h5", "status": tmp_path / "o.tsv", "threads": 1, "device": "cpu", "code": ""}
    with pytest.raises(ValueError, match="clip -a#1: features of timm:test_resnet beyond float16"):
        extract_cubes.run(**options, recipe=recipe)
    assert [path.name for path in tmp_path.iterdir()] == ["net.pt"]


def test_pixels_in_memory_stay_bounded(tmp_path: Path) -> None:
    """A clip of 4000 frames is never further ahead of the cubes on disk than a few batches."""
    ahead = []

    class Backbone(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(()))

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return rows_of(images.permute(0, 3, 1, 2).float() * self.scale)

    class Writer(ShardWriter):
        def extend(self, clip_id: str, data: np.ndarray, **side: np.ndarray) -> None:
            super().extend(clip_id, data, **side)
            ahead.append(taken[0] - self._spools["data"].n_rows)

    taken = [0]

    def frames() -> Iterator[Frame]:
        for frame in as_frames(np.zeros((2, 2, 3), np.uint8) for _ in range(4000)):
            taken[0] += 1
            yield frame

    header = {"kind": "cubes", "axes": "frame row col channel", "units": "1", "recipe": "{}", "code": ""}
    with Writer(tmp_path / "a.h5", **header, side={"time": SideArray("frame", "seconds")}) as writer:
        settings = {"batch": 8, "size": 2, "compile": False, "backbone": "b"}
        write_features([Clip("a", frames())], Backbone(), settings, 1, writer, Statuses("extract_cubes", 1))
    assert max(ahead) <= 8 * 10
    with Shard(tmp_path / "a.h5") as shard:
        assert shard.n_rows == 4000


def _stated_frames(samples: Path) -> dict[str, int]:
    """Path -> number of frames that decode, from the table of the samples' documentation."""
    rows = re.findall(
        r"^\| (\S+\.(?:avi|mpg|mp4)) \|(?:[^|]*\|){3} \**(\d+)\** \|", (samples / "SOURCES.md").read_text(), re.M
    )
    return {path: int(count) for path, count in rows if path.split("/")[0] in REAL}


@pytest.mark.data
def test_every_real_clip_has_a_cube_for_each_frame_that_decodes(samples: Path, tmp_path: Path) -> None:
    expected = _stated_frames(samples)
    files = {path for name in REAL for path in (samples / name).rglob("*") if path.suffix in (".avi", ".mpg", ".mp4")}
    assert {samples / path for path in expected} == files and len(files) == 12
    _manifest(tmp_path / "manifest.tsv", {Path(path).stem: path for path in expected})
    recipe = json.dumps(RECIPE | {"tap": "layer3", "batch": 64}, sort_keys=True)
    options = {"root": samples, "manifest": tmp_path / "manifest.tsv", "frames": [], "weights": [], "device": "cpu"}
    options |= {"heatmaps": [], "uses": []}
    options |= {"out": tmp_path / "o.h5", "status": tmp_path / "o.tsv", "threads": 1, "code": ""}
    extract_cubes.run(**options, recipe=recipe)
    assert _bad(tmp_path / "o.tsv") == {}
    with Shard(tmp_path / "o.h5") as shard:
        shard.check_content()
        for path, n_frames in expected.items():
            cubes, time = shard.clip(Path(path).stem), shard.side("time", Path(path).stem)
            assert len(cubes) == len(time) == n_frames, path
            assert time[0] == 0 and (np.diff(time) > 0).all()
            assert np.isfinite(cubes).all() and np.abs(np.diff(cubes[:2].astype(np.float32), axis=0)).max() > 0


@pytest.mark.data
def test_a_real_clip_gives_cubes_of_googlenet(samples: Path, tmp_path: Path) -> None:
    path = "hmdb51/hmdb51_org/wave/RATRACE_wave_f_nm_np1_fr_goo_37.avi"
    _manifest(tmp_path / "manifest.tsv", {"wave": path})
    changes = {"frames": {"store": "none", "size": 224}, "size": 224, "batch": 16}
    recipe = json.dumps(RECIPE | changes | {"backbone": "googlenet", "tap": "inception5b"}, sort_keys=True)
    options = {"root": samples, "manifest": tmp_path / "manifest.tsv", "frames": [], "weights": [], "device": "cpu"}
    options |= {"heatmaps": [], "uses": []}
    options |= {"out": tmp_path / "o.h5", "status": tmp_path / "o.tsv", "threads": 1, "code": ""}
    extract_cubes.run(**options, recipe=recipe)
    with Shard(tmp_path / "o.h5", kind="cubes", axes="frame row col channel") as shard:
        cubes = shard.clip("wave")
    assert cubes.shape == (72, 7, 7, 1024)
    assert np.isfinite(cubes).all() and (cubes >= 0).all() and 0.01 < cubes.max() < 1000


def _heatmaps(path: Path, recipe: str) -> Path:
    """Maps of the frames of two clips, of which one has fewer than frames."""
    header = {"kind": "heatmaps", "axes": "frame joint row col", "units": "1", "recipe": recipe, "code": "c"}
    with ShardWriter(path, **header, attrs={"weights": "standin"}) as writer:
        for clip_id, length in (("-a#1", LENGTHS["-a#1"]), ("c", LENGTHS["c"] - 1)):
            rng = np.random.default_rng(length)
            writer.append(clip_id, rng.random((length, 16, 8, 8)).astype(np.float16))
    return path


def test_pictures_may_show_the_pose_below_the_frame(root: Path, tmp_path: Path) -> None:
    maps = _heatmaps(tmp_path / "maps.h5", '{"crop": "whole"}')
    recipe = json.dumps(RECIPE | {"heatmaps": {"crop": "whole"}}, sort_keys=True)
    options = {"root": root, "manifest": root / "manifest.tsv", "frames": [], "weights": [], "threads": 1, "code": "c"}
    options |= {"uses": [], "out": tmp_path / "o.h5", "status": tmp_path / "o.tsv", "device": "cpu"}
    extract_cubes.run(**options, heatmaps=[maps], recipe=recipe)
    reasons = _bad(tmp_path / "o.tsv")
    assert (
        reasons["b [x] y"] == "no heatmaps of its joints"
        and reasons["c"] == "heatmaps have 24 frames, the video has more"
    )
    backbone, _, _ = ready_backbone(RECIPE, [], 1, "cpu")
    with Shard(tmp_path / "o.h5", kind="cubes") as shard, Shard(maps) as poses:
        assert shard.clip_ids == ["-a#1"] and shard.attrs["weights"] == "random+standin"
        frames = [frame.image for frame in ClipFrames(root, "-a#1.avi")]
        pictures = [pose_below(*pair, 64) for pair in zip(frames, poses.clip("-a#1"), strict=True)]
        with torch.inference_mode():
            expected = backbone(torch.from_numpy(np.stack(pictures))).numpy()
        np.testing.assert_allclose(shard.clip("-a#1").astype(np.float32), expected, rtol=2e-3, atol=2e-3)
    with pytest.raises(ValueError, match="recipe: heatmaps is None, and 1 shards are given for it"):
        extract_cubes.run(**options, heatmaps=[maps], recipe=json.dumps(RECIPE, sort_keys=True))
    with pytest.raises(ValueError, match="maps.h5: .*recipe"):
        other = json.dumps(RECIPE | {"heatmaps": {"crop": "box"}}, sort_keys=True)
        extract_cubes.run(**options, heatmaps=[maps], recipe=other)


@pytest.mark.data
def test_real_images_get_cubes_with_their_poses_below(samples: Path, tmp_path: Path) -> None:
    images = sorted((samples / "mpii/images").glob("*.jpg"))
    assert len(images) == 3
    _manifest(tmp_path / "manifest.tsv", {path.stem: path.name for path in images})
    poses = {"crop": "whole", "flip": False, "backbone": "hourglass", "arguments": {"stacks": 1, "features": 16}}
    poses |= {"size": 64, "weights": "random", "seed": 0, "batch": 4, "compile": False}
    options = {"root": samples / "mpii/images", "manifest": tmp_path / "manifest.tsv", "weights": [], "threads": 1}
    options |= {"status": tmp_path / "s.tsv", "device": "cpu", "code": ""}
    text = json.dumps(poses, sort_keys=True)
    estimate_heatmaps.run(**options, poses=[], recipe=text, out=tmp_path / "h.h5")
    cubes = {}
    for name, maps in (("alone", []), ("posed", [tmp_path / "h.h5"])):
        recipe = json.dumps(RECIPE | ({"heatmaps": poses} if maps else {}), sort_keys=True)
        extract_cubes.run(**options, uses=[], frames=[], heatmaps=maps, recipe=recipe, out=tmp_path / f"{name}.h5")
        assert _bad(tmp_path / "s.tsv") == {}
        with Shard(tmp_path / f"{name}.h5") as shard:
            cubes[name] = np.concatenate([shard.clip(path.stem) for path in images]).astype(np.float32)
    assert cubes["alone"].shape == cubes["posed"].shape == (3, 4, 4, 192)
    assert np.isfinite(cubes["posed"]).all() and np.abs(cubes["posed"] - cubes["alone"]).max() > 0.1
