"""The stand-ins of UCF-11, HMDB-51 and Hollywood2 through their stage: only objects tell classes."""

import importlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
import yaml
from snakemake.utils import update_config

from poseattn.clips.standin_record import check_contents
from poseattn.stages import synthesize_dataset
from poseattn.video.decode import Video
from tests.synthetic.chance import check_chance, check_variance
from tests.synthetic.deadly import die
from tests.synthetic.recipe import moving_recipe

LAYOUTS = ("ucf11", "hmdb51", "hollywood2")
FEW = {"ucf11": {"second": 0.0}, "hmdb51": {"clips": 1}, "hollywood2": {"train": 12, "test": 12}}


def synthesize(out: Path, layout: str, recipe: dict, threads: int = 1) -> Path:
    synthesize_dataset.run(layout=layout, recipe=json.dumps(recipe), out=out, threads=threads)
    return out.with_suffix("")


def quick(layout: str) -> dict:
    """The shipped recipe with short clips in small pictures, and of what may be fewer, few."""
    recipe = moving_recipe(layout)
    update_config(recipe, FEW[layout] | {"scene": {"frames": [2, 3], "sizes": [[80, 64]]}})
    return recipe


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_files_depend_on_the_recipe_alone(tmp_path: Path, layout: str) -> None:
    recipe = quick(layout)
    first = contents(synthesize(tmp_path / "a.txt", layout, recipe))
    assert first == contents(synthesize(tmp_path / "b.txt", layout, recipe, threads=2))
    other = contents(synthesize(tmp_path / "a.txt", layout, recipe | {"seed": recipe["seed"] + 1}))
    videos = {name for name in first.keys() & other.keys() if name.endswith(("avi", "mpg"))}
    assert videos and not any(first[name] == other[name] for name in videos)
    check_contents(tmp_path / "b", ["."])
    module = importlib.import_module(f"poseattn.synthetic.{layout}")
    assert sorted(path.name for path in (tmp_path / "b").iterdir()) == sorted(module.ENTRIES)


def test_a_clip_does_not_depend_on_which_others_there_are(tmp_path: Path) -> None:
    recipe = quick("hmdb51")
    few = contents(synthesize(tmp_path / "few.txt", "hmdb51", recipe))
    many = contents(synthesize(tmp_path / "many.txt", "hmdb51", recipe | {"clips": 2}))
    shared = [name for name in few if name.endswith(".avi")]
    assert len(shared) == 100 and len(many) == 100 + len(few)
    assert all(few[name] == many[name] for name in shared)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_wrong_recipe_is_one_line_and_leaves_nothing(tmp_path: Path, layout: str) -> None:
    recipe = quick(layout)
    for change, message in (
        ({"classes": {name: "teapot" for name in recipe["classes"]}}, "^no drawing of an object 'teapot'"),
        ({"scene": {}}, "^recipe of the stand-in: key 'sizes' is missing$"),
    ):
        with pytest.raises(ValueError, match=message):
            synthesize(tmp_path / "x.txt", layout, recipe | change, threads=2)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_full_disk_or_a_killed_worker_leaves_nothing(
    tmp_path: Path, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = quick(layout)
    with monkeypatch.context() as patch:
        if layout == "ucf11":
            patch.setattr(os, "fsync", _full)
        else:
            patch.setattr(Path, "write_bytes", _full)
        with pytest.raises(OSError, match="x.part.*, clip "):
            synthesize(tmp_path / "x.txt", layout, recipe)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(synthesize_dataset, "_write_clip", die)
    with pytest.raises(OSError, match="^a worker process was killed"):
        synthesize(tmp_path / "x.txt", layout, recipe, threads=2)
    assert list(tmp_path.iterdir()) == []


def _full(*arguments: object) -> None:
    raise OSError(28, os.strerror(28))


def side_information(layout: str, root: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Everything about a clip but what its pictures show: (clip, feature); labels, places, and whether it has two."""
    videos = sorted(path for path in root.rglob("*") if path.suffix in (".avi", ".mpg"))
    files = {path.stem: {"video": str(path.relative_to(root))} for path in videos}
    lists = [str(path.relative_to(root)) for path in root.rglob("*.txt")]
    rows = importlib.import_module(f"poseattn.datasets.{layout}").manifest_rows(root, files, lists)
    features = np.array([_of_video(root / row["path"]) for row in rows])
    labels = np.array([int(row["label"].split("+")[0]) for row in rows])
    places = np.unique([f"{row['label']} {row['group']}" for row in rows], return_inverse=True)[1]
    return features, labels, places, np.array(["+" in row["label"] for row in rows])


def _of_video(path: Path) -> list[float]:
    """Length, bytes, frame size and rate, colours of the first picture and of its borders."""
    with Video(path) as video:
        _, image, _, _ = next(frames := video.frames([True]))
        picture, count, fps = image.astype(float), 1 + sum(1 for _ in frames), video.fps
    size = path.stat().st_size
    parts = [picture.mean((0, 1)), picture[:20].mean((0, 1)), picture[-20:].mean((0, 1)), picture.std((0, 1))]
    return [count, size, size / count, *picture.shape[:2], fps, *np.concatenate(parts)]


@pytest.mark.parametrize("scene", [{"frames": [8, 16]}, pytest.param({}, marks=pytest.mark.slow, id="shipped")])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_side_information_does_not_tell_the_class(tmp_path: Path, layout: str, scene: dict) -> None:
    """One clip of each place is looked at, since others repeat its background."""
    recipe = moving_recipe(layout)
    update_config(recipe, {"scene": scene})
    root = synthesize(tmp_path / "x.txt", layout, recipe)
    features, labels, places, two = side_information(layout, root)
    _, once = np.unique(places if layout != "hollywood2" else np.arange(len(places)), return_index=True)
    single = once[~two[once]]
    check_chance(features[single], labels[single], np.arange(len(single)))
    if two.any():
        check_variance(features, two)


def test_every_recipe_draws_other_states(tmp_path: Path) -> None:
    """Clips, stills and the other stand-ins share no seed: nothing is pretrained on what is tested."""
    file = Path(__file__).parents[2] / "workflow/standins/moving.yaml"
    whole = yaml.safe_load(file.read_text(encoding="utf-8"))
    recipes = [*whole["synthetic"].values(), *whole["images"].values()]
    assert len({recipe["seed"] for recipe in recipes}) == len(recipes)
