"""Tables: which can be made of the data sets of a configuration, and which scores they are made of."""

import json
from collections.abc import Iterator
from typing import Any

from poseattn.plan.datasets import Datasets
from poseattn.plan.raw import Raw
from poseattn.plan.runs import Runs
from poseattn.plan.values import Config


class Tables:
    """The tables of a configuration: of scores, and of joints where attention is.

    Args:
        config: The merged configuration.
        datasets: Its data sets.
        raw: Its raw files.
        runs: Its runs.
    """

    def __init__(self, config: Config, datasets: Datasets, raw: Raw, runs: Runs) -> None:
        self._config = config
        self._datasets = datasets
        self._raw = raw
        self._runs = runs

    def of_config(self) -> list[str]:
        """Files of all tables whose data sets config.yaml has."""
        names = [name for name, table in self._config["tables"].items() if self._can_be_made(table)]
        known = self._config["datasets"]
        names += [name for name, entry in self._config["joints"].items() if entry["dataset"] in known]
        return [f"results/{name}.csv" for name in names]

    def as_written(self, table: str) -> str:
        """A table as its stage gets it, unsorted: the order of columns and rows is part of it."""
        return json.dumps(self._config["tables"][table])

    def of_joints(self, joints: str) -> dict[str, Any]:
        """A table of joints as its stage gets it."""
        return self._config["joints"][joints]

    def scores(self, table: str) -> list[str]:
        """Scores of every run, protocol and seed that a table names."""
        found = set()
        for row, metric, column in _cells(self._config["tables"][table]):
            dataset = self._datasets.id_of(column["dataset"])
            file = "scores.h5" if column["split"] == "test" else f"scores.{column['split']}.h5"
            found |= {
                f"{self._runs.folder(run, dataset, protocol, seed)}/{file}"
                for run in runs_of_cell(row, metric)
                for protocol in (row if "protocols" in row else column)["protocols"]
                for seed in self.seeds_of(run)
            }
        return sorted(found)

    def seeds_of(self, run: str) -> list[int]:
        """Seeds of a run; a network that was trained on clips once scores snippets once."""
        return [0] if run in self._config["snippet_scores"] else self._config["seeds"]

    def joints_scores(self, joints: str) -> list[str]:
        """Scores of all seeds of the run whose joints are measured."""
        entry = self._config["joints"][joints]
        dataset = self._datasets.id_of(entry["dataset"])
        folders = [self._runs.folder(entry["run"], dataset, entry["protocol"], seed) for seed in self._config["seeds"]]
        return [f"{folder}/scores.h5" for folder in folders]

    def joints_poses(self, joints: str) -> list[str]:
        """Annotated joints that the joints of a table are compared with."""
        entry = self._config["joints"][joints]
        pattern = f"results/poses/{{dataset}}/{entry['annotated']}/{{shard}}.h5"
        return self._raw.per_shard(pattern, self._datasets.id_of(entry["dataset"]))

    def _can_be_made(self, table: dict[str, Any]) -> bool:
        """Tell whether config.yaml has all data sets of a table, and runs can start from the runs that they name."""
        if not {column["dataset"] for column in columns_of(table).values()} <= set(self._config["datasets"]):
            return False
        runs = {run for row, metric, _ in _cells(table) for run in runs_of_cell(row, metric)}
        blocks = [self._config["runs"][run]["paper"] for run in runs if run in self._config["runs"]]
        return all(
            self._runs.can_start(block["start"], self._datasets.id_of(block["dataset"]))
            for block in blocks
            if "start" in block
        )


def columns_of(table: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Columns of a table; columns that are not in the paper come last."""
    return table["columns"] | table.get("extra_columns", {})


def runs_of_cell(row: dict[str, Any], metric: str) -> list[str]:
    """Runs that a cell is made from; a row may name others for each column."""
    runs = row.get("runs", [])
    return runs.get(metric, []) if isinstance(runs, dict) else runs


def _cells(table: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, dict[str, Any]]]:
    """Row, name of the column and column of every cell."""
    for metric, column in columns_of(table).items():
        yield from ((row, metric, column) for row in table["rows"])
