"""Which block of a recipe counts, and what is spelt out in it."""

import pytest

from poseattn.plan.recipes import pictures_of

from .toy import plan


def test_the_kind_of_the_data_set_picks_the_block() -> None:
    recipes = plan().recipes
    assert recipes.block("poses", "annotated", "videos_synthetic") == {"unit": "px"}
    assert recipes.block("poses", "annotated", "films") == {"unit": "m"}


@pytest.mark.parametrize(
    ("weights", "stacks"), [("pretrained", 8), ("standin", 1), ("random", 1)], ids=["pretrained", "standin", "random"]
)
def test_a_data_set_may_ask_for_the_other_network(weights: str, stacks: int) -> None:
    recipes = plan(videos={"weights": weights}).recipes
    chosen = recipes.network("heatmaps", "maps", "videos_synthetic")
    assert (chosen["stacks"], chosen["weights"]) == (stacks, weights)


def test_cubes_have_the_recipes_of_their_pictures_and_heatmaps_spelt_out() -> None:
    recipes = plan().recipes
    assert recipes.cubes("rgb", "videos_synthetic")["frames"] == {"store": "none", "size": 32}
    spelt = recipes.cubes("motion_split1", "films")
    assert spelt["flow"] == {"method": "dis"}
    assert (spelt["heatmaps"]["stacks"], spelt["heatmaps"]["weights"]) == (8, "pretrained")
    assert pictures_of(recipes.block("cubes", "motion_split1", "films")) == ("flow", "dis")


def test_estimated_poses_are_the_network_and_a_threshold() -> None:
    recipes = plan().recipes
    expected = recipes.network("heatmaps", "maps", "films") | {"min_confidence": 0.5}
    assert recipes.estimated_poses("estimated", "films") == expected
    assert recipes.is_estimated("estimated") and not recipes.is_estimated("annotated")


def test_a_training_on_clips_without_a_start_has_random_weights() -> None:
    recipes = plan().recipes
    tuned, finder = (recipes.finetune(name, "people_synthetic") for name in ("tuned", "finder"))
    assert (tuned["weights"], finder["weights"]) == ("standin", "random")
    assert tuned["dataset"] == "people_synthetic"


def test_frames_are_stored_as_jpeg_or_not_at_all() -> None:
    recipes = plan().recipes
    assert recipes.are_stored("frames", "whole", "films") and not recipes.are_stored(
        "frames", "whole", "videos_synthetic"
    )
    assert recipes.are_stored("flow", "dis", "films")
    assert recipes.flow_is_learnt("raft", "films") and not recipes.flow_is_learnt("dis", "films")
