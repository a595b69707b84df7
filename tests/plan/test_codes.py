"""Which modules the code of a job is the digest of: their names follow the colon."""

import pytest

from .toy import plan


def _modules(code: str) -> list[str]:
    digest, _, names = code.partition(":")
    assert len(digest) == 12 and int(digest, 16) >= 0
    return names.split(",")


def test_a_backbone_is_the_module_before_the_colon() -> None:
    codes = plan().codes
    paper = codes.extraction("extract_glimpses", "glimpses", "hands", "films")
    standin = codes.extraction("extract_glimpses", "glimpses", "hands", "videos_synthetic")
    assert _modules(paper) == ["stages.extract_glimpses", "backbones.inception_v3"]
    assert _modules(standin) == ["stages.extract_glimpses", "backbones.timm"]
    assert paper[:12] != standin[:12]


def test_trainings_are_their_stage_their_method_and_their_backbone() -> None:
    codes = plan().codes
    assert _modules(codes.pretrain("shapes_net")) == [
        "stages.pretrain_backbone", "pretraining.images", "backbones.googlenet",
    ]  # fmt: skip
    assert _modules(codes.finetune("finder", "people")) == [
        "stages.pretrain_backbone", "pretraining.heatmaps", "backbones.hourglass",
    ]  # fmt: skip
    assert _modules(codes.snippets("tuned", "videos_synthetic")) == ["stages.score_snippets", "backbones.vgg"]
    assert _modules(codes.estimated_poses("estimated", "films")) == ["stages.estimate_poses", "backbones.hourglass"]


@pytest.mark.parametrize(("recipe", "modules"), [("dis", []), ("raft", ["extraction.learnt_flow"])])
def test_only_learnt_flow_rests_on_the_network_of_flow(recipe: str, modules: list[str]) -> None:
    assert _modules(plan().codes.flow(recipe, "films")) == ["stages.compute_flow", *modules]


def test_the_layout_of_a_data_set_names_the_modules_that_read_it() -> None:
    codes = plan(films={"layout": "csv"}, videos={"layout": "ntu"}).codes
    assert _modules(codes.layout("list_classes", "films")) == ["stages.list_classes", "datasets.csv"]
    assert _modules(codes.poses("videos_synthetic")) == ["stages.read_poses", "datasets.ntu_poses"]
