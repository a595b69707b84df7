"""Folders of runs from strangers: one sentence for whatever is wrong, and no memory for what they ask for."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest
import yaml

from poseattn.__main__ import main
from poseattn.shards.format import write_attrs
from poseattn.tools import _trained_runs
from poseattn.training.checkpoint import load_checkpoint, save_checkpoint
from tests import trained

Tree = dict[str, Any]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained.make(tmp_path_factory.mktemp("workflow"))


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """The run alone, as a stranger sends it."""
    return shutil.copytree(sound, tmp_path / "run")


def change_settings(folder: Path, change: Callable[[Tree], object]) -> None:
    """Edit the settings that the scores carry."""
    with h5py.File(folder / "scores.h5", "r+") as file:
        settings = json.loads(file.attrs["recipe"])
        change(settings)
        del file.attrs["recipe"]
        write_attrs(file, {"recipe": json.dumps(settings)})


def change_about(folder: Path, change: Callable[[Tree], object]) -> None:
    """Edit the account of what made the checkpoint."""
    state, about = load_checkpoint(folder / "checkpoint.pt")
    change(about)
    save_checkpoint(folder / "checkpoint.pt", state, about)


def change_recipe(folder: Path, change: Callable[[Tree], object]) -> None:
    """Edit the recipe of the features."""

    def edit(about: Tree) -> None:
        recipe = json.loads(about["inputs"]["cubes"]["recipe"])
        change(recipe)
        about["inputs"]["cubes"]["recipe"] = json.dumps(recipe)

    change_about(folder, edit)


def _set(*path: str, to: object) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        for key in path[:-1]:
            tree = tree[key]
        tree[path[-1]] = to

    return change


def _without(*path: str) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        for key in path[:-1]:
            tree = tree[key]
        del tree[path[-1]]

    return change


HARM = {
    "no_inputs": (change_about, _without("inputs"), "KeyError: 'inputs'"),
    "inputs_of_text": (change_about, _set("inputs", to="cubes"), "AttributeError: "),
    "no_recipe": (change_about, _without("inputs", "cubes", "recipe"), "KeyError: 'recipe'"),
    "recipe_of_number": (change_about, _set("inputs", "cubes", "recipe", to=3), "TypeError: "),
    "recipe_of_words": (change_about, _set("inputs", "cubes", "recipe", to="x"), "Expecting value"),
    "recipe_of_list": (change_about, _set("inputs", "cubes", "recipe", to="[1]"), "AttributeError: "),
    "other_inputs": (change_about, _set("inputs", "pieces", to={"recipe": "{}"}), "expected ['cubes']"),
    "no_classes": (change_about, _without("classes"), "KeyError: 'classes'"),
    "classes_of_number": (change_about, _set("classes", to=2), "has the classes 2, expected names"),
    "class_of_no_text": (change_about, _set("classes", to=["a", "\ud800"]), "expected names"),
    "more_classes": (change_about, _set("classes", to=list("abc")), "another network: classifier.bias (2,)"),
    "no_code": (change_about, _without("inputs", "cubes", "code"), "KeyError: 'code'"),
    "absolute_weights": (change_about, _set("inputs", "cubes", "weights_file", to="/etc/passwd"), "below the workflow"),
    "weights_above": (change_about, _set("inputs", "cubes", "weights_file", to="../x"), "expected a file below"),
    "no_model": (change_settings, _without("model"), "KeyError: 'model'"),
    "unknown_model": (change_settings, _set("model", to="nowhere"), "model is 'nowhere', expected one of alstm"),
    "model_of_list": (change_settings, _set("model", to=["rpan"]), "model is ['rpan'], expected one of"),
    "model_elsewhere": (change_settings, _set("model", to="..stages.train"), "expected one of alstm"),
    "package_as_model": (change_settings, _set("model", to="__init__"), "expected one of alstm"),
    "no_arguments": (change_settings, _without("arguments"), "KeyError: 'arguments'"),
    "arguments_of_list": (change_settings, _set("arguments", to=[]), "must be a mapping, not list"),
    "unknown_argument": (change_settings, _set("arguments", "x", to=1), "got an unexpected keyword"),
    "settings_of_inputs": (change_settings, _set("inputs", to=3), "TypeError: "),
    "no_sampling": (change_settings, _without("sampling"), "KeyError: 'sampling'"),
    "hidden_of_text": (change_settings, _set("arguments", "hidden", to="6"), ""),
    "huge_hidden": (change_settings, _set("arguments", "hidden", to=10**7), "hidden is 10000000, expected"),
    "large_hidden": (change_settings, _set("arguments", "hidden", to=60_000), "a network of more than"),
    "other_hidden": (change_settings, _set("arguments", "hidden", to=7), "checkpoint of another network: "),
    "many_layers": (change_settings, _set("arguments", "layers", to=60_000), "a network of more than"),
    "endless_frames": (change_settings, _set("frames", to=10**9), "frames is 1000000000, expected at most 4096"),
    "rate_of_nothing": (change_settings, _set("rate", to=float("nan")), "rate is nan, expected at most"),
    "huge_number": (change_settings, _set("rate", to=10**400), "OverflowError"),
    "huge_size": (change_recipe, _set("size", to=40_000), "size is 40000, expected at most 2048"),
    "huge_batch": (change_recipe, lambda recipe: recipe.update(size=2048, batch=1000), "ask for 4194304000 pixels"),
    "no_tap": (change_recipe, _set("tap", to="nowhere"), ""),
    "no_size": (change_recipe, _without("size"), ""),
    "other_backbone": (change_recipe, _set("backbone", to="../x"), "backbone '../x', expected one of"),
    "hub": (change_recipe, _set("backbone", to="timm:hf-hub:x/y"), ""),
    "no_frames": (change_recipe, _without("frames"), ""),
}  # fmt: skip


@pytest.mark.parametrize("name", HARM)
def test_a_broken_folder_is_one_sentence(
    name: str, folder: Path, sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit, change, message = HARM[name]
    edit(folder, change)
    video = sound.parents[5] / "videos/c.avi"
    words = ["predict", str(folder), str(video), "--out", str(tmp_path / "out"), "--threads", "1", "--device", "cpu"]
    assert main(words) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("poseattn predict: error: ") and ": unexpected " not in last, last
    assert message in last and (str(folder) in last or str(video) in last), last


@pytest.mark.parametrize("name", ["checkpoint.pt", "scores.h5"])
def test_links_that_leave_the_folder_are_refused(name: str, folder: Path, sound: Path) -> None:
    (folder / name).rename(folder / f"{name}.own")
    (folder / name).symlink_to(f"{name}.own")
    assert _trained_runs.open_run(folder).settings["run"] == "toy_attention"
    (folder / name).unlink()
    (folder / name).symlink_to(os.path.relpath(sound / name, folder))
    with pytest.raises(ValueError, match=rf"run/{name} is a link that leaves the folder of the run, to .*: copy the"):
        _trained_runs.open_run(folder)


def test_a_linked_folder_is_opened(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert _trained_runs.open_run(tmp_path / "link").settings["run"] == "toy_attention"


def test_no_setting_of_a_paper_is_beyond_measure() -> None:
    """The largest numbers are several times those of all papers and stand-ins."""
    files = sorted((Path(__file__).parents[2] / "workflow").rglob("*/*.yaml"))
    checked = 0
    for path in files:
        for section, entries in yaml.safe_load(path.read_text()).items():
            if section in ("runs", "cubes", "pieces", "heatmaps", "flow"):
                for name, entry in entries.items():
                    _trained_runs._check_numbers(path, name, entry)
                    checked += 1
    assert checked > 100
