"""Commands that cannot be planned end with one sentence: dry runs in a fresh folder by the real Snakemake."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from poseattn.clips.manifest import MANIFEST_COLUMNS, write_manifest
from tests.pipeline import Pipeline

RUNS = "results/runs/ntu_synthetic/deep_gru"
OVERLAYS = "results/figures/overlays/ucf11_synthetic/soft_attention_ucf11/groups"
BUILDING = "Building DAG of jobs..."


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return Pipeline(tmp_path_factory.mktemp("refusals") / "pipeline")


def _said(pipeline: Pipeline, target: str, overlay: dict | None = None) -> str:
    """All that Snakemake says once it has begun with its graph, which must be one line."""
    (pipeline.folder / "overlay.yaml").write_text(yaml.safe_dump(overlay or {}))
    output = pipeline.run(target, "--dry-run", "--quiet", "all", code=1, configs=["overlay.yaml"])
    last = output.partition(BUILDING)[2] or output.splitlines()[-1]
    assert len(last.strip().splitlines()) == 1 and "File " not in output and "Traceback" not in output
    return last.strip()


@pytest.mark.parametrize(
    ("target", "begin", "near"),
    [
        ("results/ntu_table4.csv", "no table 'ntu_table4'; there are ", "ntu_table1"),
        (f"{RUNS}/cross_subjct/seed0/scores.h5", "no protocol 'cross_subjct' of data set ", "cross_subject"),
        (f"{RUNS.replace('_synthetic', '')}/cross_subject/seed0/scores.h5", "no data set 'ntu': ", "'ntu_synthetic'"),
        ("results/cubes/ucf11_synthetic/googlenet/777.h5", "no shard '777' of data set ucf11_synthetic; ", "000, 001"),
        (f"{OVERLAYS}/v_swing_99_01.mp4", "no clip 'v_swing_99_01' of data set ucf11_synthetic; ", "v_swing_09_01"),
    ],
    ids=["table", "protocol", "dataset", "shard", "clip"],
)
def test_a_wrong_target_is_answered_by_what_is_near(pipeline: Pipeline, target: str, begin: str, near: str) -> None:
    said = _said(pipeline, target)
    assert said.startswith(begin) and near in said.removeprefix(begin)


def test_a_run_that_a_data_set_cannot_feed(pipeline: Pipeline) -> None:
    target = f"{RUNS.replace('ntu', 'ucf11')}/groups/seed0/scores.h5"
    assert _said(pipeline, target) == "run deep_gru needs poses, data set ucf11 has videos only"


def test_a_wrong_root(pipeline: Pipeline) -> None:
    said = _said(pipeline, "results/ntu_table1.csv", {"datasets": {"ntu": {"root": "nowhere"}}})
    assert said == "config: datasets.ntu.root: root nowhere is not a folder"


def test_too_many_bad_clips_where_the_manifest_is_the_target(pipeline: Pipeline) -> None:
    """A file that is there and newer than its inputs would else count as made."""
    row = dict.fromkeys(MANIFEST_COLUMNS, "")
    manifest = Path("results/manifests/ntu_synthetic.tsv")
    (pipeline.folder / manifest).parent.mkdir(parents=True, exist_ok=True)
    rows = [row | {"clip_id": name, "excluded": "cut off"} for name in "ab"]
    write_manifest(pd.DataFrame(rows), pipeline.folder / manifest)
    (pipeline.folder / "results/.records").write_text("made\n")
    (pipeline.folder / ".snakemake/poseattn_records").write_text("made\n")
    said = _said(pipeline, str(manifest), {"datasets": {"ntu": {"max_excluded": 0.5}}})
    assert said.startswith("config: datasets.ntu.max_excluded: 0.5, but 2 of 2 clips are bad in results/manifests/ntu")


def test_a_record_of_weights_that_cannot_be_read(pipeline: Pipeline) -> None:
    (pipeline.folder / "weights").mkdir()
    (pipeline.folder / "weights/SHA256SUMS").write_text("nonsense\n")
    overlay = {
        "datasets": {"ucf11": {"weights": "pretrained"}},
        "weights": {"googlenet_imagenet": {"sha256_prefix": ""}},
    }
    said = _said(pipeline, "results/cubes/ucf11_synthetic/googlenet/000.h5", overlay)
    assert said.startswith("weights/SHA256SUMS:1: found 'nonsense'")
