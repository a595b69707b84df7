"""Every run of every paper file can be built, and every name in it is known to the code that will use it."""

import importlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision
import yaml

from poseattn.pretraining.segments import SegmentNetwork
from poseattn.rows import pose_widths
from poseattn.stages._backbones import backbone_module, build_backbone

PAPERS = sorted((Path(__file__).parents[1] / "workflow/papers").rglob("*.yaml"))
CHANNELS = {"inception_v3": 2048, "googlenet": 1024}
CHANNELS |= {("glimpses", "timm:test_resnet"): 96, ("cubes", "timm:test_resnet"): 192}
# of a layer of a network at a share of its width
TAPS = {("inception_5a", 1): 1024, ("global_pool", 1): 1024, ("pool5", 1): 512}
TAPS |= {("inception_4d", 0.25): 152, ("global_pool", 0.25): 256, ("pool4", 0.125): 64}
N_CLASSES = {"ntu": 60, "ucf11": 11, "penn_action": 15, "sub_jhmdb": 12, "hmdb51": 51, "hollywood2": 12}


def _runs() -> list[Any]:
    runs = []
    for path in PAPERS:
        paper = yaml.safe_load(path.read_text())
        for name, entry in paper.get("runs", {}).items():
            runs += [pytest.param(paper, entry[root], root, id=f"{path.stem}-{name}-{root}") for root in entry]
    return runs


def test_the_papers_and_runs_are_all_there() -> None:
    assert [path.stem for path in PAPERS] == ["alstm", "pose_lstm", "rpan", "soft_attention", "sta_hands"]
    # STA-Hands: ten trained configurations and one that is only read out differently; soft attention: four on each of
    # three data sets and two for figures; RPAN: eight on each of two data sets and two widths of its Gaussians; one on
    # the joints of Penn Action
    assert len(_runs()) == 2 * (11 + 14 + 18 + 1)


def _feature_channels(kind: str, recipe: dict[str, Any]) -> int:
    width = recipe["arguments"].get("width", 1)
    known = CHANNELS | {(kind, backbone): channels for backbone, channels in CHANNELS.items()}
    return TAPS.get((recipe.get("tap"), width)) or known[kind, recipe["backbone"]]


@pytest.mark.parametrize(("paper", "run", "root"), _runs())
def test_every_run_builds_on_the_meta_device(paper: dict[str, Any], run: dict[str, Any], root: str) -> None:
    dataset = importlib.import_module(f"poseattn.datasets.{run['dataset']}")
    assert set(run["protocols"]) <= set(dataset.PROTOCOLS)
    arguments = dict(run["arguments"])
    for kind in run["inputs"].keys() & {"glimpses", "cubes"}:
        recipes = [paper[kind][run["inputs"][kind].format(protocol=protocol)][root] for protocol in run["protocols"]]
        (channels,) = {_feature_channels(kind, recipe) for recipe in recipes}
        arguments["channels"] = channels
        arguments |= {"locations": 49} if recipes[0].get("tap", "global_pool") != "global_pool" else {}
    module = importlib.import_module(f"poseattn.models.{run['model']}")
    if "poses" in run["inputs"]:
        widths = pose_widths(
            importlib.import_module(f"poseattn.datasets.{run['dataset']}_poses").POSES.shape, run["derivatives"]
        )
        made = [name for name in module.Model.inputs if name in ("pose", "augmented_pose")]
        arguments["pose_channels"] = widths[made[0]]
    with torch.device("meta"):
        model = module.Model(n_classes=N_CLASSES[run["dataset"]], **arguments)
    parameters = list(model.parameters())
    assert parameters and all(parameter.is_meta for parameter in parameters)


@pytest.mark.parametrize(
    ("stem", "name", "weights"),
    [
        ("sta_hands", "inception_v3_imagenet", "Inception_V3_Weights"),
        ("soft_attention", "googlenet_imagenet", "GoogLeNet_Weights"),
    ],
)
def test_the_official_weights_are_those_of_torchvision(stem: str, name: str, weights: str) -> None:
    paper = yaml.safe_load(next(path for path in PAPERS if path.stem == stem).read_text())
    entry = paper["weights"][name]
    assert entry["url"] == getattr(torchvision.models, weights).IMAGENET1K_V1.url
    assert entry["url"].endswith("/" + entry["file"])
    assert entry["file"].endswith(f"-{entry['sha256_prefix']}.pth")


def _finetunes() -> list[Any]:
    paper = yaml.safe_load((PAPERS[0].parent / "rpan.yaml").read_text())
    return [
        pytest.param(paper, entry[root], root, name, id=f"{name}-{root}")
        for name, entry in paper["finetune"].items()
        for root in ("paper", "standin")
    ]


def test_a_network_of_every_stream_and_protocol_is_trained_on_clips() -> None:
    names = {param.values[3] for param in _finetunes()}
    assert names == {
        *(f"penn_action_{stream}_official" for stream in ("rgb", "flow", "vgg_flow")),
        *(f"sub_jhmdb_{stream}_split{split}" for stream in ("rgb", "flow") for split in (1, 2, 3)),
        "sub_jhmdb_vgg_flow_split1",
    }


@cache
def _channels(*settings: str) -> int:
    """Channels that a network takes, which answers clips of such pictures; on the meta device."""
    words = dict(zip(("backbone", "arguments", "size", "segments"), map(json.loads, settings), strict=True))
    with torch.device("meta"):
        backbone = build_backbone(words | {"seed": 0}, None)
        channels = backbone.input_shape[-1]
        pictures = torch.empty(2, words["segments"], 90, 120, channels, dtype=torch.uint8)
        logits = SegmentNetwork(backbone, 15, 0.5)(pictures)
    assert logits.shape == (2, 15) and logits.is_meta
    return channels


@pytest.mark.parametrize(("paper", "recipe", "root", "name"), _finetunes())
def test_every_network_for_clips_builds(paper: dict[str, Any], recipe: dict[str, Any], root: str, name: str) -> None:
    """The backbone takes the pictures that the recipe names, and what it starts from is a network of its kind."""
    kind = "flow" if "flow" in recipe else "frames"
    assert name.startswith(recipe["dataset"]) and name.endswith(recipe["protocol"])
    assert recipe["protocol"] in importlib.import_module(f"poseattn.datasets.{recipe['dataset']}").PROTOCOLS
    assert recipe[kind] in paper[kind]
    channels = _channels(*(json.dumps(recipe[key]) for key in ("backbone", "arguments", "size", "segments")))
    assert (channels == 3) == (kind == "frames")
    assert not recipe["batch"] % recipe["parts"]
    assert all(drop < recipe["iterations"] for drop in recipe["drops"])
    if root == "paper":
        published = {address.rpartition("/")[2] for address in backbone_module(recipe).PUBLISHED}
        assert paper["weights"][recipe["start"]]["file"] in published
    elif recipe["start"]:
        start = paper["pretrain"][recipe["start"]]["standin"]
        without = {key: value for key, value in recipe["arguments"].items() if key != "in_channels"}
        assert (start["backbone"], start["arguments"]) == (recipe["backbone"], without)


@pytest.mark.parametrize("root", ["paper", "standin"])
def test_snippets_are_scored_as_their_networks_were_trained(root: str) -> None:
    paper = yaml.safe_load((PAPERS[0].parent / "rpan.yaml").read_text())
    assert len(paper["snippet_scores"]) == 4
    for entry in paper["snippet_scores"].values():
        for protocol in entry[root]["protocols"]:
            trained = paper["finetune"][entry[root]["network"].replace("{protocol}", protocol)][root]
            for key in ("dataset", "size", "frames", "flow"):
                assert entry[root].get(key) == trained.get(key)
            assert trained["protocol"] == protocol
