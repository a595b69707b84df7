"""What the fuzz tests run in the sandbox on a folder of files: every reader of files from outside, and its promise.

A reader returns after a right result, raises ValueError or OSError, or is at fault. What a right result is stands here
as assertions.
"""

import contextlib
import io
import json
import math
import os
import signal
import subprocess
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from poseattn.clips import manifest
from poseattn.config.placed import plain
from poseattn.datasets.mpii_annotations import read_people
from poseattn.networks import caffe, parameters
from poseattn.shards.shard import Shard
from poseattn.stages import list_classes
from poseattn.tools import inspect, predict
from poseattn.training import checkpoint
from poseattn.video.frames import VideoError
from poseattn.video.image_folder import open_clip
from tests import papers
from tests.frames import stored_frames
from tests.raw_clips import clips_of

ROOT = Path(__file__).parents[2]
RAW = plain(papers.shipped().value["raw"])
RAW["csv"] = {"files": {"video": "clips.csv"}, "lists": ["clips.csv"]}
_MODELS = sorted(path.stem for path in (ROOT / "poseattn/models").glob("[!_]*.py"))
_RULE = {"min_track": 2, "spread_ratio": 0.8, "max_bad_frames": 0.7, "height_quantile": 0.8, "min_height": 0.7}


def _clips(layout: str, folder: Path) -> None:
    """Manifest and class names of a data set: names and paths fit for later files, labels of known classes."""
    patterns, lists = json.dumps(RAW[layout]["files"]), json.dumps(RAW[layout]["lists"])
    read_people.cache_clear()
    data = {"root": folder / "data", "layout": layout, "files": patterns, "lists": lists}
    clips = clips_of(folder / "out.tsv", **data, shard=0, n_shards=1, with_missing=1)
    list_classes.run(**data, out=folder / "classes.txt")
    names = manifest.read_classes(folder / "classes.txt")
    assert clips.clip_id.is_unique
    for clip_id, *paths in zip(clips.clip_id, clips.path, clips.pose_path, strict=True):
        assert clip_id.isprintable() and "/" not in clip_id and clip_id not in ("", ".", ".."), clip_id
        for path in map(Path, filter(None, paths)):
            assert not path.is_absolute() and ".." not in path.parts, path
    for numbers in manifest.class_numbers(clips):
        assert all(0 <= number < len(names) for number in numbers), (numbers, names)


def _poses(layout: str, name: str, recipe: dict[str, float], folder: Path) -> None:
    """Joints of a clip, as its pose shard takes them."""
    module = import_module(f"poseattn.datasets.{layout}_poses")
    read_people.cache_clear()
    arrays = module.read_poses(folder / name, recipe)
    assert arrays.keys() == {"data", *module.POSES.side}
    assert len({len(array) for array in arrays.values()}) == 1 and len(arrays["data"])
    assert arrays["data"].shape[1:] == module.POSES.shape
    for name, array in arrays.items():
        assert array.dtype.kind in "iuf"
        assert name == "color_xy" or np.isfinite(array).all(), name


def _table(read: Callable[[Path], Any], folder: Path) -> None:
    table = read(folder / "table.tsv")
    assert table.clip_id.is_unique and table.clip_id.all()
    for column in table:
        assert column == "n_frames" or table[column].map(type).eq(str).all(), column


def _caffe(folder: Path) -> None:
    for name, tensor in parameters.read_state(folder / "weights.bin").items():
        assert isinstance(name, str) and tensor.numel() >= 0


def _checkpoint(folder: Path) -> None:
    state, about = checkpoint.load_checkpoint(folder / "checkpoint.pt")
    assert isinstance(about, dict) and (state is None or isinstance(state, dict))
    assert checkpoint.SideFile(folder / "checkpoint.pt", {}).load() is None


def _inspect(name: str, folder: Path) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as text:
        inspect.run(file=folder / name)
    assert len(text.getvalue()) < 1 << 20


def _run(folder: Path) -> None:
    """Scores of a video by the run of a stranger."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        predict.run(
            folder=folder / "run", videos=[folder / "videos/c.avi"], out=folder / "out", threads=1, device="cpu"
        )
    (scores,) = json.loads((folder / "out/scores.json").read_text()).values()
    assert all(isinstance(name, str) and isinstance(score, float) for name, score in scores.items())


def _shard(folder: Path) -> None:
    with Shard(folder / "shard.h5") as shard:
        for clip_id in shard.clip_ids[:10]:
            assert len(shard.clip(clip_id)) > 0
            for name in shard.side_names:
                shard.side(name, clip_id)
        shard.check_content()


def _frames(folder: Path) -> None:
    """JPEG files in a shard, and their index."""
    with Shard(folder / "shard.h5", kind="jpegs") as shard:
        for clip_id in shard.clip_ids[:10]:
            for frame in stored_frames(shard, clip_id):
                assert (frame.image.ndim in (2, 3)) == frame.healthy and isinstance(frame.time, float)


def _pixels(name: str, folder: Path) -> None:
    """Frames of a video, a folder or an image, of which no error but VideoError may come."""
    try:
        with open_clip(folder / name) as clip:
            assert math.isfinite(clip.fps)
            for image in (frame.image for frame in clip.frames()):
                assert image.ndim == 3
    except VideoError:
        raise
    except (ValueError, OSError) as error:
        raise AssertionError(f"{type(error).__name__}: {error}") from error


READERS: dict[str, Callable[[Path], None]] = {
    **{f"clips_{layout}": partial(_clips, layout) for layout in RAW},
    **{
        f"table_{name}": partial(_table, getattr(manifest, f"read_{name}"))
        for name in ("manifest", "status", "excluded")
    },
    "poses_ntu": partial(_poses, "ntu", "clip.skeleton", _RULE),
    "poses_penn_action": partial(_poses, "penn_action", "labels.mat", {}),
    "poses_sub_jhmdb": partial(_poses, "sub_jhmdb", "labels.mat", {}),
    "poses_stanford40": partial(_poses, "stanford40", "image.xml", {}),
    "poses_mpii": partial(_poses, "mpii", "data/annot/valid.h5=0", {}),
    "weights": _caffe,
    "mean": lambda folder: caffe.read_mean(folder / "mean.binaryproto"),
    "checkpoint": _checkpoint,
    "run": _run,
    "shard": _shard,
    "frames": _frames,
    **{f"inspect_{name}": partial(_inspect, name) for name in ("shard.h5", "checkpoint.pt", "table.tsv")},
    **{suffix: partial(_pixels, f"clip.{suffix}") for suffix in ("avi", "mp4", "mkv", "mpg", "webm")},
    **{suffix: partial(_pixels, f"clip.{suffix}") for suffix in ("jpg", "png", "bmp", "ppm", "tif", "webp")},
    "folder": partial(_pixels, "frames"),
}


def prepare(target: str) -> None:
    """Import what a reader needs only then, so that it counts for no file."""
    if target == "run":
        for name in (
            "tools.predict",
            "backbones.timm",
            "backbones.bn_inception",
            *(f"models.{name}" for name in _MODELS),
        ):
            import_module(f"poseattn.{name}")


# What no reader must do, so that the sandbox itself is tested.
READERS |= {
    "writes": lambda folder: (folder.parent / "outside").write_text("x"),
    "starts": lambda folder: subprocess.run(["true"]),
    "fills": lambda folder: bytearray(b"x") * (400 << 20),
    "dies": lambda folder: os.kill(os.getpid(), signal.SIGSEGV),
    "fails": lambda folder: {}[""],
}
