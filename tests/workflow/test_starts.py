"""What Snakemake plans for runs that start from a run on another data set: dry runs in a fresh folder."""

from pathlib import Path

import yaml

from poseattn.datasets import hollywood2
from tests.pipeline import Pipeline

TABLE = "results/hollywood2_table4.csv"


def test_runs_on_films_come_after_those_they_start_from(tmp_path: Path) -> None:
    """Ten rows, of which the baseline starts from nothing; films are read by the features that one chooses."""
    pipeline = Pipeline(tmp_path / "pipeline")
    counts = pipeline.rerun(TABLE)
    assert (counts["train"], counts["evaluate"], counts["tabulate"]) == (10 + 9, 10, 1)
    assert "extract_cubes" in counts
    readers = {"datasets": {"hollywood2": {"read_by": {"pieces": "obj_fc6_hollywood2"}}}}
    (pipeline.folder / "readers.yaml").write_text(yaml.safe_dump(readers))
    assert "extract_cubes" not in pipeline.rerun(TABLE, configs=["readers.yaml"])


def test_real_films_do_not_start_from_a_standin(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "pipeline")
    lists = [f"ClipSets/{name}_{part}.txt" for name in hollywood2.CLASSES for part in ("train", "test")]
    for name in ("AVIClips/a.avi", *lists):
        (pipeline.folder / "films" / name).parent.mkdir(parents=True, exist_ok=True)
        (pipeline.folder / "films" / name).write_text("")
    (pipeline.folder / "films.yaml").write_text(yaml.safe_dump({"datasets": {"hollywood2": {"root": "films"}}}))
    target = "results/runs/hollywood2/alstm_obj_fc8_hollywood2/official/seed0/checkpoint.pt"
    output = pipeline.run(target, "--dry-run", configs=["films.yaml"], code=1)
    assert (
        "run alstm_obj_fc8_hollywood2 on hollywood2 starts from run alstm_obj_fc8 on activitynet: "
        "datasets.activitynet.root must be a folder if that of hollywood2 is, else `synthetic`"
    ) in output
    everything = pipeline.run("--dry-run", "--quiet", "host", configs=["films.yaml"])
    assert "results/soft_attention_table1.csv" in everything and "results/activitynet_table1.csv" in everything
    assert TABLE not in everything
