"""What Snakemake plans for joints that nobody annotated: dry runs in a fresh folder."""

from pathlib import Path

import pytest
import yaml

from tests import papers
from tests.datasets.test_mpii import write_annotations, write_images
from tests.datasets.test_stanford40 import write_lists
from tests.pipeline import Pipeline

POSES = "results/poses/ucf11_synthetic/hourglass/000.h5"
NETWORK = "--weights results/backbones/mpii_synthetic/hourglass_mpii.pt"
README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return Pipeline(tmp_path_factory.mktemp("people") / "pipeline")


def _plan(pipeline: Pipeline, overlay: dict, *targets: str, code: int = 0) -> tuple[dict[str, int], str]:
    (pipeline.folder / "overlay.yaml").write_text(yaml.safe_dump(overlay))
    output = pipeline.run(*targets, "--dry-run", "--quiet", "host", code=code, configs=["overlay.yaml"])
    counts = dict(line.split() for line in output.splitlines() if len(line.split()) == 2)
    return {rule: int(count) for rule, count in counts.items() if count.isdigit()}, output


def test_poses_of_videos_are_estimated_by_a_network_trained_on_people(pipeline: Pipeline) -> None:
    runs = papers.paper("rpan")["runs"]["deep_gru_penn_action"]
    changes = {"dataset": "ucf11", "protocols": ["groups"], "inputs": {"poses": "hourglass"}}
    overlay = {"runs": {"deep_gru_ucf11": {root: run | changes for root, run in runs.items()}}}
    counts, output = _plan(pipeline, overlay, "results/runs/ucf11_synthetic/deep_gru_ucf11/groups/seed0/scores.h5")
    shards = counts["estimate_poses"]
    assert counts["finetune_backbone"] == 1 and shards >= 1 and counts["read_poses"] == 1  # those of MPII
    assert output.count(NETWORK) == shards
    assert "--manifest results/manifests/ucf11_synthetic.tsv" in output  # a broken video has no joints either


def test_stand_ins_keep_their_network_where_mpii_is_real(pipeline: Pipeline, tmp_path: Path) -> None:
    files = write_images(tmp_path, ["a.jpg", "b.jpg"])
    write_annotations(tmp_path / "annot/train.h5", ["a.jpg"])
    write_annotations(tmp_path / "annot/valid.h5", ["b.jpg"])
    assert len(files) == 2
    real = {"datasets": {"mpii": {"root": str(tmp_path), "shards": 1}}}
    counts, output = _plan(pipeline, real, POSES)
    assert NETWORK in output and "synthetic/mpii" in output
    counts, output = _plan(pipeline, real, "results/backbones/mpii/hourglass_mpii.pt")
    assert counts["finetune_backbone"] == 1 and "synthesize_dataset" not in counts
    assert '"stacks": 8' in output and '"optimizer": "rmsprop"' in output


def test_real_images_get_the_published_network(pipeline: Pipeline, tmp_path: Path) -> None:
    write_lists(tmp_path)
    for folder in ("JPEGImages", "XMLAnnotations"):
        (tmp_path / folder).mkdir()
    write_images(tmp_path, ["x.jpg"])
    (tmp_path / "images/x.jpg").rename(tmp_path / "JPEGImages/applauding_001.jpg")
    real = {"datasets": {"stanford40": {"root": str(tmp_path), "shards": 1}}}
    shard = "results/heatmaps/stanford40/stanford40_box/000.h5"
    counts, output = _plan(pipeline, real, shard)
    assert counts["fetch_weights"] == 1 and counts["read_poses"] == 1 and "finetune_backbone" not in counts
    assert "original_8hg/checkpoint.pth.tar" in output and "hourglass_princeton_8hg.pth.tar" in output
    assert "results/poses/stanford40/annotated/000.h5" in output
    real["heatmaps"] = {"stanford40_box": {"paper": {"pretrained_by": "hourglass_mpii"}}}
    _, output = _plan(pipeline, real, shard, code=1)
    assert "which is trained on mpii: datasets.mpii.root must be a folder as well" in output


def test_the_table_of_images_scores_three_parts_of_each_run(pipeline: Pipeline) -> None:
    counts, output = _plan(pipeline, {}, "results/stanford40_table1.csv")
    assert (counts["train"], counts["evaluate"]) == (6, 18)
    assert counts["extract_cubes"] == 2 * counts["estimate_heatmaps"] and counts["finetune_backbone"] == 1
    for split in ("train", "val", "test"):
        assert output.count(f"--split {split} ") == 6
    folder = "results/runs/stanford40_synthetic/pose_lstm_concat_complete/complete_official/seed0"
    assert all(f"{folder}/scores{part}.h5" in output for part in ("", ".val", ".train"))
    heatmaps = "results/heatmaps/stanford40_synthetic/stanford40_whole/000.h5"
    assert output.count(f"--heatmaps {heatmaps} --weights") == counts["estimate_heatmaps"]  # below the images
    assert output.count(f"--heatmaps {heatmaps} --joints") == 3  # and as the state in which cells start


def test_figures_of_images_need_no_more_than_they_show(pipeline: Pipeline) -> None:
    counts, _ = _plan(pipeline, {}, "results/figures/pose_lstm_fig1.png")
    assert counts["draw_figure"] == 1 and "train" not in counts
    counts, _ = _plan(pipeline, {}, "results/figures/pose_lstm_fig5.png")
    assert (counts["draw_figure"], counts["train"], counts["evaluate"]) == (1, 1, 1)


def test_the_examples_of_the_readme_plan(pipeline: Pipeline) -> None:
    """The Deep GRU on estimated joints, and RPAN whose attention they guide."""
    section = README.read_text().partition("### Joints where nobody annotated any")[2]
    overlay = yaml.safe_load(section.partition("```yaml")[2].partition("```")[0])
    folder = "results/runs/ucf11_synthetic"
    runs = list(overlay["runs"])
    assert runs == ["deep_gru_penn_action", "rpan_s_penn_action"]
    counts, output = _plan(pipeline, overlay, *(f"{folder}/{run}/groups/seed0/scores.h5" for run in runs))
    assert (counts["train"], counts["evaluate"], counts["finetune_backbone"]) == (2, 2, 1)
    assert output.count(f"--joints {POSES}") == 1  # to train RPAN
    assert output.count(f"--poses {POSES}") == 2  # to train the Deep GRU, and to score by it
