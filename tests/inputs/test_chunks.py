"""Chunks: by hand on both grids, every start equally likely, test chunks fixed for each clip, and what does not fit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from poseattn.inputs.features import Features, load_features
from poseattn.inputs.windows import Timeline, Windows, covering_windows, scoring_windows, training_windows
from poseattn.shards.shard_set import ShardSet, mirrored_of
from tests import toy

CHUNKS = {"sampling": "chunks", "chunk": 192, "frames": 12, "test_draws": 40}
CPU = torch.device("cpu")


def _line(*rows: int, stride: int = 16) -> Timeline:
    return Timeline([f"clip{number}" for number in range(len(rows))], np.array(rows), [], stride)


def _train(line: Timeline, n_epochs: int) -> Windows:
    drawn = [
        training_windows(CHUNKS, line, np.arange(len(line.length)), np.random.default_rng(seed))
        for seed in range(n_epochs)
    ]
    return Windows(np.concatenate([one.clips for one in drawn]), np.concatenate([one.frames for one in drawn]))


def test_192_frames_are_one_chunk_of_twelve_pieces_that_share_no_frame() -> None:
    for line, rows in ((_line(12), range(12)), (_line(24, stride=8), range(0, 24, 2))):
        found = _train(line, 20)
        assert {tuple(frames) for frames in found.frames.tolist()} == {tuple(rows)}
        assert scoring_windows(CHUNKS, line, np.array([0])).frames.tolist() == [[*rows]] * 40
        begin = found.frames[0] * line.stride
        assert begin[0] == 0 and (np.diff(begin) == 16).all() and begin[-1] + 16 == 192


def test_all_starts_of_a_clip_are_equally_likely() -> None:
    """1,382 frames, the mean of the data set, are 86 rows with 75 starts, or with rows every 8 frames 172 with 149."""
    for line, n_starts in ((_line(86), 75), (_line(172, stride=8), 149)):
        starts = _train(line, 6000).frames[:, 0]
        counts = np.bincount(starts, minlength=n_starts)
        assert len(counts) == n_starts
        expected = 6000 / n_starts
        assert np.sum((counts - expected) ** 2 / expected) < 1.5 * n_starts  # chi-squared


def test_a_clip_is_drawn_once_an_epoch() -> None:
    assert sorted(_train(_line(12, 20, 30), 1).clips.tolist()) == [0, 1, 2]


def test_test_chunks_depend_on_the_clip_alone() -> None:
    line = _line(86, 40, 86)
    found = scoring_windows(CHUNKS, line, np.arange(3))
    assert found.clips.tolist() == [0] * 40 + [1] * 40 + [2] * 40
    alone = scoring_windows(CHUNKS, line._replace(clip_ids=["clip2"], length=np.array([86])), np.array([0]))
    assert (found.frames[80:] == alone.frames).all()
    assert (found.frames[:40] != found.frames[80:]).any()
    assert 25 < len({frames[0] for frames in found.frames[:40].tolist()}) <= 40
    assert found.frames.max() < 86 and (np.diff(found.frames, axis=1) == 1).all()


def test_chunks_side_by_side_cover_a_clip() -> None:
    assert covering_windows(CHUNKS, _line(36), 0).frames[:, 0].tolist() == [0, 12, 24]
    found = covering_windows(CHUNKS, _line(30), 0)
    assert found.frames[:, 0].tolist() == [0, 12, 18] and found.frames[-1].tolist() == [*range(18, 30)]
    assert covering_windows(CHUNKS, _line(60, stride=8), 0).frames[:, 0].tolist() == [0, 24, 36]


@pytest.fixture
def shards(tmp_path: Path) -> dict[str, ShardSet]:
    coarse, fine = toy.write_pieces(tmp_path / "p.h5", [0, 4]), toy.write_pieces(tmp_path / "a.h5", [0, 4], 8, 5)
    return {"pieces": ShardSet([coarse], "pieces"), "attended": ShardSet([fine], "pieces")}


def _load(shards: dict[str, ShardSet], budget: int = 1 << 30, **run: Any) -> Features:
    names, clip_ids = ["input_features", "attended_features"], ["clip004", mirrored_of("clip000")]
    return load_features(clip_ids, shards, names, CHUNKS | run, CPU, budget)


@pytest.mark.parametrize("budget", [1 << 30, 0])
def test_both_grids_of_a_chunk_begin_at_the_same_frame(shards: dict[str, ShardSet], budget: int) -> None:
    """232 frames: 14 pieces and 29 attended rows; 200 frames: 12 and 25. T is 24 since these come every 8 frames."""
    features = _load(shards, budget)
    assert features.timeline.length.tolist() == [14, 12] and features.timeline.stride == 16
    found = features.window(np.array([1, 0]), np.array([np.arange(12), np.arange(2, 14)]))
    fine = shards["attended"].shards[0]
    assert found["attended_features"].shape == (2, 24, 5)
    assert (found["attended_features"][0].numpy() == fine.clip(mirrored_of("clip000"))[:24]).all()
    assert (found["attended_features"][1].numpy() == fine.clip("clip004")[4:28]).all()
    assert (found["input_features"][1].numpy() == shards["pieces"].shards[0].clip("clip004")[2:]).all()


def test_rows_that_not_all_inputs_have_are_no_part_of_a_clip(tmp_path: Path, shards: dict[str, ShardSet]) -> None:
    finer = shards | {"pieces": shards["attended"]}
    assert _load(finer).timeline.length.tolist() == [29, 25]
    coarse = {"pieces": shards["pieces"], "attended": shards["pieces"]}
    assert _load(coarse).window(np.array([0]), np.arange(12)[None])["attended_features"].shape == (1, 12, 6)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ({"chunk": 224}, "clip mirrored/clip000: 192 frames, a chunk has 224"),
        ({"chunk": 200}, "chunk: 200 frames are not 12 equal steps of rows every 16 frames"),
        ({"frames": 10}, "chunk: 192 frames are not 10 equal steps of rows every 16 frames"),
        ({"sampling": "segments"}, "sampling: 'segments' takes single frames, pieces begin every 16 frames"),
    ],
)
def test_chunks_that_do_not_fit_are_refused(shards: dict[str, ShardSet], run: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _load(shards, **({"frames": 14} if run.get("chunk") == 224 else {}) | run)


def test_attended_rows_must_lie_on_every_start(shards: dict[str, ShardSet]) -> None:
    with pytest.raises(ValueError, match="inputs: pieces begin every 8 frames, attended rows every 16"):
        _load({"pieces": shards["attended"], "attended": shards["pieces"]})
