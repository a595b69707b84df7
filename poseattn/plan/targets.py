"""Answers to a target that no rule makes: which part of its path is wrong, and which names are near it."""

import difflib
import re

from poseattn.config.names import FIGURES, RECIPES
from poseattn.config.unknown import no_such
from poseattn.plan.datasets import STANDIN, Datasets
from poseattn.plan.values import Config

# Paths of files that rules make; every wildcard stands for a name of a kind that `Targets._known` knows.
_PATHS = (
    "results/{table}.csv",
    "results/figures/{figure}.png",
    "results/figures/overlays/{dataset}/{run}/{protocol}/{clip}.mp4",
    "results/runs/{dataset}/{run}/{protocol}/seed{seed}/{file}",
    "results/manifests/{dataset}/{shard}.tsv",
    "results/manifests/{dataset}.tsv",
    "results/backbones/{dataset}/{finetune}.pt",
    "results/backbones/{pretrain}.pt",
    "results/{kind}/{dataset}/{recipe}/{shard}.h5",
    "weights/{weights}",
)
_FOLDER_OF_RUN = "results/runs/{dataset}/{run}/{protocol}/seed{seed}"
_OTHERS = {"report": "results/report.html"}  # files without names in their path, by the stem of the file
_WORDS = {
    "dataset": "data set",
    "kind": "kind of feature",
    "finetune": "network",
    "pretrain": "network",
    "weights": "file of weights",
}
_SHAPES = {"seed": (r"\d+", "whole numbers, such as 0"), "shard": (r"\d{3}", "three digits, such as 000")}
_OF_RUNS = ("checkpoint.pt", "history.csv", "run.yaml", "scores.h5", "scores.train.h5", "scores.val.h5")
_WILDCARD = re.compile(r"\{(\w+)\}")


class Targets:
    """Targets that a configuration has.

    Args:
        config: The merged configuration.
        datasets: Its data sets.
    """

    def __init__(self, config: Config, datasets: Datasets) -> None:
        self._config = config
        self._datasets = datasets

    def about(self, target: str) -> str:
        """Say what is wrong with a target that no rule makes. Every whole number is a seed, also one not in `seeds`.

        Args:
            target: Path as the user gave it.

        Returns:
            One sentence; empty if every name in the path is known.
        """
        for pattern in _PATHS:
            if found := _matching(pattern, target):
                return self._first_wrong(found)
        if found := _matching(_FOLDER_OF_RUN, folder := target.rstrip("/")):
            return self._first_wrong(found) or f"{folder} is the folder of a run: add a file, {folder}/scores.h5"
        return self._as_whole(target)

    def _first_wrong(self, found: dict[str, str]) -> str:
        """What is wrong with the first wrong name of a path; empty if all names are known."""
        for kind, name in found.items():
            if kind in _SHAPES:
                shape, said = _SHAPES[kind]
                if not re.fullmatch(shape, name):
                    return f"no {kind} {name!r}; {kind}s are {said}"
                if kind == "seed" and found["run"] in self._config["snippet_scores"] and name != "0":
                    return f"no seed {name!r} of run {found['run']}, which scores snippets once: its seed is 0"
            elif kind == "dataset" and name + STANDIN in self._datasets.names and name not in self._datasets.names:
                return (
                    f"no data set {name!r}: its root is `synthetic`, so paths have {name + STANDIN!r}, its stand-in; "
                    f"for the real one set datasets.{name}.root"
                )
            elif (known := self._known(kind, found)) and name not in known:
                return no_such(_WORDS.get(kind, kind), name, known)
        return ""

    def _known(self, kind: str, found: dict[str, str]) -> list[str]:
        """Names of a kind; none where every name may be right."""
        sections = {
            "table": ("tables", "joints"),
            "figure": FIGURES,
            "run": ("runs", "snippet_scores"),
            "finetune": ("finetune",),
            "pretrain": ("pretrain",),
            "recipe": (found.get("kind", ""),),
        }
        if kind in sections:
            return [name for section in sections[kind] for name in self._config[section]]
        others = {
            "dataset": [*self._datasets.names],
            "kind": [section for section in RECIPES if section not in ("pretrain", "finetune", "snippet_scores")],
            "file": [*_OF_RUNS],
            "weights": [entry["file"] for entry in self._config["weights"].values()],
        }
        return others.get(kind, [])

    def _as_whole(self, target: str) -> str:
        """The files that are most like a target of another form, such as a table without its folder."""
        stem = target.rpartition("/")[2].partition(".")[0]
        files = {name: f"results/{name}.csv" for name in self._known("table", {})}
        files |= {name: f"results/figures/{name}.png" for name in self._known("figure", {})}
        files |= _OTHERS
        near = [stem] if stem in files else sorted(difflib.get_close_matches(stem, files))
        if not near:
            return f"no rule makes {target!r}; try `poseattn list`"
        return f"no rule makes {target!r}; did you mean {' or '.join(files[name] for name in near)}?"


def _matching(pattern: str, target: str) -> dict[str, str]:
    """Names that stand for the wildcards of a pattern; none where the target has another form."""
    found = re.fullmatch(_WILDCARD.sub(r"(?P<\1>[^/]+)", pattern.replace(".", r"\.")), target)
    return found.groupdict() if found else {}
