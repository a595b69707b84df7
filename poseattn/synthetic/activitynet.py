"""Stand-in for ActivityNet in its genuine layout: untrimmed MP4 videos and the official JSON file of annotations.

What tells a class is seen in a part of its segments only (`evidence_of`). Around segments all kinds of evidence are
seen, so that clips must be cut where they are annotated. Some videos have the quirks of genuine ones (`quirks`).
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from poseattn.clips.ids import part_of
from poseattn.synthetic.mpeg import write_mp4
from poseattn.synthetic.shots import ASPECTS, film
from poseattn.synthetic.untrimmed import Plan, draw_plan

VIDEOS, JSON = "videos", "activity_net.v1-3.min.json"
ENTRIES = (VIDEOS, JSON)
_ORDER, _VIDEO, _PLAN, _TIMES = 1, 2, 3, 4  # kinds of random state
_SUBSETS = {"training": "train", "validation": "test"}  # -> key of the recipe
_SIGNS = np.array([*"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"])


class Video(NamedTuple):
    """One video.

    Attributes:
        number: From 0.
        name: Its id, 11 signs.
        subset: As annotated.
        labels: Class of each segment.
        quirk: One of the recipe's `quirks` that only some videos have, or empty.
    """

    number: int
    name: str
    subset: str
    labels: tuple[str, ...]
    quirk: str


def list_clips(recipe: dict) -> list[Video]:
    """All videos, missing ones too.

    Args:
        recipe: `seed`; segments of each class for training and testing (`train`, `test`), of which a share comes with
            another in a video of `two`; `classes`, each with a kind of place, object or move; `quirks`: numbers of
            videos with each, and the share of `short` segments.

    Returns:
        The videos in random order. Ids and quirks are drawn without regard to the class.
    """
    rng = np.random.default_rng([recipe["seed"], _ORDER])
    quirks = recipe["quirks"]
    shown = [("testing", ())] * quirks["testing"]
    for subset, part in _SUBSETS.items():
        shown += [(subset, labels) for labels in _group(rng, recipe[part], recipe)]
    shown = [shown[index] for index in rng.permutation(len(shown))]
    names = ["".join(rng.choice(_SIGNS, 11)) for _ in shown]
    names[0], names[1] = f"-{names[0][1:]}", f"_{names[1][1:]}"
    kinds = [kind for kind in ("missing", "empty", "reversed", "late", "beyond") for _ in range(quirks[kind])]
    places = rng.permutation([index for index, (_, labels) in enumerate(shown) if labels])[: len(kinds)]
    quirk = dict(zip(places.tolist(), kinds, strict=True))
    return [Video(index, names[index], *shown[index], quirk.get(index, "")) for index in range(len(shown))]


def plan_of(video: Video, recipe: dict) -> Plan:
    """What happens in a video, and where its segments are."""
    rng = np.random.default_rng([recipe["seed"], _PLAN, video.number])
    return draw_plan(rng, video.labels, recipe, ends_there=video.quirk == "beyond")


def evidence_of(video: Video, recipe: dict) -> dict[str, tuple[int, int]]:
    """When the class of each clip of a video is seen.

    Args:
        video: Which one.
        recipe: The whole recipe.

    Returns:
        Clip -> first frame of the evidence and the one after its last, counted from the beginning of the clip.
    """
    return {
        part_of(video.name, number): tuple(frame - segment.first for frame in segment.evidence)
        for number, segment in enumerate(plan_of(video, recipe).segments)
    }


def write_clip(root: Path, video: Video, recipe: dict) -> None:
    """Draw one video, unless it is missing.

    Args:
        root: Folder of the data set.
        video: Which one.
        recipe: The whole recipe.
    """
    (root / VIDEOS).mkdir(parents=True, exist_ok=True)
    if video.quirk == "missing":
        return
    plan = plan_of(video, recipe)
    rng = np.random.default_rng([recipe["seed"], _VIDEO, video.number])
    write_mp4(root / VIDEOS / f"v_{video.name}.mp4", film(rng, plan.shots, plan.size, recipe["scene"]), plan.fps)


def finish(root: Path, videos: Sequence[Video], recipe: dict) -> None:
    """Write the annotations: `database` with all videos, and `taxonomy`, whose leaves are the classes.

    Args:
        root: Folder of the data set.
        videos: All videos.
        recipe: The whole recipe.
    """
    database = {video.name: _entry(video, plan_of(video, recipe), recipe) for video in videos}
    content = {"database": database, "taxonomy": list(_taxonomy(recipe)), "version": "VERSION 1.3"}
    (root / JSON).write_text(json.dumps(content), encoding="utf-8")


def _group(rng: np.random.Generator, number: int, recipe: dict) -> list[tuple[str, ...]]:
    """Labels of the segments of each video of a part."""
    n_pairs = round(recipe["two"] * number)
    pairs = [[label, label] for label in sorted(recipe["classes"]) for _ in range(n_pairs)]
    for one, other in zip(pairs[: recipe["quirks"]["several"] // 2], reversed(pairs), strict=False):
        one[1], other[1] = other[1], one[1]
    videos = pairs + [[label] for label in sorted(recipe["classes"]) for _ in range(number - 2 * n_pairs)]
    return [tuple(videos[index]) for index in rng.permutation(len(videos))]


def _entry(video: Video, plan: Plan, recipe: dict) -> dict[str, Any]:
    """A video in the annotations."""
    rng = np.random.default_rng([recipe["seed"], _TIMES, video.number])
    duration = sum(shot.frames for shot in plan.shots) / plan.fps
    segments = []
    for segment in plan.segments:
        # between two frames, as nobody marks the very moment of one
        times = [round((frame - rng.uniform(0.2, 0.8)) / plan.fps, 6) for frame in (segment.first, segment.stop)]
        segments.append({"segment": times, "label": segment.label})
    wrong = {"empty": [0, 0], "reversed": [7.5, 3.25], "late": [duration + 1, duration + 9]}
    if video.quirk in wrong:
        segments.append({"segment": wrong[video.quirk], "label": video.labels[0]})
    if video.quirk == "beyond":
        segments[-1]["segment"][1] = round(duration + 0.4, 6)
    about = {"duration": round(duration, 2), "subset": video.subset, "resolution": f"{plan.size[0]}x{plan.size[1]}"}
    return about | {"url": f"https://www.youtube.com/watch?v={video.name}", "annotations": segments}


def _taxonomy(recipe: dict) -> Iterator[dict[str, Any]]:
    """Nodes of a tree: the root, one node for each kind of evidence, and below these the classes."""
    yield {"parentName": None, "nodeName": "Root", "nodeId": 0, "parentId": None}
    for number, kind in enumerate(ASPECTS, start=1):
        yield {"parentName": "Root", "nodeName": kind, "nodeId": number, "parentId": 0}
    for number, (name, shown) in enumerate(recipe["classes"].items(), start=10):
        (kind,) = shown
        yield {"parentName": kind, "nodeName": name, "nodeId": number, "parentId": 1 + ASPECTS.index(kind)}
