"""What trainings on clips read, and scores of snippets; and the code of each kind of job."""

import pytest

from poseattn.plan.codes import Codes
from poseattn.plan.refusals import Refusal
from poseattn.provenance.source_digest import source_hash

from .toy import plan

DATASET = "videos_synthetic"


def _modules(code: str) -> list[str]:
    """Modules that a digest of code is of."""
    return code.partition(":")[2].split(",")


def test_a_training_reads_the_pictures_of_all_shards() -> None:
    finetuning = plan().finetuning
    assert finetuning.images("tuned", DATASET) == [f"results/flow/{DATASET}/dis/{shard}.h5" for shard in ("000", "001")]
    assert finetuning.poses("tuned", DATASET) == [] and finetuning.protocol("tuned", DATASET) == "split1"
    assert finetuning.images("finder", DATASET)[0] == f"results/frames/{DATASET}/whole/000.h5"
    assert finetuning.poses("finder", DATASET)[1] == f"results/poses/{DATASET}/annotated/001.h5"


def test_snippets_are_scored_by_the_network_of_the_protocol() -> None:
    changed = plan()
    changed.config["snippet_scores"]["snippets"]["standin"]["network"] = "tuned_{protocol}"
    changed.config["finetune"]["tuned_split1"] = changed.config["finetune"]["tuned"]
    finetuning = changed.finetuning
    assert finetuning.scored_by("snippets", DATASET, "split1") == f"results/backbones/{DATASET}/tuned_split1.pt"
    assert finetuning.scored_images("snippets", DATASET)[1] == f"results/flow/{DATASET}/dis/001.h5"
    assert finetuning.scored("snippets", DATASET).keys() >= {"run", "dataset", "network"}
    assert _modules(finetuning.scoring_code("snippets", DATASET, "split1")) == [
        "stages.score_snippets",
        "backbones.vgg",
    ]


def test_snippets_of_a_protocol_that_no_network_was_trained_for_are_refused() -> None:
    with pytest.raises(Refusal, match="^no protocol 'split3' of run snippets; there are split1, split2$"):
        plan().finetuning.scored_by("snippets", DATASET, "split3")


def test_code_is_of_the_stage_and_of_the_modules_that_the_recipe_names() -> None:
    codes: Codes = plan(videos={"layout": "ntu"}).codes
    assert codes.poses(DATASET) == source_hash("poseattn.stages.read_poses", "poseattn.datasets.ntu_poses")
    assert _modules(codes.layout("list_uses", DATASET)) == ["stages.list_uses", "datasets.ntu"]
    assert _modules(codes.extraction("extract_glimpses", "glimpses", "hands", DATASET))[1] == "backbones.timm"
    assert _modules(codes.extraction("extract_glimpses", "glimpses", "hands", "films"))[1] == "backbones.inception_v3"
    assert _modules(codes.estimated_poses("estimated", DATASET)) == ["stages.estimate_poses", "backbones.hourglass"]
    assert _modules(codes.flow("dis", DATASET)) == ["stages.compute_flow"]
    assert _modules(codes.flow("raft", DATASET)) == ["stages.compute_flow", "extraction.learnt_flow"]


def test_code_of_trainings_has_the_method() -> None:
    codes = plan().codes
    assert _modules(codes.finetune("finder", DATASET)) == [
        "stages.pretrain_backbone",
        "pretraining.heatmaps",
        "backbones.hourglass",
    ]
    assert _modules(codes.pretrain("shapes_net"))[1:] == ["pretraining.images", "backbones.googlenet"]
    assert _modules(plan().runs.code("train", "on_cubes", DATASET)) == ["stages.train", "models.rpan"]


def test_stand_ins_of_images() -> None:
    standins = plan().standins
    assert standins.images_of_pretraining("shapes_net") == "results/synthetic/shapes.h5"
    assert standins.images("shapes") == {"drawn_by": "objects", "count": 9}
    assert _modules(standins.images_code("shapes")) == ["stages.render_objects", "synthetic.objects"]
    assert _modules(standins.code("ntu")) == ["stages.synthesize_dataset", "synthetic.ntu"]


def test_what_reads_a_stand_in_depends_on_its_code_and_recipe() -> None:
    changed = plan()
    changed.config["synthetic"]["ntu"] = {"clips": 4, "classes": 2}
    assert changed.standins.digest("ntu") == changed.standins.code("ntu") + '{"classes": 2, "clips": 4}'
