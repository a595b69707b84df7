"""The plan of figures: what each kind is made from, written out by hand for a small configuration."""

import json
import re
from importlib import import_module
from types import SimpleNamespace

import pytest
import yaml

from poseattn.config.names import FIGURES
from poseattn.plan.figures import Figures
from poseattn.plan.plan import Plan

RUNS = "results/runs/clips_synthetic"
# One figure of each kind, of a stand-in with two shards and three runs, of which `b` reads heatmaps as well.
CONFIG = yaml.safe_load("""
datasets: {clips: {root: synthetic}, images: {root: synthetic}}
raw:
  clips: {files: {video: "*.avi"}, lists: [], standin_shards: 2, read_by: {}}
  images: {files: {image: "*.jpg"}, lists: [], standin_shards: 1, read_by: {}}
seeds: [3, 4]
device: cpu
finetune: {}
runs:
  a: {standin: {model: m, inputs: {cubes: "rgb_{protocol}"}, test_draws: 2, protocols: [official]}}
  b: {standin: {model: n, inputs: {cubes: flow, heatmaps: whole}, test_draws: 3, protocols: [official]}}
  c: {standin: {model: n, inputs: {cubes: flow}, protocols: [official]}}
hands: {h: {dataset: clips, run: a, protocol: official, poses: kinect, source: x}}
strips: {s: {dataset: clips, protocol: official, strips: [{run: b}, {run: a}, {run: b}]}}
confusions: {f: {dataset: clips, protocol: official, runs: [{run: b, label: B}, {run: a, label: A}]}}
states: {d: {dataset: clips, protocol: official, runs: [b, a], labels: [B, A]}}
pose_attention: {p: {dataset: clips, protocol: official, run: b, frames: jpegs, cubes: rgb, annotated: marked}}
moments: {m: {dataset: clips, protocol: official, frames: 6, panels: [{runs: [c, b]}, {runs: [a]}]}}
gains: {g: {dataset: clips, protocol: official, baseline: c, runs: [{run: b}, {run: a}]}}
pose_maps: {i: {dataset: images, heatmaps: whole}}
cells: {e: {dataset: clips, protocol: official, run: b}}
""")


@pytest.fixture
def figures() -> Figures:
    return Plan(CONFIG).figures


def _files(figures: Figures, name: str) -> dict[str, list[str]]:
    """All input files of a figure but the names of classes; the empty ones are left out."""
    found = {"manifest": figures.manifest(name), "scores": figures.scores(name)}
    found |= {"checkpoints": figures.checkpoints(name)}
    found |= {role: figures.shards(role, name) for role in ("cubes", "frames", "heatmaps", "poses")}
    return {role: paths for role, paths in found.items() if paths}


def _scores(*runs: str) -> list[str]:
    return [f"{RUNS}/{run}/official/seed3/scores.h5" for run in runs]


def _shards(recipe: str, *more: str) -> list[str]:
    kinds = [recipe, *more]
    return [
        f"results/{kind.replace('/', '/clips_synthetic/')}/{shard}.h5" for kind in kinds for shard in ("000", "001")
    ]


MANIFEST = ["results/manifests/clips_synthetic.tsv"]
EXPECTED: dict[str, dict[str, list[str]]] = {
    "h": {"manifest": MANIFEST, "scores": _scores("a"), "poses": _shards("poses/kinect")},
    "s": {"manifest": MANIFEST, "scores": _scores("a", "b")},  # each once, by name
    "f": {"scores": _scores("b", "a")},
    "d": {
        "scores": _scores("b", "a"),
        "checkpoints": [f"{RUNS}/{run}/official/seed3/checkpoint.pt" for run in "ba"],
        "cubes": _shards("cubes/flow", "cubes/rgb_official"),
        "heatmaps": _shards("heatmaps/whole"),
    },
    "p": {
        "scores": _scores("b"),
        "cubes": _shards("cubes/rgb"),
        "frames": _shards("frames/jpegs"),
        "poses": _shards("poses/marked"),
    },
    "m": {"manifest": MANIFEST, "scores": _scores("a", "b", "c")},  # frames is a number here
    "g": {"scores": _scores("c", "b", "a")},
    "i": {
        "manifest": ["results/manifests/images_synthetic.tsv"],
        "heatmaps": ["results/heatmaps/images_synthetic/whole/000.h5"],
    },
    "e": {
        "manifest": MANIFEST,
        "scores": _scores("b"),
        "checkpoints": [f"{RUNS}/b/official/seed3/checkpoint.pt"],
        "cubes": _shards("cubes/flow"),
        "heatmaps": _shards("heatmaps/whole"),
    },
}


@pytest.mark.parametrize("name", EXPECTED)
def test_files_of_each_kind(figures: Figures, name: str) -> None:
    assert _files(figures, name) == EXPECTED[name]
    dataset = "images" if name == "i" else "clips"
    assert figures.classes(name) == f"results/manifests/{dataset}_synthetic.classes.txt"
    assert figures.root(name) == f"results/synthetic/{dataset}"


def test_every_kind_is_planned(figures: Figures) -> None:
    kinds = {name: figures.kind(name) for name in EXPECTED}
    assert sorted(kinds.values()) == sorted(FIGURES)
    assert all(figures.entry(name) is CONFIG[kind][name] for name, kind in kinds.items())


def test_runs_that_are_run_again_come_as_their_scoring_gets_them(figures: Figures) -> None:
    runs = [json.loads(run) for run in figures.runs("d")]
    assert [(run["run"], run["dataset"], run["test_draws"]) for run in runs] == [
        ("b", "clips_synthetic", 3), ("a", "clips_synthetic", 2),
    ]  # fmt: skip
    assert runs[1]["inputs"] == {"cubes": "rgb_official"}
    assert [json.loads(run)["run"] for run in figures.runs("e")] == ["b"]
    assert all(figures.runs(name) == [] for name in EXPECTED if name not in "de")


def test_digests_cover_the_stage_and_the_module_of_the_kind_alone(figures: Figures) -> None:
    codes = {name: figures.code(name) for name in EXPECTED}
    for name, code in codes.items():
        assert re.fullmatch(rf"[0-9a-f]{{12}}:stages\.draw_figure,figures\.{figures.kind(name)}", code)
    assert len(set(codes.values())) == len(EXPECTED)


def test_a_config_with_less_data_has_fewer_figures() -> None:
    whole, part = (
        Plan(CONFIG | {"datasets": data}).figures for data in (CONFIG["datasets"], {"images": {"root": "x"}})
    )
    assert whole.of_config() == [f"results/figures/{name}.png" for name in "hsfdpmgie"]
    assert part.of_config() == ["results/figures/i.png"]


@pytest.mark.parametrize(
    ("path", "is_made"),
    [("h.png", True), ("h.mp4", True), ("s.png", True), ("s.mp4", False), ("e.mp4", False), ("h.gif", False)],
)
def test_only_figures_of_a_kind_with_a_film_are_videos_as_well(path: str, is_made: bool) -> None:
    plan = Plan(CONFIG)
    shape = f"results/figures/(?P<figure>{plan.names.figures()})(?P<suffix>{plan.figures.suffixes()})"
    assert bool(re.fullmatch(shape, f"results/figures/{path}")) == is_made


def test_kinds_with_videos_are_those_whose_module_writes_them(figures: Figures) -> None:
    named = {figures.kind(name) for name in re.findall(r"<=/(\w+)", figures.suffixes())}
    assert named == {kind for kind in FIGURES if hasattr(import_module(f"poseattn.figures.{kind}"), "write_film")}


def test_kinds_that_run_models_again_get_more_memory(figures: Figures) -> None:
    asked = {name: [figures.memory(SimpleNamespace(figure=name), attempt) for attempt in (1, 2)] for name in EXPECTED}
    assert {name: first for name, (first, _) in asked.items() if first != 2000} == {"d": 4000, "e": 8000}
    assert all(second == 2 * first for first, second in asked.values())


def test_without_videos_no_name_ends_in_mp4() -> None:
    assert Plan(CONFIG | {"hands": {}}).figures.suffixes() == r"\.png"
