"""Data sets: their ids in paths, and what config.yaml says of them.

A stand-in has an id of its own, so that its files never touch the files of real data.
"""

import importlib
from typing import Any

from poseattn.config.unknown import no_such
from poseattn.plan.refusals import Refusal
from poseattn.plan.values import Config

STANDIN = "_synthetic"  # ends the id of a stand-in
_SHARDS = 8  # of a real data set
_MAX_EXCLUDED, _MAX_DAMAGED = 0.01, 0.1


def is_standin(dataset: str) -> bool:
    """Tell whether the id of a data set names a stand-in."""
    return dataset.endswith(STANDIN)


class Datasets:
    """The data sets of a configuration.

    Args:
        config: The merged configuration.

    Attributes:
        names: Id in paths -> name in the configuration.
    """

    names: dict[str, str]

    def __init__(self, config: Config) -> None:
        self._config = config
        self.names = {
            name + (STANDIN if entry["root"] == "synthetic" else ""): name for name, entry in config["datasets"].items()
        }
        # People in stand-ins are found by a network that saw the stand-in of MPII, also where the root of MPII is real.
        networks = (recipe["standin"] for recipe in config["finetune"].values())
        trained_on = [recipe["dataset"] for recipe in networks if recipe["method"] == "heatmaps"]
        self.names |= {name + STANDIN: name for name in trained_on}

    def id_of(self, name: str) -> str:
        """Id of a data set in paths; a `Refusal` if config.yaml has no such data set."""
        for dataset, entry in self.names.items():
            if entry == name:
                return dataset
        raise Refusal(no_such("data set", name, self._config["datasets"], " in config.yaml"))

    def entry(self, dataset: str) -> dict[str, Any]:
        """Entry of a data set in config.yaml."""
        return self._config["datasets"][self.names[dataset]]

    def weights(self, dataset: str) -> str:
        """Kind of weights that networks have for a data set: `pretrained`, `standin` or `random`."""
        return self.entry(dataset).get("weights", "standin" if is_standin(dataset) else "pretrained")

    def damaged(self, dataset: str) -> str:
        """Policy for damaged videos, in a text that no other parameter has: Snakemake compares parameters as a set."""
        entry = self.entry(dataset)
        if entry.get("damaged", "refuse") == "refuse":
            return "refuse"
        return f"keep {entry.get('max_damaged_frames', _MAX_DAMAGED)}"

    def layout(self, dataset: str) -> str:
        """Name of the module that knows a data set: its own, or `csv` for a user's list of clips."""
        return self.entry(dataset).get("layout", self.names[dataset])

    def raw_layout(self, dataset: str) -> dict[str, Any]:
        """Where the raw files of a data set stand, and which stages read them."""
        entry = self.entry(dataset)
        chosen = {key: entry[key] for key in ("read_by", "min_frames") if key in entry}
        if "layout" not in entry:
            return self._config["raw"][self.names[dataset]] | chosen
        listed = {"files": {"video": entry["manifest"]}, "lists": [entry["manifest"]]}
        return listed | {"read_by": {"cubes": "googlenet"}} | chosen

    def raw_files(self, dataset: str) -> dict[str, str]:
        """Kind of raw file -> pattern."""
        return self.raw_layout(dataset)["files"]

    def raw_lists(self, dataset: str) -> list[str]:
        """Lists of clips and classes that belong to a data set."""
        return self.raw_layout(dataset)["lists"]

    def check_protocol(self, protocol: str, dataset: str) -> None:
        """Refuse a protocol by which a data set does not divide its clips."""
        known = importlib.import_module(f"poseattn.datasets.{self.layout(dataset)}").PROTOCOLS
        if protocol not in known:
            raise Refusal(no_such("protocol", protocol, known, f" of data set {dataset}"))

    def n_shards(self, dataset: str) -> int:
        """Into how many shards the clips of a data set are divided."""
        if is_standin(dataset):
            return self.raw_layout(dataset)["standin_shards"]
        return self.entry(dataset).get("shards", _SHARDS)

    def max_excluded(self, dataset: str) -> float:
        """Largest share of bad clips that training accepts, in [0, 1]."""
        return self.entry(dataset).get("max_excluded", _MAX_EXCLUDED)
