"""ActivityNet: both arrangements of its annotations, clips cut from videos, and what is broken or missing."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from poseattn.__main__ import main
from poseattn.clips import manifest
from poseattn.datasets import activitynet
from poseattn.datasets.activitynet_annotations import Segment, read_annotations
from poseattn.stages import list_classes
from poseattn.video.clip_frames import ClipFrames
from tests.raw_clips import clips_of

NAME = "activity_net.v1-3.min.json"
FILES = {"mp4": "**/v_*.mp4", "mkv": "**/v_*.mkv", "webm": "**/v_*.webm"}
LISTS = ["**/activity_net*.json", "**/anet_anno_action.json", "**/video_info_new.csv"]


def node(name: str, number: int, parent: int | None) -> dict[str, Any]:
    return {"parentName": "", "nodeName": name, "nodeId": number, "parentId": parent}


def video(subset: str, *annotations: tuple[str, float, float], duration: float = 60.0) -> dict[str, Any]:
    segments = [{"segment": [start, end], "label": label} for label, start, end in annotations]
    return {"duration": duration, "resolution": "320x240", "url": "", "subset": subset, "annotations": segments}


TAXONOMY = [
    node("Root", 9, None),
    node("Sports", 4, 9),
    node("Curling", 2, 4),
    node("Archery", 7, 4),
    node("Zumba", 1, 9),
]
DATABASE = {
    "--1DO2V4K74": video("training", ("Curling", 0.25, 12.5), ("Zumba", 20, 31.75), duration=60.5),
    "_cZD6JN-SYg": video("validation", ("Archery", 10, 61)),
    "QOlSCBRmfWY": video("testing"),
    "H-yBxySDyTw": video("training", ("Zumba", 0, 0), ("Curling", 7, 3), ("Zumba", 60, 70), ("Archery", -2, 5)),
}


def official(root: Path, database: dict[str, Any] = DATABASE, **others: Any) -> Path:
    content = {"database": database, "taxonomy": TAXONOMY, "version": "VERSION 1.3"} | others
    (root / NAME).write_text(json.dumps(content))
    return root


def rows(root: Path, **videos: str) -> dict[str, dict[str, str]]:
    files = {"--1DO2V4K74": {"mp4": "videos/v_--1DO2V4K74.mp4"}}
    return {row["clip_id"]: row for row in activitynet.manifest_rows(root, files, [NAME])}


def test_a_clip_is_a_segment_called_by_its_video_and_number(tmp_path: Path) -> None:
    found = rows(official(tmp_path))
    assert list(found) == ["--1DO2V4K74=0", "--1DO2V4K74=1", "_cZD6JN-SYg=0", *(f"H-yBxySDyTw={n}" for n in range(4))]
    assert found["--1DO2V4K74=1"] == {
        "clip_id": "--1DO2V4K74=1", "path": "videos/v_--1DO2V4K74.mp4", "pose_path": "", "start": "20.0",
        "end": "31.75", "label": "2", "group": "--1DO2V4K74", "trains": "official", "tests": "", "excluded": "",
    }  # fmt: skip
    assert (found["_cZD6JN-SYg=0"]["path"], found["_cZD6JN-SYg=0"]["trains"]) == ("", "")
    assert (found["_cZD6JN-SYg=0"]["label"], found["_cZD6JN-SYg=0"]["tests"]) == ("0", "official")


def test_impossible_segments_are_bad_and_those_that_reach_beyond_the_video_are_cut(tmp_path: Path) -> None:
    found = rows(official(tmp_path))
    assert [found[f"H-yBxySDyTw={number}"]["excluded"] for number in range(4)] == [
        "build_manifest: annotated to end at 0 s, not after its start at 0 s",
        "build_manifest: annotated to end at 3 s, not after its start at 7 s",
        "build_manifest: annotated to start at 60 s, the video ends at 60 s",
        "",
    ]
    assert found["H-yBxySDyTw=3"]["start"] == "0.0"
    assert (found["_cZD6JN-SYg=0"]["end"], found["_cZD6JN-SYg=0"]["excluded"]) == ("61.0", "")
    assert rows(official(tmp_path, {"a": video("training", ("Zumba", -3, 0))}))["a=0"]["excluded"]


def test_clips_keep_name_and_shard_when_other_videos_come_and_go(tmp_path: Path) -> None:
    before = rows(official(tmp_path))
    after = rows(official(tmp_path, {"new": video("training", ("Zumba", 0, 9))} | dict([*DATABASE.items()][:2])))
    assert set(after) == {"new=0", "--1DO2V4K74=0", "--1DO2V4K74=1", "_cZD6JN-SYg=0"}
    assert all(after[name] == before[name] for name in set(after) & set(before))


def test_classes_are_the_leaves_of_the_taxonomy_however_many_there_are(tmp_path: Path) -> None:
    official(tmp_path)
    assert activitynet.classes(tmp_path, [NAME]) == ("Archery", "Curling", "Zumba")
    many = [node("Root", 0, None), *(node(f"class {number:03d}", number, 0) for number in range(203, 0, -1))]
    official(tmp_path, {}, taxonomy=many)
    assert activitynet.classes(tmp_path, [NAME]) == tuple(f"class {number:03d}" for number in range(1, 204))


def test_the_other_arrangement_says_the_same(tmp_path: Path) -> None:
    entries = {
        f"v_{name}": {"duration_second": entry["duration"], "annotations": entry["annotations"]}
        for name, entry in DATABASE.items()
    }
    (tmp_path / "anet_anno_action.json").write_text(json.dumps(entries))
    lines = [f"v_{name},{entry['subset']}" for name, entry in DATABASE.items()]
    (tmp_path / "video_info_new.csv").write_text("\n".join(["video,subset", *lines]))
    found = read_annotations(tmp_path, ["anet_anno_action.json", "video_info_new.csv"])
    assert found == read_annotations(official(tmp_path), [NAME])
    with pytest.raises(ValueError, match="no key database, and no video_info_new.csv beside it"):
        read_annotations(tmp_path, ["anet_anno_action.json", "absent/video_info_new.csv"])
    (tmp_path / "video_info_new.csv").write_text("name,part\n")
    with pytest.raises(ValueError, match=r"video_info_new.csv: no columns video and subset; found name, part$"):
        read_annotations(tmp_path, ["anet_anno_action.json", "video_info_new.csv"])


def test_a_video_in_two_formats_is_refused(tmp_path: Path) -> None:
    files = {"_cZD6JN-SYg": {"mp4": "a/v_x.mp4", "webm": "b/v_x.webm"}}
    with pytest.raises(ValueError, match=r"^a/v_x.mp4 and b/v_x.webm are both the video '_cZD6JN-SYg'"):
        activitynet.manifest_rows(official(tmp_path), files, [NAME])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"database": {"x": video("training", ("Chess", 0, 1))}}, "video 'x': label 'Chess' is not a class of the tax"),
        ({"database": {"x": video("train")}}, "video 'x': subset is 'train', expected one of training, validation, "),
        ({"database": {"x": {"subset": "training"}}}, "video 'x': found {'subset': 'training'}, expected duration, a "),
        ({"database": {"x": {**video("training"), "annotations": [{"segment": [1], "label": "Zumba"}]}}}, "each a "),
        ({"database": {"x": {**video("training"), "duration": None}}}, "expected duration, a subset, and annotations"),
        ({"database": {"x": 3}}, "video 'x': found 3, expected duration"),
        ({"database": []}, "expected an object with the key database"),
        ({"taxonomy": None}, "no key taxonomy with a list of nodeId, nodeName and parentId"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_file_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    official(tmp_path, **change)
    with pytest.raises(ValueError) as error:
        activitynet.classes(tmp_path, [NAME])
    assert message in str(error.value) and NAME in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"database": {"x": 1' + b"0" * 5000 + b"}}", "no JSON, or cut off: Exceeds the limit"),
        (b"[" * 100_000, "no JSON, or cut off: maximum recursion depth"),
        (b'{"database": "\xff"}', "no text in UTF-8: invalid start byte at byte 14"),
    ],
)
def test_a_file_that_no_reader_of_json_takes_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(ValueError, match=f"{NAME}: {message}"):
        read_annotations(tmp_path, [NAME])


@pytest.mark.parametrize(
    "change",
    [
        {"database": {"x": video("training", ("Curling", 0, 10**400))}},
        {"database": {"x": video("training", ("two\nlines", 0, 1))}},
        {"database": {"x": video("training", ("\ud800", 0, 1))}},
        {"taxonomy": [*TAXONOMY, node("two\nlines", 12, 9)]},
        {"taxonomy": [*TAXONOMY, node(None, 12, 9)]},
    ],
)
def test_numbers_without_bounds_and_names_of_several_lines_are_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{NAME}: (video 'x': found|no key taxonomy)") as caught:
        read_annotations(official(tmp_path, **change), [NAME])
    assert len(str(caught.value)) < 600


def stage(root: Path, out: Path, capfd: pytest.CaptureFixture[str]) -> str:
    """What the user reads when the stage build_manifest fails."""
    words = ["--root", str(root), "--layout", "activitynet", "--files", json.dumps(FILES), "--lists", json.dumps(LISTS)]
    words += ["--shard", "0", "--n-shards", "1", "--with-missing", "1", "--out", str(out)]
    assert main(["build-manifest", *words]) == 1 and not out.exists()
    return capfd.readouterr().err


def test_no_two_or_half_an_annotation_file_is_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "anet"
    (root / "videos").mkdir(parents=True)
    start = "poseattn build-manifest: error: "
    said = stage(root, tmp_path / "m.tsv", capfd)
    assert said == f"{start}{root}: no annotation file such as activity_net.v1-3.min.json in it or below\n"
    official(root)
    (root / "videos/activity_net.v1-2.json").write_text("{}")
    said = stage(root, tmp_path / "m.tsv", capfd)
    both = f"{root}/{NAME} and {root}/videos/activity_net.v1-2.json"
    assert said == f"{start}{both} are both annotation files; leave one of them there\n"
    (root / "videos/activity_net.v1-2.json").unlink()
    (root / NAME).write_text((root / NAME).read_text()[:300])
    said = stage(root, tmp_path / "m.tsv", capfd)
    assert said.startswith(f"{start}{root}/{NAME}: no JSON, or cut off: ") and said.count("\n") == 1


def manifests(root: Path, out: Path, n_shards: int) -> list[pd.DataFrame]:
    """Manifests of all shards; the first has the clips without a file."""
    parts = []
    for shard in range(n_shards):
        where = {"root": root, "shard": shard, "n_shards": n_shards, "with_missing": int(shard == 0)}
        parts.append(clips_of(out, layout="activitynet", files=json.dumps(FILES), lists=json.dumps(LISTS), **where))
    return parts


def test_clips_of_one_video_are_in_one_shard(tmp_path: Path) -> None:
    root = official(tmp_path)
    (root / "v1-3/train_val").mkdir(parents=True)
    names = ("v_--1DO2V4K74.mp4", "v_H-yBxySDyTw.mkv", "v_QOlSCBRmfWY.webm", "v_other_video.mp4", "notes.mp4")
    for name in names:
        (root / "v1-3/train_val" / name).touch()
    parts = manifests(root, tmp_path / "out.tsv", 7)
    groups = [set(part.group[part.path != ""]) for part in parts]
    assert sorted(map(len, groups)) == [0, 0, 0, 0, 0, 1, 1]
    clips = pd.concat(parts).set_index("clip_id")
    assert len(clips) == 7 and clips.path["_cZD6JN-SYg=0"] == "" and "_cZD6JN-SYg=0" in set(parts[0].clip_id)
    assert clips.path["H-yBxySDyTw=2"] == "v1-3/train_val/v_H-yBxySDyTw.mkv"


@pytest.mark.data
def test_the_real_annotations_make_a_manifest_of_all_clips(samples: Path, tmp_path: Path) -> None:
    """Counts of 1.3 as BSN's authors found it, a part of the official 15,410 and 7,654 clips; one video is here."""
    root = samples / "activitynet"
    (clips,) = manifests(root, tmp_path / "out.tsv", 1)
    assert (len(clips), (clips.trains != "").sum(), (clips.tests != "").sum()) == (22152, 14859, 7293)
    assert Counter(clips.excluded != "") == {True: 12, False: 22140}
    assert clips.excluded[clips.excluded != ""].str.contains("not after its start").all()
    labels = clips.groupby("group").label.nunique()
    assert (len(labels), (labels > 1).sum()) == (9649 + 4728, 11)
    assert set(clips.clip_id[clips.path != ""]) == {"ZNVhz7ctTq0=0"}
    assert clips.clip_id.str.startswith("-").any()
    assert set(manifest.official_split(clips, "official")) == {"train", "test"}
    list_classes.run(root=root, layout="activitynet", files="{}", lists=json.dumps(LISTS), out=tmp_path / "c.txt")
    names = manifest.read_classes(tmp_path / "c.txt")
    published = (root / "annotations/label_map.txt").read_text().splitlines()
    assert len(names) == len(published) == 200
    assert names[int(clips.set_index("clip_id").label["ZNVhz7ctTq0=0"])] == "Walking the dog"


@pytest.mark.data
def test_the_real_video_gives_the_frames_of_its_segment(samples: Path) -> None:
    """420 frames at 30/s; 0.3287 s is after frame 9, and 14.048 s after the last one, which is shown at 13.967 s."""
    root = samples / "activitynet"
    lists = ["annotations/anet_anno_action.json", "annotations/video_info_new.csv"]
    segment = read_annotations(root, lists).videos["ZNVhz7ctTq0"].segments[0]
    assert segment == Segment("Walking the dog", 0.3287380109204368, 14.048072562358277)
    frames = ClipFrames(root, "videos/v_ZNVhz7ctTq0.mp4", str(segment.start), str(segment.end))
    times = [frame.time for frame in frames]
    assert len(times) == 410 and times[0] == pytest.approx(10 / 30) and times[-1] == pytest.approx(419 / 30)
