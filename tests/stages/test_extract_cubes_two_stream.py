"""Stage extract_cubes on two streams: stacks of stored flow, pooled features, and mirrored twins of training clips."""

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from poseattn.backbones import bn_inception
from poseattn.clips.manifest import MANIFEST_COLUMNS, read_status, write_manifest
from poseattn.extraction import statuses as _clips
from poseattn.extraction.backbone import build_backbone
from poseattn.extraction.features import write_features
from poseattn.extraction.pictures import Clip
from poseattn.extraction.statuses import Statuses
from poseattn.networks.shared import rows_of
from poseattn.shards.shard import Shard, ShardError, ShardWriter, SideArray
from poseattn.shards.shard_set import ShardSet
from poseattn.stages import compute_flow, decode_frames, extract_cubes
from poseattn.video.clip_frames import ClipFrames, squashed
from poseattn.video.frames import Frame, VideoError
from tests import papers
from tests.frames import as_frames, stored_frames

FLOW = {"method": "dis", "size": [32, 48], "bound": 4, "quality": 100}
TWO_FLOWS = {"backbone": "bn_inception", "arguments": {"in_channels": 4, "width": 0.1}, "tap": "inception_3c"}
RECIPE = {
    **TWO_FLOWS, "flow": FLOW, "size": [32, 48], "pretrained_by": "x", "weights": "random", "seed": 3, "batch": 4,
    "compile": False, "mirror": True,
}  # fmt: skip
COLOURS = {"frames": {"store": "none", "size": [32, 48]}, "arguments": {"width": 0.1}}
LENGTHS = {"train": 9, "test": 3, "train too": 2}


def _write(folder: Path, n_frames: int, seed: int) -> None:
    """A folder of images: a blurred scene that moves by 3 and 1 pixels from one frame to the next."""
    folder.mkdir(parents=True)
    scene = cv2.GaussianBlur(np.random.default_rng(seed).integers(0, 256, (100, 150, 3), np.uint8), (0, 0), 2)
    scene = cv2.normalize(scene, None, 0, 255, cv2.NORM_MINMAX)
    for number in range(n_frames):
        image = scene[20 - number : 52 - number, 40 - 3 * number : 88 - 3 * number]
        cv2.imwrite(str(folder / f"{number + 1:06}.png"), image)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three good clips, two of which train in some protocol, one of a single frame, and their flow."""
    folder = tmp_path_factory.mktemp("root")
    for seed, (clip_id, length) in enumerate((LENGTHS | {"single": 1}).items()):
        _write(folder / clip_id, length, seed)
    trains = {"train": "split1 split3", "train too": "split2", "single": "split1"}
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"label": "0"}
    rows = [row | {"clip_id": name, "path": name, "trains": trains.get(name, "")} for name in (*LENGTHS, "single")]
    write_manifest(pd.DataFrame(rows), folder / "manifest.tsv")
    options = {"root": folder, "manifest": folder / "manifest.tsv", "weights": [], "threads": 1, "device": "cpu"}
    recipe = json.dumps(FLOW, sort_keys=True)
    compute_flow.run(**options, recipe=recipe, out=folder / "flow.h5", status=folder / "flow.tsv", code="c")
    return folder


def _run(root: Path, out: Path, axes: str = "frame row col channel", **changes: Any) -> Shard:
    recipe = {key: value for key, value in (RECIPE | changes).items() if value is not None}
    options = {"root": root, "manifest": root / "manifest.tsv", "weights": [], "threads": 1, "device": "cpu"}
    options |= {"out": out, "status": out.with_suffix(".tsv"), "frames": [root / "flow.h5"] if "flow" in recipe else []}
    uses = [root / "manifest.tsv"] if recipe["mirror"] else []
    extract_cubes.run(**options, uses=uses, heatmaps=[], recipe=json.dumps(recipe, sort_keys=True), code="c")
    return Shard(out, kind="cubes", axes=axes)


def _stacks(root: Path, clip_id: str, fields: int) -> list[np.ndarray]:
    """By hand: the channels x, y of the fields from each frame on, the last one repeated; row below row in storage."""
    with Shard(root / "flow.h5", kind="flow") as shard:
        stored = [frame.image for frame in stored_frames(shard, clip_id)]
    stacks = []
    for frame in range(len(stored) + 1):
        stack = np.empty((32, 48, 2 * fields), np.uint8)
        for place in range(fields):
            image = stored[frame + place] if frame + place < len(stored) else stored[-1]
            stack[:, :, 2 * place], stack[:, :, 2 * place + 1] = image[:32], image[32:]
        stacks.append(stack)
    return stacks


def _mirrored(stack: np.ndarray) -> np.ndarray:
    """By hand: pixel from the other side, code c of motion along x becomes 256 - c."""
    found = np.empty_like(stack)
    rows, cols, channels = stack.shape
    for row in range(rows):
        for col in range(cols):
            for channel in range(channels):
                code = int(stack[row, cols - 1 - col, channel])
                found[row, col, channel] = min(256 - code, 255) if channel % 2 == 0 else code
    return found


def _assert_cubes(found: np.ndarray, backbone: torch.nn.Module, pictures: list[np.ndarray]) -> None:
    """One picture at a time."""
    assert len(found) == len(pictures)
    for cube, picture in zip(found, pictures, strict=True):
        with torch.no_grad():
            expected = backbone(torch.from_numpy(np.ascontiguousarray(picture))[None])[0]
        assert float(expected.std()) > 1e-3
        np.testing.assert_allclose(cube, expected, rtol=1e-2, atol=1e-2)


def test_stacks_of_flow_and_their_mirror_images(root: Path, tmp_path: Path) -> None:
    cubes = _run(root, tmp_path / "out.h5")
    backbone = build_backbone(RECIPE, None)
    twins = {"mirrored/train": "train", "mirrored/train too": "train too"}
    assert set(cubes.clip_ids) == {*LENGTHS, *twins}
    for clip_id in LENGTHS:
        _assert_cubes(cubes.clip(clip_id), backbone, _stacks(root, clip_id, 2))
    np.testing.assert_allclose(cubes.side("time", "train"), np.arange(9) / 30, atol=1e-9)
    for twin, clip_id in twins.items():
        _assert_cubes(cubes.clip(twin), backbone, [_mirrored(stack) for stack in _stacks(root, clip_id, 2)])
        np.testing.assert_array_equal(cubes.side("time", twin), cubes.side("time", clip_id))
    assert np.abs(cubes.clip("mirrored/train") - cubes.clip("train")[:, :, ::-1]).max() > 0.01
    cubes.check_content()


def test_the_status_names_clips_and_no_twins(root: Path, tmp_path: Path) -> None:
    _run(root, tmp_path / "out.h5")
    assert read_status(tmp_path / "out.tsv").set_index("clip_id").n_frames.to_dict() == LENGTHS
    _run(root, tmp_path / "frames.h5", flow=None, **COLOURS)
    assert read_status(tmp_path / "frames.tsv").set_index("clip_id").n_frames.to_dict() == LENGTHS | {"single": 1}


def test_colours_are_flipped_and_decoded_once(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = []

    class Counted(ClipFrames):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                decoded.append(self._file.name)
                yield frame

    monkeypatch.setattr(_clips, "ClipFrames", Counted)
    cubes = _run(root, tmp_path / "out.h5", flow=None, **COLOURS)
    assert {path: decoded.count(path) for path in decoded} == LENGTHS | {"single": 1}
    backbone = bn_inception.build(weights=None, size=[32, 48], seed=3, width=0.1)
    backbone = build_backbone(RECIPE | COLOURS, None)
    for clip_id in LENGTHS:
        frames = [frame.image for frame in squashed(ClipFrames(root, clip_id), [32, 48])]
        _assert_cubes(cubes.clip(clip_id), backbone, frames)
        if clip_id != "test":
            _assert_cubes(cubes.clip(f"mirrored/{clip_id}"), backbone, [image[:, ::-1] for image in frames])
    assert set(cubes.clip_ids) == {*LENGTHS, "single", "mirrored/train", "mirrored/train too", "mirrored/single"}


def test_no_twins_where_none_are_asked_for(root: Path, tmp_path: Path) -> None:
    with_twins = _run(root, tmp_path / "a.h5")
    without = _run(root, tmp_path / "b.h5", mirror=False)
    assert set(without.clip_ids) == set(LENGTHS)
    for clip_id in LENGTHS:
        np.testing.assert_allclose(without.clip(clip_id), with_twins.clip(clip_id), rtol=5e-3, atol=5e-3)


def test_pooled_features_are_vectors(root: Path, tmp_path: Path) -> None:
    pooled = _run(root, tmp_path / "out.h5", "frame channel", tap="global_pool")
    backbone = bn_inception.build(weights=None, size=[32, 48], seed=3, in_channels=4, width=0.1)
    assert pooled.row_shape == (backbone.channels,)
    _assert_cubes(pooled.clip("train"), backbone, _stacks(root, "train", 2))
    assert ShardSet([tmp_path / "out.h5"], "cubes").row_shape == pooled.row_shape


def test_the_network_says_of_how_many_fields_a_stack_is(root: Path, tmp_path: Path) -> None:
    changes = {
        "backbone": "vgg:vgg16",
        "arguments": {"in_channels": 20, "width": 0.05},
        "tap": "pool3",
        "mirror": False,
    }
    cubes = _run(root, tmp_path / "out.h5", **changes)
    _assert_cubes(cubes.clip("train"), build_backbone(RECIPE | changes, None), _stacks(root, "train", 10))


def test_a_clip_that_breaks_leaves_neither_itself_nor_its_twin(root: Path, tmp_path: Path) -> None:
    def broken(n_frames: int) -> Iterator[Frame]:
        yield from as_frames(np.full((32, 48, 4), 8 * number, np.uint8) for number in range(n_frames))
        raise VideoError("broken")

    def flip(pictures: np.ndarray) -> np.ndarray:
        return np.flip(pictures, axis=2)

    good = _stacks(root, "train", 2)
    clips = [Clip("bad0", broken(0), flip), Clip("bad6", broken(6), flip), Clip("good", as_frames(good), flip)]
    clips += [Clip("bad30", broken(30), flip)]
    header = {"kind": "cubes", "axes": "frame row col channel", "units": "1", "recipe": "{}", "code": ""}
    backbone, statuses = build_backbone(RECIPE, None), Statuses("extract_cubes", len(clips))
    with ShardWriter(tmp_path / "a.h5", **header, side={"time": SideArray("frame", "seconds")}) as writer:
        write_features(clips, backbone, RECIPE, 1, writer, statuses)
    with Shard(tmp_path / "a.h5") as shard:
        shard.check_content()
        assert shard.clip_ids == ["good", "mirrored/good"]
        _assert_cubes(shard.clip("mirrored/good"), backbone, [stack[:, ::-1] for stack in good])
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5"]


def test_memory_stays_bounded_with_twins(tmp_path: Path) -> None:
    """Of a clip of 1000 frames neither pictures nor cubes are held, those of its twin on disk excepted."""
    peaks = []

    class Backbone(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(()))

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return rows_of((images.float() * self.scale).permute(0, 3, 1, 2))

    class Writer(ShardWriter):
        def finish(self, clip_id: str) -> None:
            super().finish(clip_id)
            peaks.append(tracemalloc.get_traced_memory()[1])

    pictures = as_frames(np.full((16, 16, 32), number % 200, np.uint8) for number in range(1000))
    header = {"kind": "cubes", "axes": "frame row col channel", "units": "1", "recipe": "{}", "code": ""}
    settings = {"batch": 8, "size": 16, "compile": False, "backbone": "b"}
    clips = [Clip("a", pictures, lambda batch: np.flip(batch, axis=2))]
    tracemalloc.start()
    with Writer(tmp_path / "a.h5", **header, side={"time": SideArray("frame", "seconds")}) as writer:
        write_features(clips, Backbone(), settings, 1, writer, Statuses("extract_cubes", 1))
    tracemalloc.stop()
    assert len(peaks) == 2 and max(peaks) < 5e6  # the cubes are twice 16 MB
    with Shard(tmp_path / "a.h5") as shard:
        assert np.diff(shard.offsets).tolist() == [1000, 1000]
        np.testing.assert_array_equal(shard.clip("mirrored/a")[:, 0, 0, 0], np.arange(1000) % 200)


def test_flow_of_another_recipe_or_cut_off_is_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(ShardError, match="flow.h5: shard of recipe .*dis.*, expected .*tvl1"):
        _run(root, tmp_path / "out.h5", flow=FLOW | {"method": "tvl1"})
    (tmp_path / "manifest.tsv").write_bytes((root / "manifest.tsv").read_bytes())
    (tmp_path / "flow.h5").write_bytes((root / "flow.h5").read_bytes()[:-5000])
    with pytest.raises(ShardError, match="flow.h5: "):
        _run(tmp_path, tmp_path / "out.h5")
    assert not (tmp_path / "out.h5").exists()


@pytest.mark.parametrize("channels", [3, 5])
def test_a_network_for_other_pictures_is_refused(root: Path, tmp_path: Path, channels: int) -> None:
    with pytest.raises(ValueError, match=f"^recipe: bn_inception takes {channels} channels, flow has two a field$"):
        _run(root, tmp_path / "out.h5", arguments={"in_channels": channels, "width": 0.1})


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("sub_jhmdb_rgb_split1", (8, 10, 1024)),
        ("sub_jhmdb_flow_split1", (8, 10, 1024)),
        pytest.param("sub_jhmdb_vgg_flow_split1", (7, 10, 512), marks=pytest.mark.slow),
    ],
)
def test_the_paper_s_recipes_on_the_real_clip(samples: Path, tmp_path: Path, name: str, shape: tuple[int, ...]) -> None:
    """At full size with random weights, the first three frames."""
    paper = papers.paper("rpan")
    recipe = paper["cubes"][name]["paper"] | {"weights": "random"}
    kind = "flow" if "flow" in recipe else "frames"
    recipe[kind] = paper[kind][recipe[kind]]["paper"] | ({"method": "dis"} if kind == "flow" else {})
    path = "ReCompress_Videos/catch/Goal_Keeping_Tips_catch_f_cm_np1_fr_med_2.avi"
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": "a", "path": path, "end": "0.1", "trains": "split1"}
    write_manifest(pd.DataFrame([row | {"label": "0"}]), tmp_path / "m.tsv")
    given = {"root": samples / "jhmdb", "manifest": tmp_path / "m.tsv", "code": "c"}
    stored = {
        "recipe": json.dumps(recipe[kind], sort_keys=True),
        "out": tmp_path / "s.h5",
        "status": tmp_path / "s.tsv",
    }
    if kind == "flow":
        compute_flow.run(**given, **stored, weights=[], threads=1, device="cpu")
    else:
        decode_frames.run(**given, **stored, uses=[], poses=[])
    files = {"uses": [tmp_path / "m.tsv"], "frames": [tmp_path / "s.h5"], "heatmaps": [], "weights": []}
    files |= {"out": tmp_path / "c.h5", "status": tmp_path / "c.tsv"}
    extract_cubes.run(**given, **files, recipe=json.dumps(recipe, sort_keys=True), threads=1, device="cpu")
    with Shard(tmp_path / "c.h5", kind="cubes") as shard:
        cubes, twins = shard.clip("a"), shard.clip("mirrored/a")
    assert cubes.shape == twins.shape == (3, *shape)
    assert np.isfinite(cubes).all() and cubes.max() > 0.01 and not np.array_equal(cubes, twins)
