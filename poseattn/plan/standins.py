"""Stand-ins of data sets and of images: their recipes, and digests of all that they depend on."""

import importlib

from poseattn.plan.values import Config, Recipe, as_json
from poseattn.provenance.source_digest import source_hash


class Standins:
    """What the workflow draws itself.

    Args:
        config: The merged configuration.
    """

    def __init__(self, config: Config) -> None:
        self._config = config

    def recipe(self, name: str) -> Recipe:
        """Recipe of the stand-in of a data set, by the name of the data set in the configuration."""
        return self._config["synthetic"][name]

    def code(self, name: str) -> str:
        """Code of the stand-in of a data set."""
        return source_hash("poseattn.stages.synthesize_dataset", f"poseattn.synthetic.{name}")

    def clips(self, name: str) -> list[str]:
        """Names of the files that will be drawn, each of which is a clip or has clips as its parts."""
        clips = importlib.import_module(f"poseattn.synthetic.{name}").list_clips(self.recipe(name))
        return sorted(clip.name for clip in clips)

    def digest(self, name: str) -> str:
        """Code and recipe in one text: whatever reads the stand-in depends on them."""
        return self.code(name) + as_json(self.recipe(name))

    def images(self, images: str) -> Recipe:
        """Recipe of rendered images."""
        return self._config["images"][images]

    def images_of_pretraining(self, recipe: str) -> str:
        """File of rendered images that a training sees."""
        return f"results/synthetic/{self._config['pretrain'][recipe]['standin']['images']}.h5"

    def images_code(self, images: str) -> str:
        """Code of rendered images."""
        return source_hash("poseattn.stages.render_objects", f"poseattn.synthetic.{self.images(images)['drawn_by']}")
