"""Stage extract_pieces: rows are those of a literal loop, a twin those of mirrored frames, bad clips cost no other."""

import json
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from poseattn.__main__ import main
from poseattn.clips.manifest import MANIFEST_COLUMNS, read_status, write_manifest
from poseattn.extraction.backbone import build_backbone
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import ShardSet, mirrored_of
from poseattn.stages import extract_pieces
from poseattn.video.clip_frames import squash
from tests.video.rendered import Writer

C3D = {
    "backbone": "c3d", "arguments": {"mean": [104, 117, 123], "crop": 40, "classes": 5, "width": 0.1}, "tap": "fc6",
    "size": [48, 64], "length": 16, "stride": 16, "at_least": None, "mirror": "all", "pretrained_by": "x",
    "weights": "random", "seed": 3, "batch": 3, "compile": False,
}  # fmt: skip
VGG = C3D | {
    "backbone": "vgg:vgg19", "arguments": {"crop": 32, "classes": 7, "width": 0.1}, "tap": "fc8", "size": 40,
    "length": 1,
}  # fmt: skip
LENGTHS = {"a": 70, "b [x] y": 16, "c": 41}


def _video(path: Path, n_frames: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    writer = Writer(path, "MJPG", 25, (96, 64))
    for _ in range(n_frames):
        writer.write(cv2.resize(rng.integers(0, 256, (4, 6, 3), np.uint8), (96, 64)))
    writer.release()


def _manifest(path: Path, rows: list[dict[str, str]]) -> Path:
    empty = dict.fromkeys(MANIFEST_COLUMNS, "") | {"label": "0", "trains": "only"}
    write_manifest(pd.DataFrame([empty | row for row in rows]), path)
    return path


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three good clips, a part of one, one without a file, one cut off, one of 9 frames, and one that is left out."""
    folder = tmp_path_factory.mktemp("root")
    for seed, (clip_id, length) in enumerate(LENGTHS.items()):
        _video(folder / f"{clip_id}.avi", length, seed)
    _video(folder / "short.avi", 9, 7)
    (folder / "cut.avi").write_bytes((folder / "a.avi").read_bytes()[:-999])
    rows = [{"clip_id": name, "path": f"{name}.avi"} for name in (*LENGTHS, "cut", "short", "out")]
    rows[-1]["excluded"] = "protocol: not used"
    rows += [{"clip_id": "none"}, {"clip_id": "part", "path": "a.avi", "start": "0.4", "end": "1.8", "trains": ""}]
    _manifest(folder / "manifest.tsv", rows)
    return folder


def _run(root: Path, out: Path, recipe: dict, threads: int = 1) -> Shard:
    text = json.dumps(recipe, sort_keys=True)
    options = {"root": root, "manifest": root / "manifest.tsv", "weights": [], "device": "cpu", "code": "c"}
    extract_pieces.run(**options, recipe=text, out=out, status=out.with_suffix(".tsv"), threads=threads)
    return Shard(out, kind="pieces", axes="piece channel", recipe=text)


def _frames(path: Path, first: int, last: int, size: object) -> list[np.ndarray]:
    """Frames of a file, by OpenCV alone."""
    capture, images = cv2.VideoCapture(str(path)), []
    while (read := capture.read())[0]:
        images.append(squash(read[1], size))
    return images[first:last]


@torch.no_grad()
def _literal(images: list[np.ndarray], recipe: dict) -> np.ndarray:
    """One piece after the other."""
    backbone = build_backbone(recipe, None)
    images = images + [images[-1]] * (max(recipe["at_least"] or 0, recipe["stride"]) - len(images))
    rows = []
    for first in range(0, len(images) - recipe["stride"] + 1, recipe["stride"]):
        piece = images[first : first + recipe["length"]]
        piece += [images[-1]] * (recipe["length"] - len(piece))
        array = np.stack(piece) if recipe["length"] > 1 else piece[0]
        rows.append(backbone(torch.from_numpy(array)[None])[0].numpy())
    return np.stack(rows)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(
    "recipe",
    [C3D, VGG, C3D | {"stride": 8, "tap": "fc8"}, C3D | {"at_least": 80}, VGG | {"at_least": 80, "tap": "fc6"}],
)
def test_rows_are_those_of_a_literal_loop(root: Path, tmp_path: Path, recipe: dict, threads: int) -> None:
    found = _run(root, tmp_path / "out.h5", recipe, threads)
    clips = {name: _frames(root / f"{name}.avi", 0, 999, recipe["size"]) for name in LENGTHS}
    clips["part"] = _frames(root / "a.avi", 10, 45, recipe["size"])
    clips["short"] = _frames(root / "short.avi", 0, 9, recipe["size"])
    assert set(found.clip_ids) == {*clips, *map(mirrored_of, clips)}
    for name, images in clips.items():
        expected = _literal(images, recipe)
        assert len(expected) == (max(len(images), recipe["at_least"] or 0) // recipe["stride"] or 1)
        scale = np.abs(expected).max()
        assert scale > 0
        np.testing.assert_allclose(found.clip(name), expected, rtol=5e-3, atol=5e-3 * scale)
        mirrored = _literal([image[:, ::-1].copy() for image in images], recipe)
        np.testing.assert_allclose(found.clip(mirrored_of(name)), mirrored, rtol=5e-3, atol=5e-3 * scale)
        assert np.abs(expected - mirrored).max() > 0.02 * scale
        assert found.side("time", name).tolist() == found.side("time", mirrored_of(name)).tolist()
    assert found.side("time", "part")[:2].tolist() == [10 / 25, (10 + recipe["stride"]) / 25]


def test_repeated_frames_are_shown_when_the_last_one_is(root: Path, tmp_path: Path) -> None:
    found = _run(root, tmp_path / "out.h5", C3D | {"at_least": 64})
    assert found.side("time", "b [x] y").tolist() == [0, 15 / 25, 15 / 25, 15 / 25]
    rows = found.clip("b [x] y")
    assert not np.array_equal(rows[0], rows[1])
    np.testing.assert_array_equal(rows[1], rows[2])


def test_bad_clips_are_told_and_cost_no_good_one(root: Path, tmp_path: Path) -> None:
    found = _run(root, tmp_path / "out.h5", VGG)
    table = read_status(tmp_path / "out.tsv").set_index("clip_id")
    assert set(table.stage) == {"extract_pieces"}
    assert table.n_frames.to_dict() == LENGTHS | {"cut": 0, "none": 0, "short": 9, "part": 35}
    bad = table.reason[table.reason != ""].to_dict()
    assert bad.pop("cut").startswith("the file is cut off after")
    assert bad == {"none": "no video"}
    assert np.abs(found.clip("c")).max() > 0
    ShardSet([tmp_path / "out.h5"], "pieces")


def test_clips_without_twins_and_twice_the_same_bytes(root: Path, tmp_path: Path) -> None:
    recipe = C3D | {"mirror": "none"}
    shards = [_run(root, tmp_path / f"{name}.h5", recipe) for name in ("first", "second")]
    assert shards[0].clip_ids == ["a", "b [x] y", "c", "part", "short"]
    assert (tmp_path / "first.h5").read_bytes() == (tmp_path / "second.h5").read_bytes()
    twins = _run(root, tmp_path / "all.h5", C3D)
    np.testing.assert_allclose(shards[0].clip("a"), twins.clip("a"), rtol=5e-3, atol=5e-3)


def test_as_many_pieces_at_once_as_suit_the_published_networks() -> None:
    """On a CPU: of C3D at 112 pixels 2 are quickest, of VGG at 224 pixels 8; a GPU takes what it is told."""
    with torch.device("meta"):
        c3d = build_backbone(C3D | {"size": [128, 171], "arguments": {"mean": [0, 0, 0]}, "tap": "fc6"}, None)
        vgg = build_backbone(VGG | {"size": 256, "arguments": {"crop": 224}, "tap": "fc6"}, None)
    assert (
        extract_pieces.fitting_pieces({"batch": 32, "length": 16, "size": [128, 171]}, c3d.to_empty(device="cpu")) == 2
    )
    assert extract_pieces.fitting_pieces({"batch": 32, "length": 1, "size": 256}, vgg.to_empty(device="cpu")) == 8


def test_a_shard_without_good_clips(root: Path, tmp_path: Path) -> None:
    _manifest(tmp_path / "manifest.tsv", [{"clip_id": "none"}])
    found = _run(tmp_path, tmp_path / "out.h5", C3D)
    assert (found.clip_ids, found.row_shape, found.dtype) == ([], (410,), np.float16)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"length": 8}, r"c3d takes \(16, 48, 64, 3\), pieces have \(8, 48, 64, 3\)"),
        ({"length": 1}, r"c3d takes \(16, 48, 64, 3\), pieces have \(48, 64, 3\)"),
        ({"mirror": True}, "mirror is True, expected all or none"),
        ({"tap": "pool5"}, r"tap 'pool5' of c3d gives 4 axes, not 1 or 3"),
        (VGG | {"tap": "pool5"}, r"tap 'pool5' of vgg:vgg19 gives maps \(1, 1, 51\), expected vectors"),
        ({"weights": "standin"}, "'standin' with 0 weights files, expected 1"),
    ],
)
def test_wrong_recipe(root: Path, tmp_path: Path, changes: dict, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        _run(root, tmp_path / "out.h5", C3D | changes)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_is_one_line(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["extract-pieces", "--root", str(root), "--manifest", str(root / "manifest.tsv"), "--weights"]
    words += ["--out", str(tmp_path / "o.h5"), "--status", str(tmp_path / "o.tsv"), "--threads", "1"]
    words += ["--device", "cpu", "--code", "c", "--recipe"]
    assert main([*words, json.dumps({key: value for key, value in C3D.items() if key != "backbone"})]) == 1
    assert capsys.readouterr().err.splitlines()[-1].endswith("error: recipe: key 'backbone' is missing")
    assert main([*words, json.dumps(C3D | {"stride": 0})]) == 1
    assert capsys.readouterr().err.splitlines()[-1].endswith("error: recipe: stride is 0 frames, expected at least 1")


@pytest.mark.data
@pytest.mark.parametrize("recipe", [C3D, VGG | {"stride": 8}])
def test_real_clips_have_a_row_for_every_piece(samples: Path, tmp_path: Path, recipe: dict) -> None:
    """The segment of the real video of ActivityNet, and a real clip of Hollywood2 that is prolonged."""
    path = "activitynet/videos/v_ZNVhz7ctTq0.mp4"
    rows = [{"clip_id": "whole", "path": path}, {"clip_id": "part", "path": path, "start": "2", "end": "9.5"}]
    rows += [{"clip_id": "film", "path": "hollywood2/AVIClips/actioncliptrain00001.avi"}]
    _manifest(tmp_path / "manifest.tsv", rows)
    text = json.dumps(recipe | {"at_least": 240})
    options = {"root": samples, "manifest": tmp_path / "manifest.tsv", "weights": [], "device": "cpu", "code": "c"}
    out = tmp_path / "o.h5"
    extract_pieces.run(**options, recipe=text, out=out, status=out.with_suffix(".tsv"), threads=2)
    table = read_status(out.with_suffix(".tsv")).set_index("clip_id")
    assert table.n_frames.to_dict() == {"whole": 420, "part": 225, "film": 201} and (table.reason == "").all()
    with Shard(out, kind="pieces") as shard:
        stride = recipe["stride"]
        lengths = {name: len(shard.clip(name)) for name in ("whole", "part", "film")}
        assert lengths == {"whole": 420 // stride, "part": 240 // stride, "film": 240 // stride}
        assert shard.side("time", "part")[1] == 2 + stride / 30
        np.testing.assert_allclose(shard.side("time", "whole")[:4], np.arange(4) * stride / 30)
        for name in lengths:
            rows_of_clip = shard.clip(name).astype(np.float32)
            assert np.isfinite(rows_of_clip).all() and rows_of_clip.std(axis=0).max() > 0
