"""Damaged videos on their way through the stages: refused with the reason, or kept with every lost frame said."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest

from poseattn.clips.manifest import MANIFEST_COLUMNS, read_excluded, read_status, write_manifest
from poseattn.shards.images import open_images
from poseattn.shards.shard import Shard
from poseattn.stages import compute_flow, decode_frames, extract_cubes, extract_pieces, gather_excluded, gather_manifest
from tests.frames import lose

N_FRAMES, LOST, KEEP = 200, range(50, 60), "keep 0.1"
JPEG = {"store": "jpeg", "size": 32, "quality": 95}
FLOW = {"method": "dis", "size": 32, "bound": 20, "quality": 95}
CUBES = {
    "frames": {"store": "none", "size": 32}, "backbone": "timm:test_resnet", "arguments": {}, "tap": "layer3",
    "size": 32, "pretrained_by": "x", "weights": "random", "seed": 3, "batch": 32, "compile": False, "mirror": True,
}  # fmt: skip
STACKS = {key: value for key, value in CUBES.items() if key != "frames"} | {
    "backbone": "bn_inception", "arguments": {"in_channels": 4, "width": 0.1}, "tap": "inception_3c", "mirror": False,
}  # fmt: skip
PIECES = {
    "backbone": "c3d", "arguments": {"mean": [104, 117, 123], "crop": 20, "classes": 5, "width": 0.05}, "tap": "fc6",
    "size": [24, 32], "length": 16, "stride": 16, "at_least": None, "mirror": "all", "pretrained_by": "x",
    "weights": "random", "seed": 3, "batch": 6, "compile": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of 200 frames at 25 a second, the same with ten frames in its middle lost, and two parts of the latter."""
    folder = tmp_path_factory.mktemp("root")
    for name in ("whole", "lost"):
        writer = cv2.VideoWriter(
            str(folder / f"{name}.avi"), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), 25, (48, 32)
        )
        for image in np.random.default_rng(0).integers(0, 256, (N_FRAMES, 4, 6, 3), np.uint8):
            writer.write(cv2.resize(image, (48, 32)))
        writer.release()
    lose(folder / "lost.avi", LOST)
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"label": "0", "trains": "only", "path": "lost.avi"}
    rows = [row | {"clip_id": "lost"}, row | {"clip_id": "whole", "path": "whole.avi"}]
    rows += [row | {"clip_id": "before", "end": "2"}, row | {"clip_id": "part", "start": "1.6", "end": "6.4"}]
    write_manifest(pd.DataFrame(rows), folder / "manifest.tsv")
    return folder


def _run(stage: Any, root: Path, out: Path, recipe: dict, damaged: str = "refuse", **files: Any) -> pd.DataFrame:
    options = {"root": root, "manifest": root / "manifest.tsv", "code": "", "damaged": damaged} | files
    if stage in (decode_frames, extract_cubes):
        options["uses"] = [options["manifest"]] if recipe.get("mirror") else []
    if stage is not decode_frames:
        options |= {"weights": [], "threads": 1, "device": "cpu"}
    stage.run(**options, recipe=json.dumps(recipe, sort_keys=True), out=out, status=out.with_suffix(".tsv"))
    return read_status(out.with_suffix(".tsv")).set_index("clip_id")


def _cubes(root: Path, out: Path, recipe: dict, damaged: str, stored: list[Path]) -> pd.DataFrame:
    return _run(extract_cubes, root, out, recipe, damaged, frames=stored, heatmaps=[])


@pytest.fixture(scope="module")
def cubes(root: Path) -> dict[str, Path]:
    """Cubes by both policies."""
    paths = {word: root / f"{word}.h5" for word in ("refuse", "keep")}
    _cubes(root, paths["refuse"], CUBES, "refuse", [])
    _cubes(root, paths["keep"], CUBES, KEEP, [])
    return paths


def test_a_damaged_clip_is_refused_with_the_frames_that_are_lost(cubes: dict[str, Path]) -> None:
    status = read_status(cubes["refuse"].with_suffix(".tsv")).set_index("clip_id")
    assert status.reason.to_dict() == {
        "before": "",
        "lost": "frames 50 to 59 cannot be decoded: 10 of 200, and at most 0% may be damaged",
        "part": "frames 50 to 59 cannot be decoded: 10 of 120 from 1.6 s to 6.4",
        "whole": "",
    }
    assert status.n_frames.to_dict() == {"before": 50, "lost": 0, "part": 0, "whole": 200}
    columns = ["packets", "frames", "damaged", "stated", "odd_times"]
    assert status.loc["lost", columns].tolist() == [200, 190, 10, 200, 0] and status.errors["lost"] >= 10
    assert status.loc["whole", columns].tolist() == [200, 200, 0, 200, 0]
    with Shard(cubes["refuse"]) as shard:
        assert "healthy" not in shard.side_names
        assert shard.clip_ids == ["before", "mirrored/before", "whole", "mirrored/whole"]


def test_a_damaged_clip_that_is_kept_has_all_other_frames_at_their_own_times(cubes: dict[str, Path]) -> None:
    status = read_status(cubes["keep"].with_suffix(".tsv")).set_index("clip_id")
    assert (status.reason == "").all()
    assert status.n_frames.to_dict() == {"before": 50, "lost": 200, "part": 120, "whole": 200}
    with Shard(cubes["keep"], kind="cubes", axes="frame row col channel") as shard:
        for name in ("lost", "mirrored/lost"):
            healthy = shard.side("healthy", name)
            assert healthy.dtype == np.uint8 and np.flatnonzero(healthy == 0).tolist() == list(LOST)
            np.testing.assert_allclose(shard.side("time", name), np.arange(N_FRAMES) / 25, atol=1e-9)
            rows, whole = shard.clip(name), shard.clip(name.replace("lost", "whole"))
            assert not rows[LOST].any() and healthy.sum() == 190
            np.testing.assert_allclose(rows[healthy > 0], whole[healthy > 0], rtol=5e-3, atol=5e-3)
        part = shard.side("healthy", "part")
        assert np.flatnonzero(part == 0).tolist() == list(range(10, 20)) and shard.side("time", "part")[0] == 1.6
        np.testing.assert_allclose(shard.clip("part"), shard.clip("lost")[40:160], rtol=5e-3, atol=5e-3)


def test_without_damage_the_numbers_are_those_of_a_refusal(root: Path, tmp_path: Path) -> None:
    clips = pd.read_csv(root / "manifest.tsv", sep="\t", dtype=str, keep_default_na=False, comment="#")
    write_manifest(clips[clips.clip_id.isin(["whole", "before"])], tmp_path / "manifest.tsv")
    for word in ("refuse", KEEP):
        given = {"manifest": tmp_path / "manifest.tsv", "frames": [], "heatmaps": []}
        _run(extract_cubes, root, tmp_path / f"{word}.h5", CUBES, word, **given)
    with Shard(tmp_path / "refuse.h5") as refused, Shard(tmp_path / f"{KEEP}.h5") as kept:
        assert refused.clip_ids == kept.clip_ids and kept.side_all("healthy").all()
        for name in ("data", "time"):
            np.testing.assert_array_equal(refused.side_all(name), kept.side_all(name))


def test_stored_frames_and_flow_say_which_of_them_are_lost(root: Path, cubes: dict[str, Path], tmp_path: Path) -> None:
    frames, flow = tmp_path / "frames.h5", tmp_path / "flow.h5"
    assert (_run(decode_frames, root, frames, JPEG, KEEP, poses=[]).reason == "").all()
    assert (_run(compute_flow, root, flow, FLOW, KEEP).reason == "").all()
    stored, fields = open_images([frames]), list(open_images([flow], 1).stream("lost"))
    assert np.flatnonzero(stored.healthy("lost") == 0).tolist() == list(LOST) and stored.healthy("whole") is None
    assert [frame.number for frame in fields if frame.image is None] == list(range(49, 60))  # those that touch one
    stacks = open_images([flow], 5)
    assert np.flatnonzero(stacks.healthy("lost") == 0).tolist() == list(range(45, 60))
    np.testing.assert_array_equal(stacks.read("lost", range(60, 200)), stacks.read("whole", range(60, 200)))
    status = _cubes(root, tmp_path / "c.h5", CUBES | {"frames": JPEG}, KEEP, [frames])
    assert not status[["packets", "frames", "damaged"]].to_numpy().any()  # no video is opened
    with Shard(tmp_path / "c.h5") as shard, Shard(cubes["keep"]) as direct:
        np.testing.assert_array_equal(shard.side("healthy", "lost"), direct.side("healthy", "lost"))
    _cubes(root, tmp_path / "f.h5", STACKS | {"flow": FLOW}, KEEP, [flow])
    with Shard(tmp_path / "f.h5") as shard:
        healthy = shard.side("healthy", "lost")
        assert np.flatnonzero(healthy == 0).tolist() == list(range(48, 60))  # stacks of two fields
        assert shard.clip("lost")[healthy > 0].any(axis=(1, 2, 3)).all() and not shard.clip("lost")[48:60].any()


def test_a_shard_that_could_not_say_so_is_not_written(root: Path, tmp_path: Path) -> None:
    _run(decode_frames, root, tmp_path / "frames.h5", JPEG, KEEP, poses=[])
    with pytest.raises(ValueError, match="c.h5: clip lost has damaged frames, expected 'damaged: keep'"):
        _cubes(root, tmp_path / "c.h5", CUBES | {"frames": JPEG}, "refuse", [tmp_path / "frames.h5"])


def test_pieces_with_a_damaged_frame_are_left_out(root: Path, tmp_path: Path) -> None:
    """Frames 50 to 59 are of piece 3 alone, frames 48 to 63; it keeps its place."""
    status = _run(extract_pieces, root, tmp_path / "p.h5", PIECES, KEEP)
    assert status.n_frames["lost"] == 200 and (status.reason == "").all()
    with Shard(tmp_path / "p.h5", kind="pieces") as shard:
        for name in ("lost", "mirrored/lost"):
            assert shard.side("healthy", name).tolist() == [1, 1, 1, 0] + [1] * 8
            assert shard.side("time", name).tolist() == [16 * row / 25 for row in range(12)]
            rows, whole = shard.clip(name), shard.clip(name.replace("lost", "whole"))
            assert not rows[3].any()
            np.testing.assert_allclose(np.delete(rows, 3, 0), np.delete(whole, 3, 0), rtol=1e-2, atol=1e-2)
    assert "frames 50 to 59" in _run(extract_pieces, root, tmp_path / "r.h5", PIECES).reason["lost"]


def test_a_clip_of_which_no_piece_is_left_is_bad(root: Path, tmp_path: Path) -> None:
    (tmp_path / "lost.avi").write_bytes((root / "whole.avi").read_bytes())
    (tmp_path / "whole.avi").write_bytes((root / "whole.avi").read_bytes())
    lose(tmp_path / "lost.avi", range(7, 200, 16))
    given = {"manifest": root / "manifest.tsv"}
    status = _run(extract_pieces, tmp_path, tmp_path / "p.h5", PIECES, "keep 0.5", **given)
    assert status.reason["lost"] == "each of 12 pictures of it has a damaged frame" and status.reason["whole"] == ""
    assert status.damaged["lost"] == 13
    recipe = FLOW | {"method": "dis"}
    lose(tmp_path / "lost.avi", range(2, 200, 4))
    status = _run(compute_flow, tmp_path, tmp_path / "f.h5", recipe, "keep 0.5", **given)
    assert status.reason["lost"] == "no 5 successive flow fields are without a damaged frame"


def test_a_broken_image_of_a_folder_is_a_damaged_frame(tmp_path: Path) -> None:
    (tmp_path / "clip").mkdir()
    for number in range(1, 21):
        cv2.imwrite(str(tmp_path / f"clip/{number:06}.png"), np.full((20, 30, 3), 10 * number, np.uint8))
    (tmp_path / "clip/000008.png").write_bytes(b"\x89PNG")
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"label": "0", "path": "clip"}
    parts = {"clip": {}, "before": {"end": "0.2"}, "part": {"start": "0.2", "end": "0.4"}}
    write_manifest(pd.DataFrame([row | part | {"clip_id": name} for name, part in parts.items()]), tmp_path / "m.tsv")
    recipe = CUBES | {"mirror": False}
    for word in ("refuse", KEEP):
        given = {"frames": [], "heatmaps": [], "manifest": tmp_path / "m.tsv"}
        status = _run(extract_cubes, tmp_path, tmp_path / f"{word}.h5", recipe, word, **given)
        if word == "refuse":
            assert status.reason["clip"].startswith("000008.png is no image") and status.reason["before"] == ""
            assert status.reason["part"] == "frame 7 cannot be decoded: 1 of 6 from 0.2 s to 0.4"
    assert status.reason["part"] == "frame 7 cannot be decoded: 1 of 6 from 0.2 s to 0.4"  # more than a tenth
    assert (status.reason["clip"], status.damaged["clip"], status.n_frames["clip"]) == ("", 1, 20)
    with Shard(tmp_path / f"{KEEP}.h5") as shard:
        assert set(shard.clip_ids) == {"clip", "before"}
        assert np.flatnonzero(shard.side("healthy", "clip") == 0).tolist() == [7] and not shard.clip("clip")[7].any()


def test_nothing_bad_allowed_stops_the_run(root: Path, cubes: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "excluded.tsv"
    for word, n_bad in (("keep", 0), ("refuse", 2)):
        given = {"manifests": [root / "manifest.tsv"], "statuses": [cubes[word].with_suffix(".tsv")]}
        gather_excluded.run(**given, min_frames=0, out=out)
        assert len(read_excluded(out)) == n_bad
        options = {
            "manifests": given["manifests"],
            "uses": given["manifests"],
            "excluded": out,
            "max_excluded": 0.0,
            "out": tmp_path / "m.tsv",
        }
        if not n_bad:
            gather_manifest.run(**options)
            continue
        with pytest.raises(ValueError, match="2 of 4 clips are bad, .*max_excluded: 0 allows.*frames 50 to 59 cannot"):
            gather_manifest.run(**options)


def test_a_video_that_states_a_frame_in_many_years_costs_itself_only(root: Path, tmp_path: Path) -> None:
    """Readers make room for as many ticks of a clock as a clip lasts."""
    content = bytearray((root / "whole.avi").read_bytes())
    stream = content.index(b"strh") + 8
    content[stream + 20 : stream + 28] = (2_000_000_000).to_bytes(4, "little") + (1).to_bytes(4, "little")
    (tmp_path / "slow.avi").write_bytes(content)
    (tmp_path / "whole.avi").write_bytes((root / "whole.avi").read_bytes())
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"label": "0"}
    rows = [row | {"clip_id": name, "path": f"{name}.avi"} for name in ("slow", "whole")]
    write_manifest(pd.DataFrame(rows), tmp_path / "manifest.tsv")
    recipe = CUBES | {"mirror": False}
    status = _run(extract_cubes, tmp_path, tmp_path / "c.h5", recipe, frames=[], heatmaps=[])
    assert status.reason["slow"] == "the container states 5e-10 frames per second, expected at least 0.01"
    assert status.reason["whole"] == ""
