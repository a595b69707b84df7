"""Every run of every paper file can be built, and every name in it is known to the code that will use it."""

import importlib
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

PAPERS = sorted((Path(__file__).parents[1] / "workflow/papers").rglob("*.yaml"))
CHANNELS = {"inception_v3": 2048, "timm_network": 96}


def _runs() -> list[Any]:
    runs = []
    for path in PAPERS:
        paper = yaml.safe_load(path.read_text())
        for name, entry in paper.get("runs", {}).items():
            runs += [pytest.param(paper, entry[root], root, id=f"{path.stem}-{name}-{root}") for root in entry]
    return runs


def test_the_papers_and_runs_are_all_there() -> None:
    assert [path.stem for path in PAPERS] == ["soft_attention", "sta_hands"]
    assert len(_runs()) == 2 * 11  # ten trained configurations and one that is only read out differently


@pytest.mark.parametrize(("paper", "run", "root"), _runs())
def test_every_run_builds_on_the_meta_device(paper: dict[str, Any], run: dict[str, Any], root: str) -> None:
    dataset = importlib.import_module(f"poseattn.datasets.{run['dataset']}")
    assert set(run["protocols"]) <= set(dataset.PROTOCOLS)
    arguments = dict(run["arguments"])
    if "glimpses" in run["inputs"]:
        recipe = paper["glimpses"][run["inputs"]["glimpses"]][root]
        arguments["channels"] = CHANNELS[recipe["backbone"]]
    with torch.device("meta"):
        model = importlib.import_module(f"poseattn.models.{run['model']}").Model(
            n_classes=len(dataset.CLASSES), **arguments
        )
    parameters = list(model.parameters())
    assert parameters and all(parameter.is_meta for parameter in parameters)


def test_the_official_weights_are_those_of_torchvision() -> None:
    from torchvision.models import Inception_V3_Weights

    paper = yaml.safe_load(next(path for path in PAPERS if path.stem == "sta_hands").read_text())
    entry = paper["weights"]["inception_v3_imagenet"]
    assert entry["url"] == Inception_V3_Weights.IMAGENET1K_V1.url
    assert entry["url"].endswith("/" + entry["file"])
    assert entry["file"].endswith(f"-{entry['sha256_prefix']}.pth")
