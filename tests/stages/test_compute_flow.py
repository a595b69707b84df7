"""Stage compute_flow: fields of every pair of frames as the flow routine gives them; bad clips cost no other."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest
import torch
from torchvision.models.optical_flow import raft_small

from poseattn.clips.manifest import MANIFEST_COLUMNS, read_status, write_manifest
from poseattn.networks import raft
from poseattn.networks.weights_files import sha256
from poseattn.shards.images import FlowStacks, open_images
from poseattn.shards.shard import Shard, ShardError
from poseattn.stages import compute_flow
from poseattn.video.clip_frames import ClipFrames, squashed
from poseattn.video.flow import dense_flow, implementation
from poseattn.video.flow_codes import from_grey
from tests.frames import stored_frames
from tests.video.rendered import Writer

RECIPE = {"method": "dis", "size": [40, 60], "bound": 20, "quality": 100}
LENGTHS = {"-a#1": 5, "b [x] y": 2, "folder": 4}


def _images(n_frames: int, seed: int) -> list[np.ndarray]:
    """A blurred scene that moves by 4 and 2 pixels from one frame to the next."""
    scene = cv2.GaussianBlur(np.random.default_rng(seed).integers(0, 256, (200, 300, 3), np.uint8), (0, 0), 4)
    scene = cv2.normalize(scene, None, 0, 255, cv2.NORM_MINMAX)
    return [scene[60 - 2 * n : 140 - 2 * n, 90 - 4 * n : 210 - 4 * n] for n in range(n_frames)]


def _video(path: Path, images: list[np.ndarray]) -> None:
    writer = Writer(path, "MJPG", 25, (120, 80))
    for image in images:
        writer.write(np.ascontiguousarray(image))
    writer.release()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three good clips, one of them a folder; one of a single frame, one without a file, one cut off, one unused."""
    folder = tmp_path_factory.mktemp("root")
    for seed, clip_id in enumerate(("-a#1", "b [x] y")):
        _video(folder / f"{clip_id}.avi", _images(LENGTHS[clip_id], seed))
    (folder / "folder").mkdir()
    for number, image in enumerate(_images(4, 7), 1):
        cv2.imwrite(str(folder / f"folder/{number:06}.jpg"), image)
    _video(folder / "single.avi", _images(1, 8))
    (folder / "cut.avi").write_bytes((folder / "-a#1.avi").read_bytes()[:-999])
    names = {"-a#1": "-a#1.avi", "b [x] y": "b [x] y.avi", "folder": "folder", "single": "single.avi"}
    names |= {"cut": "cut.avi", "none": "", "out": "-a#1.avi"}
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"label": "0"}
    rows = [row | {"clip_id": clip_id, "path": path} for clip_id, path in names.items()]
    rows[-1]["excluded"] = "protocol: not used"
    write_manifest(pd.DataFrame(rows), folder / "manifest.tsv")
    return folder


def _run(root: Path, out: Path, weights: list[Path] | None = None, **changes: Any) -> pd.DataFrame:
    recipe = {key: value for key, value in (RECIPE | changes).items() if value is not None}
    options = {"root": root, "manifest": root / "manifest.tsv", "weights": weights or [], "code": "c", "device": "cpu"}
    options |= {"out": out, "status": out.with_suffix(".tsv"), "threads": 1}
    compute_flow.run(**options, recipe=json.dumps(recipe, sort_keys=True))
    return read_status(out.with_suffix(".tsv")).set_index("clip_id")


def _fields(path: Path, clip_id: str) -> tuple[list[np.ndarray], list[float]]:
    """Codes and times as they are stored."""
    with Shard(path, kind="flow", axes="byte") as shard:
        frames = list(stored_frames(shard, clip_id))
    return [from_grey(frame.image) for frame in frames], [frame.time for frame in frames]


@pytest.mark.parametrize("method", ["dis", "tvl1"])
def test_every_field_is_that_of_its_two_frames(root: Path, tmp_path: Path, method: str) -> None:
    """By the release's formula, one pair of frames at a time; JPEG of the best quality moves a code by 2 or less."""
    routine = {"tvl1": "skimage"} if method == "tvl1" else {}
    status = _run(root, tmp_path / "out.h5", method=method, bound=16, **routine)
    method = ":".join([method, *routine.values()])
    assert status.n_frames.to_dict() == LENGTHS | {"single": 0, "cut": 0, "none": 0}
    for clip_id, path in {"-a#1": "-a#1.avi", "folder": "folder"}.items():
        frames = list(squashed(ClipFrames(root, path), (40, 60)))
        found, times = _fields(tmp_path / "out.h5", clip_id)
        assert len(found) == len(frames) - 1 == LENGTHS[clip_id] - 1
        assert times == [frame.time for frame in frames[:-1]]
        for number, codes in enumerate(found):
            flow = dense_flow(frames[number].image, frames[number + 1].image, method)
            expected = np.round((np.clip(flow, -16, 16) + 16) * 255 / 32)
            assert codes.shape == (40, 60, 2) and codes.dtype == np.uint8
            np.testing.assert_allclose(codes, expected, atol=2)
        middle = np.stack(found)[:, 10:-10, 10:-10].astype(float)
        assert np.allclose(np.median((middle - 128) * 32 / 255, axis=(0, 1, 2)), [2, 1], atol=0.2)  # half the size
    with Shard(tmp_path / "out.h5", kind="flow", axes="byte") as shard:
        shard.check_content()
        assert shard.attrs["implementation"] == implementation(method)
        assert shard.attrs["code"] == "c" and "weights" not in shard.attrs
        assert "JPEG" in shard.attrs["layout"] and "motion along x above motion along y" in shard.attrs["layout"]


def test_bad_clips_are_told_and_cost_no_good_one(root: Path, tmp_path: Path) -> None:
    status = _run(root, tmp_path / "out.h5")
    assert set(status.stage) == {"compute_flow"}
    bad = {clip_id: reason for clip_id, reason in status.reason.items() if reason}
    assert set(bad) == {"single", "cut", "none"}
    assert bad["single"] == "flow needs two frames, the clip has 1"
    assert bad["none"] == "no video" and bad["cut"].startswith("the file is cut off after")
    stacks = open_images([tmp_path / "out.h5"])
    assert isinstance(stacks, FlowStacks)
    assert stacks.shards.clip_ids == set(LENGTHS)
    for clip_id, length in LENGTHS.items():
        assert stacks.read(clip_id, range(length)).shape == (length, 40, 60, 10)


def test_a_clip_that_breaks_in_the_middle_leaves_no_fields(root: Path, tmp_path: Path) -> None:
    """The last image of a folder is cut off: three fields were computed by then."""
    clips = tmp_path / "root"
    (clips / "bad").mkdir(parents=True)
    for number, image in enumerate(_images(5, 7), 1):
        cv2.imwrite(str(clips / f"bad/{number:06}.jpg"), image)
    last = clips / "bad/000005.jpg"
    last.write_bytes(last.read_bytes()[:500])
    rows = [dict.fromkeys(MANIFEST_COLUMNS, "") | {"label": "0", "clip_id": n, "path": n} for n in ("bad", "good")]
    (clips / "good").symlink_to(root / "folder")
    write_manifest(pd.DataFrame(rows), clips / "manifest.tsv")
    status = _run(clips, tmp_path / "out.h5")
    assert status.reason.to_dict() == {"bad": "000005.jpg is no image, or cut off after 500 bytes", "good": ""}
    with Shard(tmp_path / "out.h5", kind="flow") as shard:
        assert shard.clip_ids == ["good"]


def test_twice_the_same_bytes(root: Path, tmp_path: Path) -> None:
    for name in ("first", "second"):
        _run(root, tmp_path / f"{name}.h5")
    assert (tmp_path / "first.h5").read_bytes() == (tmp_path / "second.h5").read_bytes()


@pytest.fixture(scope="module")
def raft_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(3)
    path = tmp_path_factory.mktemp("weights") / "raft_mine.pth"
    torch.save(raft_small(weights=None).state_dict(), path)
    _accept(path)
    return path


def _accept(weights: Path) -> None:
    """As users accept a file of weights for which no document states a digest."""
    with open(weights.with_name("SHA256SUMS"), "a") as sums:
        sums.write(f"{sha256(weights)}  {weights.name}\n")


def test_raft_computes_all_pairs_in_batches(
    root: Path, tmp_path: Path, raft_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches of 3 pairs, of which the longest clip has 4; the network itself is tested beside its module."""
    monkeypatch.setattr(raft, "PUBLISHED", {f"https://a.b/{raft_weights.name}": "raft_small-of-mine"})
    learnt = {"method": "raft_small", "batch": 3, "pretrained_by": "mine", "bound": 4}
    status = _run(root, tmp_path / "out.h5", [raft_weights], **learnt)
    assert status.n_frames.to_dict() == LENGTHS | {"single": 0, "cut": 0, "none": 0}
    assert status.reason["single"] == "flow needs two frames, the clip has 1"
    network = raft.build("raft_small", weights=raft_weights, seed=0)
    frames = [torch.from_numpy(frame.image)[None] for frame in squashed(ClipFrames(root, "-a#1.avi"), (40, 60))]
    found, _ = _fields(tmp_path / "out.h5", "-a#1")
    with torch.no_grad():
        for codes, first, second in zip(found, frames, frames[1:], strict=False):
            expected = np.round((np.clip(network(first, second)[0].numpy(), -4, 4) + 4) * 255 / 8)
            assert expected.std() > 1
            np.testing.assert_allclose(codes, expected, atol=3)
    with Shard(tmp_path / "out.h5", kind="flow") as shard:
        attrs = {"weights": "raft_small-of-mine", "weights_file": str(raft_weights), "device": "cpu", "threads": 1}
        assert {name: shard.attrs[name] for name in attrs} == attrs
        assert len(shard.attrs["weights_sha256"]) == 64 and "implementation" not in shard.attrs


def test_flow_that_is_no_number_stops_the_stage(
    root: Path, tmp_path: Path, raft_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the weights that are bad then, not a clip."""
    state = torch.load(raft_weights)
    state["feature_encoder.convnormrelu.0.weight"] *= float("nan")
    torch.save(state, tmp_path / "nan.pth")
    _accept(tmp_path / "nan.pth")
    monkeypatch.setattr(raft, "PUBLISHED", {"https://a.b/nan.pth": "nan"})
    with pytest.raises(ValueError, match="^the flow of RAFT is not finite$"):
        _run(root, tmp_path / "out.h5", [tmp_path / "nan.pth"], method="raft_small", batch=2)
    assert not (tmp_path / "out.h5").exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"method": "brox"}, "recipe: method 'brox', expected one of tvl1, dis, raft_small, raft_large"),
        ({"method": "raft_small", "batch": 2}, "recipe: method raft_small with 0 weights files, expected 1"),
        ({"size": [40]}, r"size \[40\], expected the edge of a square or \[rows, cols\] in pixels"),
        ({"quality": None}, "recipe: no key quality"),
        ({"method": "tvl1"}, "recipe: tvl1 is None, expected skimage or opencv"),
    ],
)
def test_wrong_recipe(root: Path, tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        _run(root, tmp_path / "out.h5", **changes)
    assert list(tmp_path.iterdir()) == []


def test_wrong_weights(root: Path, tmp_path: Path, raft_weights: Path) -> None:
    with pytest.raises(ValueError, match="method dis with 1 weights files, expected 0"):
        _run(root, tmp_path / "out.h5", [raft_weights])
    with pytest.raises(
        ValueError, match="raft_mine.pth is none of the files published for poseattn.networks.raft: raft_small_C"
    ):
        _run(root, tmp_path / "out.h5", [raft_weights], method="raft_small", batch=2)
    published = tmp_path / "raft_small_C_T_V2-01064c6d.pth"
    published.write_bytes(raft_weights.read_bytes())
    with pytest.raises(ValueError, match="01064c6d.pth in .* is not the file of https://.* begins with 01064c6d"):
        _run(root, tmp_path / "out.h5", [published], method="raft_small", batch=2)


def test_a_truncated_shard_is_refused(root: Path, tmp_path: Path) -> None:
    _run(root, tmp_path / "out.h5")
    content = (tmp_path / "out.h5").read_bytes()
    (tmp_path / "out.h5").write_bytes(content[: len(content) // 2])
    with pytest.raises(ShardError, match="out.h5: truncated HDF5 file"):
        open_images([tmp_path / "out.h5"])


def test_flow_that_needs_no_network_is_computed_without_torch(root: Path, tmp_path: Path) -> None:
    """Its import would cost each of the jobs seconds."""
    program = (
        "import sys, poseattn.__main__ as m; code = m.main(sys.argv[1:]); sys.exit(code or 'torch' in sys.modules)"
    )
    words = ["compute-flow", "--root", root, "--manifest", root / "manifest.tsv", "--weights", "--recipe"]
    words += [json.dumps(RECIPE), "--out", tmp_path / "o.h5", "--status", tmp_path / "o.tsv", "--threads", "1"]
    command = [sys.executable, "-c", program, *map(str, words), "--device", "cpu", "--code", "c"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "3 of 6 clips are good" in done.stderr


@pytest.mark.data
@pytest.mark.parametrize("method", ["dis", "tvl1", "raft_small"])
def test_flow_of_a_real_clip_at_full_size(
    samples: Path, tmp_path: Path, raft_weights: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The container claims 48 frames, 40 decode. Of the slow methods the first fifth of a second."""
    monkeypatch.setattr(raft, "PUBLISHED", {raft_weights.name: "mine"})
    path = "jhmdb/ReCompress_Videos/catch/Goal_Keeping_Tips_catch_f_cm_np1_fr_med_2.avi"
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"label": "0", "clip_id": "catch", "path": path}
    row |= {} if method == "dis" else {"end": "0.1"}
    write_manifest(pd.DataFrame([row]), tmp_path / "manifest.tsv")
    learnt = {"batch": 2} if method == "raft_small" else {}
    routine = {"tvl1": "skimage"} if method == "tvl1" else {}
    options = {"manifest": tmp_path / "manifest.tsv", "out": tmp_path / "o.h5", "status": tmp_path / "o.tsv"}
    recipe = json.dumps(RECIPE | {"method": method, "size": [240, 320], "quality": 95} | learnt | routine)
    weights = [raft_weights] if learnt else []
    compute_flow.run(root=samples, **options, weights=weights, recipe=recipe, threads=1, device="cpu", code="c")
    n_frames = 40 if method == "dis" else 3
    assert read_status(tmp_path / "o.tsv").n_frames.tolist() == [n_frames]
    stacks = open_images([tmp_path / "o.h5"])
    found = stacks.read("catch", range(n_frames))
    assert found.shape == (n_frames, 240, 320, 10)
    assert found.std() > 1 if method != "raft_small" else found.max() > 0
