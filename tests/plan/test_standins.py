"""Stand-ins: the names of their files, recipes, and digests of all that they depend on."""

import importlib
from pathlib import Path

import pytest

from poseattn.clips.listing import find_root, scan
from poseattn.config.placed import plain
from poseattn.plan.plan import Plan
from poseattn.plan.standins import Standins
from tests import papers

from .toy import config, plan


@pytest.mark.parametrize("name", sorted(plain(papers.shipped())["synthetic"]))
def test_the_names_of_files_are_known_before_they_are_drawn(tmp_path: Path, name: str) -> None:
    """The first and the last clip, drawn and then found as raw files are found."""
    config = plain(papers.shipped())
    module, recipe = importlib.import_module(f"poseattn.synthetic.{name}"), config["synthetic"][name]
    clips = module.list_clips(recipe)
    drawn = [clips[0], clips[-1]]
    for clip in drawn:
        module.write_clip(tmp_path, clip, recipe)
    module.finish(tmp_path, drawn, recipe)
    files = config["raw"][name]["files"]
    found = {file.clip_id for file in scan(find_root(tmp_path, files), files)}
    known = Plan(config).standins.clips(name)
    assert {clip.name for clip in drawn} == found & set(known) and len(known) == len(clips) == len(set(known))


def test_images_of_a_training_and_their_recipe() -> None:
    standins = plan().standins
    assert standins.images_of_pretraining("shapes_net") == "results/synthetic/shapes.h5"
    assert standins.images("shapes") == {"drawn_by": "objects", "count": 9}
    assert standins.images_code("shapes").partition(":")[2] == "stages.render_objects,synthetic.objects"


def test_whatever_reads_a_stand_in_depends_on_its_code_and_its_recipe() -> None:
    """`ucf11` is drawn by a module that there is; keys are sorted."""
    settings = config()
    settings["synthetic"] = {"ucf11": {"frames": 8, "clips": 4}}
    standins = Standins(settings)
    code = standins.code("ucf11")
    assert code.partition(":")[2] == "stages.synthesize_dataset,synthetic.ucf11"
    assert standins.digest("ucf11") == code + '{"clips": 4, "frames": 8}'
    assert standins.recipe("ucf11") == {"frames": 8, "clips": 4}
