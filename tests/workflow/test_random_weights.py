"""What Snakemake plans for `weights: random`: dry runs in a fresh folder."""

import pytest
import yaml

from poseattn.config.placed import plain
from tests import papers
from tests.pipeline import ROOT, Pipeline

RUNS = {  # data set -> a run and a protocol of it, whose features a network makes
    "ntu": "sta_hands_pose/cross_subject",
    "ucf11": "soft_attention_ucf11/groups",
    "hmdb51": "soft_attention_hmdb51/split1",
    "hollywood2": "alstm_obj_fc8_hollywood2/official",
    "penn_action": "rpan_t_penn_action/official",
    "sub_jhmdb": "rpan_t_sub_jhmdb/split1",
    "activitynet": "alstm_act_fc8/official",
    "stanford40": "pose_lstm_concat_small/small_official",
}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    pipeline = Pipeline(tmp_path_factory.mktemp("random") / "pipeline")
    names = yaml.safe_load((ROOT / "config.yaml").read_text())["datasets"]
    overlay = {"datasets": {name: {"weights": "random"} for name in names}}
    (pipeline.folder / "random.yaml").write_text(yaml.safe_dump(overlay))
    return pipeline


def _target(dataset: str, run: str) -> str:
    return f"results/runs/{dataset}_synthetic/{run}/seed0/scores.h5"


def test_no_network_is_fetched_or_trained_for_any_data_set(pipeline: Pipeline) -> None:
    targets = [_target(dataset, run) for dataset, run in RUNS.items()]
    output = pipeline.run(*targets, "--dry-run", configs=["random.yaml"])
    assert "rule fetch_weights" not in output
    described = [line for line in output.splitlines() if "python -m poseattn extract-" in line]
    assert described
    assert not any("/backbones/" in line for line in described)


def test_a_run_that_needs_the_answers_of_a_trained_network_is_refused(pipeline: Pipeline) -> None:
    target = _target("activitynet", "c3d_fc8/official")
    output = pipeline.run(target, "--dry-run", "--quiet", "host", code=1, configs=["random.yaml"])
    assert "run c3d_fc8 trains nothing, so that its network must know the classes of activitynet_synthetic" in output


def test_the_run_of_every_data_set_is_there() -> None:
    known = {name: run["standin"] for name, run in plain(papers.shipped().value["runs"]).items()}
    assert set(RUNS) | {"mpii"} == set(yaml.safe_load((ROOT / "config.yaml").read_text())["datasets"])
    for dataset, run in RUNS.items():
        name, protocol = run.split("/")
        assert known[name]["dataset"] == dataset and protocol in known[name]["protocols"]
