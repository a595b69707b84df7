"""What a configuration can make, and what is made."""

import copy
from pathlib import Path

import pytest

from poseattn.config.placed import plain
from poseattn.plan.inventory import Inventory, Item
from poseattn.plan.plan import Plan
from tests import papers

WEIGHTS = "weights/inception_v3_google-0cc3c7bd.pth"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _inventory(seeds: int = 1, **roots: str) -> Inventory:
    config = copy.deepcopy(plain(papers.shipped())) | {"seeds": list(range(seeds))}
    for name, root in roots.items():
        config["datasets"][name]["root"] = root
    return Inventory(Plan(config))


def _touch(*files: str) -> None:
    for file in files:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).touch()


def _named(items: list[Item], name: str) -> Item:
    return next(item for item in items if item.name == name)


def test_everything_is_listed(folder: Path) -> None:
    """Nine data sets, 19 tables of scores and one of joints, 16 figures, 75 runs and four scores of snippets."""
    found = _inventory()
    items = [found.datasets(), found.tables(), found.figures(), found.runs()]
    assert [len(names) for names in items] == [9, 20, 16, 79]
    assert all(item.files and item.datasets and not any(item.files.values()) for names in items for item in names)
    assert {item.fault for names in items for item in names} == {""}


def test_files_that_are_there_are_made(folder: Path) -> None:
    _touch("results/ntu_table1.csv", "results/figures/sta_hands_fig5.png", "results/synthetic/ntu.txt")
    _touch("results/runs/ntu_synthetic/deep_gru/cross_view/seed1/scores.h5")
    found = _inventory(seeds=2)
    assert _named(found.tables(), "ntu_table1").files == {"results/ntu_table1.csv": True}
    assert _named(found.tables(), "ntu_table2").files == {"results/ntu_table2.csv": False}
    assert _named(found.figures(), "sta_hands_fig5").files == {"results/figures/sta_hands_fig5.png": True}
    assert _named(found.datasets(), "ntu_synthetic").files == {
        "results/synthetic/ntu.txt": True,
        "results/manifests/ntu_synthetic.tsv": False,
    }
    assert _named(found.runs(), "deep_gru").files == {
        f"results/runs/ntu_synthetic/deep_gru/{protocol}/seed{seed}/scores.h5": (protocol, seed) == ("cross_view", 1)
        for protocol in ("cross_subject", "cross_view")
        for seed in (0, 1)
    }


def test_roots_and_weights_are_looked_for(folder: Path) -> None:
    (folder / "ntu/nturgb+d_rgb").mkdir(parents=True)
    (folder / "ntu/nturgb+d_skeletons").mkdir()
    (folder / "ntu/NTU_RGBD_samples_with_missing_skeletons.txt").touch()
    found = _inventory(ntu="ntu", ucf11="/nowhere")
    table = _named(found.tables(), "ntu_table1")
    assert (table.datasets, table.weights, table.fault) == ({"ntu": "real"}, {WEIGHTS: False}, "")
    _touch(WEIGHTS)
    assert _named(found.tables(), "ntu_table1").weights == {WEIGHTS: True}
    assert _named(found.datasets(), "ucf11").fault == "config: datasets.ucf11.root: root /nowhere is not a folder"
    assert _named(found.runs(), "soft_attention_ucf11").datasets == {"ucf11": "missing"}


def test_what_cannot_be_planned_says_why(folder: Path) -> None:
    found = _inventory(hollywood2="/nowhere")
    fault = _named(found.runs(), "alstm_obj_fc8_hollywood2").fault
    assert fault.startswith("run alstm_obj_fc8_hollywood2 on hollywood2 starts from run alstm_obj_fc8 on activitynet")


def test_a_data_set_that_was_taken_out_is_named(folder: Path) -> None:
    config = copy.deepcopy(plain(papers.shipped()))
    del config["datasets"]["ucf11"]
    found = Inventory(Plan(config))
    run, table = _named(found.runs(), "soft_attention_ucf11"), _named(found.tables(), "soft_attention_table1")
    assert run.fault == table.fault and run.fault.startswith("no data set 'ucf11' in config.yaml; there are ")
    assert (run.files, run.datasets) == ({}, {})
