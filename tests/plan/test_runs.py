"""What a run reads, and what its stage gets."""

import pytest

from poseattn.plan.plan import Plan
from poseattn.plan.refusals import Refusal

from .toy import config, plan, standins

DATASET = "videos_synthetic"


@pytest.fixture
def ucf11() -> Plan:
    """The plan where videos are read as a user's list, which no module of poses knows."""
    return plan(videos={"layout": "csv", "manifest": "list.csv"})


def test_names_of_features_have_the_protocol() -> None:
    runs = plan().runs
    assert runs.resolved("on_cubes", DATASET, "split1")["inputs"] == {"cubes": "motion_split1"}
    assert runs.resolved("on_cubes", DATASET, "split2")["inputs"] == {"cubes": "motion_split2"}


def test_roles_are_read_as_their_kind_of_shard() -> None:
    runs = plan().runs
    shards = [f"results/pieces/{DATASET}/fc6/{number}.h5" for number in ("000", "001")]
    assert runs.features("pieces", "on_pieces", DATASET, "split1") == shards
    assert runs.features("attended", "on_pieces", DATASET, "split1") == shards
    assert runs.features("cubes", "on_pieces", DATASET, "split1") == []


def test_joints_guide_the_attention_of_some_runs() -> None:
    runs = plan().runs
    assert runs.joints("on_cubes", DATASET)[1] == f"results/poses/{DATASET}/annotated/001.h5"
    assert runs.joints("on_poses", DATASET) == []


def test_a_training_does_not_know_what_only_its_scoring_uses() -> None:
    runs = plan().runs
    trained = runs.passed_on("on_cubes", DATASET, "split1")
    scored = runs.passed_on("on_cubes", DATASET, "split1", evaluation=True)
    assert scored.keys() - trained.keys() == {"note", "test_draws"}
    assert (trained["run"], trained["dataset"], trained["inputs"]) == ("on_cubes", DATASET, {"cubes": "motion_split1"})


def test_folders_and_checkpoints() -> None:
    runs = plan().runs
    assert runs.folder("on_poses", DATASET, "split1") == f"results/runs/{DATASET}/on_poses/split1/seed3"
    assert runs.checkpoint("on_pieces", DATASET, "split1", "5") == (
        f"results/runs/{DATASET}/on_cubes/split1/seed5/checkpoint.pt"
    )
    assert [runs.split(part) for part in ("", ".train", ".val")] == ["test", "train", "val"]


def test_a_run_may_start_from_a_run_on_another_data_set_of_its_kind() -> None:
    both = plan(**standins("films")).runs
    start = f"results/runs/{DATASET}/on_pieces/split1/seed5/checkpoint.pt"
    assert both.start("onward", "films_synthetic", "5") == [start]
    assert both.start("on_pieces", DATASET, "5") == []
    assert both.passed_on("onward", "films_synthetic", "split1")["start"]["dataset"] == DATASET
    said = (
        "^run onward on films starts from run on_pieces on videos: datasets.videos.root must be a folder if that of "
        "films is, else `synthetic`$"
    )
    with pytest.raises(Refusal, match=said):
        plan().runs.start("onward", "films", "5")


def test_a_start_on_a_data_set_that_is_not_there_is_refused() -> None:
    changed = config(**standins("films"))
    del changed["datasets"]["videos"]
    with pytest.raises(Refusal, match="^run onward on films_synthetic starts from run on_pieces on videos: "):
        Plan(changed).runs.start("onward", "films_synthetic", "5")


def test_runs_on_annotated_poses_do_not_care_about_videos() -> None:
    changed = plan(videos={"layout": "ntu"})
    changed.config["raw"]["ntu"] = changed.config["raw"]["videos"]
    runs = changed.runs
    manifest = f"results/manifests/{DATASET}.tsv"
    assert runs.manifest("on_poses", DATASET, "cross_view") == f"results/manifests/{DATASET}.poses_only.tsv"
    assert runs.manifest("on_estimates", DATASET, "cross_view") == manifest
    assert runs.manifest("on_pieces", DATASET, "cross_view") == manifest


def test_runs_that_a_data_set_cannot_feed_are_refused(ucf11: Plan) -> None:
    assert ucf11.runs.manifest("on_pieces", DATASET, "listed") == f"results/manifests/{DATASET}.tsv"
    with pytest.raises(Refusal, match="^run on_poses needs poses, data set videos has videos only$"):
        ucf11.runs.manifest("on_poses", DATASET, "listed")
    with pytest.raises(Refusal, match=f"^no protocol 'split3' of data set {DATASET}; there are listed$"):
        ucf11.runs.manifest("on_pieces", DATASET, "split3")
    with pytest.raises(Refusal, match=f"^no protocol 'split1' of data set {DATASET}; there are listed$"):
        ucf11.runs.manifest("onward", DATASET, "split1")  # a protocol of this run, which is on films
    ucf11.runs.manifest("untrained", DATASET, "listed")
    ucf11.config["datasets"]["videos"]["weights"] = "random"
    with pytest.raises(Refusal, match="^run untrained trains nothing, .*; ask for other runs$"):
        ucf11.runs.manifest("untrained", DATASET, "listed")
