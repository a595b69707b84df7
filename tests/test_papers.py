"""Every run of every paper file can be built, and every name in it is known to the code that will use it."""

import importlib
import json
from functools import cache
from typing import Any

import pytest
import torch
import torchvision

from poseattn.extraction.backbone import backbone_module, build_backbone
from poseattn.inputs.rows import pose_widths
from poseattn.pretraining.segments import SegmentNetwork
from tests import papers

CHANNELS = {"inception_v3": 2048, "googlenet": 1024}
CHANNELS |= {("glimpses", "timm:test_resnet"): 96, ("cubes", "timm:test_resnet"): 192}
# of a layer of a network at a share of its width
TAPS = {("inception_5a", 1): 1024, ("global_pool", 1): 1024, ("pool5", 1): 512}
TAPS |= {("inception_4d", 0.25): 152, ("inception_5b", 0.25): 256, ("global_pool", 0.25): 256, ("pool4", 0.125): 64}
N_CLASSES = {"ntu": 60, "ucf11": 11, "penn_action": 15, "sub_jhmdb": 12, "hmdb51": 51, "hollywood2": 12}
N_CLASSES |= {"activitynet": 200, "stanford40": 40}
# of the networks whose last layer makes features
ANSWERS = {"vgg19_imagenet": 1000, "vgg19_places205": 205, "objects_vgg": 8, "places_vgg": 8}


def _runs() -> list[Any]:
    runs = []
    for stem in papers.NAMES:
        paper = papers.paper(stem)
        for name, entry in paper["runs"].items():
            runs += [pytest.param(paper, entry[root], root, id=f"{stem}-{name}-{root}") for root in entry]
    return runs


def test_the_papers_and_runs_are_all_there() -> None:
    assert papers.NAMES == ["alstm", "pose_lstm", "rpan", "soft_attention", "sta_hands"]
    # STA-Hands: ten trained configurations and one that is only read out differently; soft attention: four on each of
    # three data sets and two for figures; RPAN: eight on each of two data sets and two widths of its Gaussians; one on
    # the joints of Penn Action; aLSTM: nine models with attention and five without, one of which learns
    # nothing, and on Hollywood2 all but the three on frame features; pose-guided LSTMs: two inputs of three subsets
    assert len(_runs()) == 2 * (11 + 14 + 18 + 1 + (9 + 5) + (9 + 2) + 2 * 3)


def _described() -> list[Any]:
    """Networks that take the number of their answers from their weights, each once, and narrow."""
    found = {}
    for stem in papers.NAMES:
        paper = papers.paper(stem)
        for kind in ("glimpses", "cubes", "pieces", "heatmaps"):
            for name, entry in paper.get(kind, {}).items():
                for root, recipe in entry.items():
                    chosen = {
                        key: recipe[key] for key in ("backbone", "arguments", "size", "seed", "tap") if key in recipe
                    }
                    if recipe["arguments"].get("classes") == "trained":
                        chosen["arguments"] = recipe["arguments"] | {"width": 0.05}
                        found.setdefault(json.dumps(chosen), pytest.param(chosen, id=f"{kind}-{name}-{root}"))
    return list(found.values())


@pytest.mark.parametrize("recipe", _described())
def test_random_weights_have_the_published_number_of_answers(recipe: dict[str, Any]) -> None:
    with torch.device("meta"):
        backbone = build_backbone(recipe, None)
    if recipe.get("tap") == "fc8":
        assert backbone.channels == {"c3d": 487, "vgg:vgg19": 1000, "vgg:vgg16": 1000}[recipe["backbone"]]


def _feature_channels(kind: str, recipe: dict[str, Any]) -> int:
    width = recipe["arguments"].get("width", 1)
    known = CHANNELS | {(kind, backbone): channels for backbone, channels in CHANNELS.items()}
    return TAPS.get((recipe.get("tap"), width)) or known[kind, recipe["backbone"]]


def _piece_channels(paper: dict[str, Any], root: str, recipe: dict[str, Any]) -> int:
    """Length of the layer fc6 at the network's width, or of its answers fc8, one for each class that it was taught."""
    if recipe["tap"] == "fc6":
        return int(4096 * recipe["arguments"].get("width", 1))
    name = recipe["pretrained_by"]
    return ANSWERS[name] if name in ANSWERS else N_CLASSES[paper["finetune"][name][root]["dataset"]]


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
    for role, name in {"pieces": "channels", "attended": "attended_channels"}.items():
        if role in run["inputs"]:
            arguments[name] = _piece_channels(paper, root, paper["pieces"][run["inputs"][role]][root])
    if "heatmaps" in run["inputs"]:
        arguments["joints"] = 16
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
    assert all(parameter.is_meta for parameter in parameters) and bool(parameters) == (run["epochs"] > 0)


@pytest.mark.parametrize(
    ("stem", "name", "weights"),
    [
        ("sta_hands", "inception_v3_imagenet", "Inception_V3_Weights"),
        ("soft_attention", "googlenet_imagenet", "GoogLeNet_Weights"),
    ],
)
def test_the_official_weights_are_those_of_torchvision(stem: str, name: str, weights: str) -> None:
    entry = papers.paper(stem)["weights"][name]
    assert entry["url"] == getattr(torchvision.models, weights).IMAGENET1K_V1.url
    assert entry["url"].endswith("/" + entry["file"])
    assert entry["file"].endswith(f"-{entry['sha256_prefix']}.pth")


def _finetunes(stem: str) -> list[Any]:
    paper = papers.paper(stem)
    return [
        pytest.param(paper, entry[root], root, name, id=f"{name}-{root}")
        for name, entry in paper["finetune"].items()
        for root in ("paper", "standin")
    ]


def test_a_network_of_every_stream_and_protocol_is_trained_on_clips() -> None:
    names = {param.values[3] for param in _finetunes("rpan")}
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


@pytest.mark.parametrize(("paper", "recipe", "root", "name"), _finetunes("rpan"))
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
    paper = papers.paper("rpan")
    assert len(paper["snippet_scores"]) == 4
    for entry in paper["snippet_scores"].values():
        for protocol in entry[root]["protocols"]:
            trained = paper["finetune"][entry[root]["network"].replace("{protocol}", protocol)][root]
            for key in ("dataset", "size", "frames", "flow"):
                assert entry[root].get(key) == trained.get(key)
            assert trained["protocol"] == protocol


NETWORKS = [f"{name}_{layer}" for name in ("c3d", "obj", "sce", "act") for layer in ("fc6", "fc8")]


def test_features_of_pieces_are_those_of_four_networks_on_two_data_sets() -> None:
    paper = papers.paper("alstm")
    names = [*NETWORKS, "obj_fc8_s8"]
    films = [f"{name}_hollywood2" for name in (*names, "c3d_fc8_tuned")]
    assert set(paper["pieces"]) == {*names, *films}
    for root in ("paper", "standin"):
        for name in names:
            recipe, film = paper["pieces"][name][root], paper["pieces"][f"{name}_hollywood2"][root]
            assert film == recipe | {"at_least": 192} and recipe["at_least"] is None
            assert recipe["tap"] == name.split("_")[1] and recipe["mirror"] == "all"
            assert recipe["stride"] == (8 if name.endswith("_s8") else 16)
            assert recipe["length"] == (16 if recipe["backbone"] == "c3d" else 1)
        tuned = paper["pieces"]["c3d_fc8_tuned_hollywood2"][root]
        assert tuned == paper["pieces"]["c3d_fc8_hollywood2"][root] | {"pretrained_by": "c3d_hollywood2"}
    assert paper["finetune"]["c3d_hollywood2"]["paper"]["loss"] == "sigmoid"


def _pieces() -> list[Any]:
    paper = papers.paper("alstm")
    return [
        pytest.param(paper, entry[root], root, id=f"{name}-{root}")
        for name, entry in paper["pieces"].items()
        for root in ("paper", "standin")
    ]


@cache
def _network(settings: str) -> tuple[tuple[int, ...], int]:
    """What a network takes and how many features it gives; on the meta device, with 203 classes if it has any."""
    words = json.loads(settings)
    words["arguments"] = words["arguments"] | ({"classes": 203} if "classes" in words["arguments"] else {})
    with torch.device("meta"):
        backbone = build_backbone(words | {"seed": 0}, None)
    return backbone.input_shape, backbone.channels


@pytest.mark.parametrize(("paper", "recipe", "root"), _pieces())
def test_networks_of_pieces_take_them_and_are_those_that_were_trained(
    paper: dict[str, Any], recipe: dict[str, Any], root: str
) -> None:
    taken, channels = _network(json.dumps({key: recipe[key] for key in ("backbone", "arguments", "size")}))
    edges = [recipe["size"]] * 2 if isinstance(recipe["size"], int) else recipe["size"]
    assert list(taken) == [*([recipe["length"]] if recipe["length"] > 1 else []), *edges, 3]
    assert channels == 203
    trained = (paper["pretrain"] | paper["finetune"]).get(recipe["pretrained_by"], {}).get(root)
    if trained is None:
        assert recipe["pretrained_by"] in paper["weights"]
        return
    assert (trained["backbone"], trained["size"], trained["classifier"]) == (recipe["backbone"], recipe["size"], "fc8")
    same = {key: value for key, value in trained["arguments"].items() if key != "dropout"}
    assert same == {key: value for key, value in recipe["arguments"].items() if key != "classes"}


def test_taps_of_pieces_have_the_widths_of_the_paper() -> None:
    for backbone, given, size in (("c3d", {"mean": [0, 0, 0]}, [128, 171]), ("vgg:vgg19", {"crop": 224}, 256)):
        words = {"backbone": backbone, "arguments": given | {"classes": 203}, "size": size, "seed": 0}
        with torch.device("meta"):
            network = build_backbone(words, None).network
        sizes = {name: layer.out_features for name, layer in network.named_children() if "fc" in name}
        assert sizes == {"fc6": 4096, "fc7": 4096, "fc8": 203}


@pytest.mark.parametrize(("paper", "recipe", "root", "name"), _finetunes("alstm"))
def test_every_network_for_pieces_builds(paper: dict[str, Any], recipe: dict[str, Any], root: str, name: str) -> None:
    """It takes what is stored of the clips, and what it starts from is a network of its kind."""
    stored = paper["frames"][recipe["frames"]][root]
    taken, _ = _network(json.dumps({key: recipe[key] for key in ("backbone", "arguments", "size")}))
    assert stored["store"] == "pieces" and stored["size"] == recipe["size"]
    assert stored["length"] == (taken[0] if len(taken) == 4 else 1)
    assert recipe["protocol"] in importlib.import_module(f"poseattn.datasets.{recipe['dataset']}").PROTOCOLS
    if root == "paper":
        published = {address.rpartition("/")[2] for address in backbone_module(recipe).PUBLISHED}
        assert paper["weights"][recipe["start"]]["file"] in published
    else:
        start = paper["pretrain"][recipe["start"]]["standin"]
        assert (start["backbone"], start["arguments"]) == (recipe["backbone"], recipe["arguments"])


def test_weights_of_pieces_are_published_files() -> None:
    paper = papers.paper("alstm")
    published = {**importlib.import_module("poseattn.backbones.c3d").PUBLISHED}
    published |= importlib.import_module("poseattn.backbones.vgg").PUBLISHED
    for entry in paper["weights"].values():
        (address,) = [known for known in published if known.rpartition("/")[2] == entry["file"]]
        assert entry.get("url", entry["file"]) == address
        assert entry["file"].endswith(f"-{entry['sha256_prefix']}.pth") or not entry["sha256_prefix"]
