"""A share that goes away after the run was planned, and comes back: no clip is lost, and nothing has to be deleted."""

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from poseattn.clips.manifest import read_excluded, read_manifest, read_status
from poseattn.synthetic.avi import write_avi
from tests.pipeline import ROOT, Pipeline

TARGET = "results/manifests/mine.tsv"
CLIPS = [f"{number}.avi" for number in range(8)]
GONE = CLIPS[2:5]


@pytest.fixture
def own(tmp_path: Path) -> Pipeline:
    """A user's eight videos, of which `7.avi` was never there."""
    pipeline = Pipeline(tmp_path / "pipeline")
    root = tmp_path / "share"
    root.mkdir()
    for number, name in enumerate(CLIPS[:-1]):
        image = cv2.imencode(".jpg", np.full((48, 64, 3), 20 * number, np.uint8))[1].tobytes()
        write_avi(root / name, [image] * 3, (64, 48), 30)
    lines = [f"{name},{'ab'[number % 2]},train" for number, name in enumerate(CLIPS)]
    (root / "clips.csv").write_text("\n".join(["path,label,split", *lines, ""]))
    data = {"layout": "csv", "root": str(root), "manifest": "clips.csv", "shards": 1, "max_excluded": 1.0}
    mine = {"mine": data | {"read_by": {"frames": "penn_action_frames"}}}
    (pipeline.folder / "tiny.yaml").write_text(yaml.safe_dump({"datasets": mine}))
    return pipeline


@pytest.mark.slow
@pytest.mark.ci
def test_three_of_eight_files_are_gone_for_a_while(own: Pipeline, tmp_path: Path) -> None:
    moves = {str(tmp_path / "share" / name): str(tmp_path / name) for name in GONE}
    said = {
        "build-manifest": f"{tmp_path}/share: files were added, removed or changed since Snakemake began",
        "decode-frames": f"[Errno 2] No such file or directory: '{tmp_path}/share/{GONE[0]}'",
    }
    for stage, error in said.items():
        path = f"{ROOT / 'tests/faults/vanishing'}:{own.folder}"
        output = own.run(TARGET, code=1, PYTHONPATH=path, POSEATTN_VANISHING=json.dumps([stage, moves]))
        assert f"poseattn {stage}: error: {error}" in output and not (own.folder / TARGET).exists()
        for place, elsewhere in moves.items():
            os.rename(elsewhere, place)
    own.run(TARGET)
    (status,) = (own.folder / "results/frames/mine").glob("*/000.status.tsv")
    found = read_status(status).set_index("clip_id")
    assert found.reason[found.reason != ""].to_dict() == {"7": "no video"}
    assert list(found.n_frames) == [3] * 7 + [0]
    clips = read_manifest(own.folder / TARGET)
    assert list(clips.clip_id) == [name.removesuffix(".avi") for name in CLIPS]
    assert list(clips.clip_id[clips.excluded != ""]) == list(
        read_excluded(own.folder / TARGET.replace(".tsv", ".excluded.tsv")).clip_id
    )
