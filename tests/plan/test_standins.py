"""Recipes of what the workflow draws itself, and digests of all that it depends on."""

from poseattn.plan.standins import Standins

from .toy import config, plan


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
