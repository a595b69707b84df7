"""Every kind of file from outside with the ways in which it is damaged, for the reader that gets it."""

import json
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from tests.fuzz import damages, mutations, seeds
from tests.fuzz.seeds import Files

_NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=()), min_size=1, max_size=20)


class Case(NamedTuple):
    """Folders of files for a reader; `is_named`: a refusal names the file, as the clip does not."""

    reader: str
    files: Callable[[], st.SearchStrategy[Files]]
    is_named: bool = True


def _one(name: str, strategy: st.SearchStrategy[bytes], others: Files | None = None) -> st.SearchStrategy[Files]:
    return strategy.map(lambda content: (others or {}) | {name: content})


def _any_of(files: Files, damage: Callable[[bytes], st.SearchStrategy[bytes]], below: str = "data/"):
    """Files of which one is damaged."""
    files = {below + name: content for name, content in files.items()}
    return st.one_of([_one(name, damage(content), files) for name, content in sorted(files.items())])


def _file_names(folder: str, suffix: str, others: Files) -> st.SearchStrategy[Files]:
    return _NAMES.map(lambda name: {f"data/{folder}/{name}{suffix}": b""} | others)


_NTU_LIST = "NTU_RGBD_samples_with_missing_skeletons.txt"
_NTU = {f"data/nturgb+d_skeletons/S001C00{n}P001R001A001.skeleton": b"" for n in (1, 2)} | {f"data/{_NTU_LIST}": b"x\n"}
_VIDEOS = {f"data/{name}": b"" for name in ("wave/film_wave_f_cm_np1_ba_med_1.avi", "v_--1DO2V4K74.mp4", "a.avi")}
_ANNOTATION = "data/activity_net.v1-3.min.json"


def _hmdb51() -> Files:
    return {f"testTrainMulti_7030_splits/{name}": content for name, content in seeds.splits().items()}


def _sub_jhmdb() -> Files:
    return {f"sub_splits/{name}": content for name, content in seeds.splits().items()}


def _mpii(list_name: str, below: str = "data/") -> st.SearchStrategy[Files]:
    """Annotated people, one of whose files is damaged."""
    people = seeds.hdf5(seeds.people())
    test = seeds.hdf5(seeds.people() | {"imgname": np.array(["c.jpg", "c.jpg", "d.jpg"], "S20")})
    files = {f"data/images/{name}.jpg": seeds.image(".jpg") for name in "abcd"}
    files |= {"data/annot/train.h5": people, "data/annot/valid.h5": test}
    kinds = (mutations.raw(people), damages.arrays(seeds.people()), damages.image_names())
    return st.one_of([_one(f"data/annot/{list_name}", damage, files) for damage in kinds])


def _mpii_images() -> st.SearchStrategy[Files]:
    others = {"data/annot/valid.h5": seeds.hdf5(seeds.people())}
    images = (mutations.raw(seeds.image(".jpg")), mutations.raw(seeds.image(".png")))
    return st.one_of([_one("data/images/a.jpg", damage, others) for damage in images])


def _folder() -> st.SearchStrategy[Files]:
    image = seeds.image(".jpg")
    names = _NAMES.map(lambda name: {"frames/1.jpg": image, f"frames/{name}.jpg": image})
    return st.one_of(_one("frames/2.jpg", mutations.raw(image), {"frames/1.jpg": image}), names)


def _bsn() -> st.SearchStrategy[Files]:
    annotations, info = "data/anet_anno_action.json", "data/video_info_new.csv"
    return st.one_of(
        _one(annotations, damages.json_text(seeds.bsn()), {info: seeds.VIDEO_INFO}),
        _one(info, mutations.text(seeds.VIDEO_INFO), {annotations: json.dumps(seeds.bsn()).encode()}),
    )


def _video(suffix: str) -> st.SearchStrategy[Files]:
    return _one(f"clip.{suffix}", mutations.raw(seeds.video(f".{suffix}")))


def _image(suffix: str) -> st.SearchStrategy[Files]:
    return _one(f"clip.{suffix}", mutations.raw(seeds.image(f".{suffix}")))


def _sealed(seed: bytes) -> st.SearchStrategy[bytes]:
    """A damaged table of ours, mostly with the checksum of what is in it now."""
    return st.one_of(mutations.text(seed).map(seeds.sealed), mutations.text(seeds.sealed(seed)))


def _labels(seed: Callable[..., bytes]) -> st.SearchStrategy[Files]:
    return st.one_of([_one("labels.mat", mutations.raw(seed(**how))) for how in ({}, {"do_compression": True})])


CASES = {
    "manifest": Case("table_manifest", lambda: _one("table.tsv", _sealed(seeds.clip_table()))),
    "status": Case("table_status", lambda: _one("table.tsv", _sealed(
        seeds.table("clip_id,stage,n_frames,packets,frames,damaged,errors,stated,odd_times,reason",
        "a,decode_frames,12,12,12,1,2,12,0,", "b,decode_frames,0,9,0,0,0,0,0,cut off")))),
    "excluded": Case("table_excluded", lambda: _one("table.tsv", _sealed(
        seeds.table("clip_id,kind,stage,reason", "a,bad,decode_frames,cut off", "b,protocol,build_manifest,listed")))),
    "own_clips": Case("clips_csv", lambda: _one("data/clips.csv", mutations.text(seeds.own_clips()), _VIDEOS)),
    "activitynet": Case("clips_activitynet", lambda: _one(
        _ANNOTATION, damages.json_text(seeds.activitynet()), _VIDEOS)),
    "activitynet_bsn": Case("clips_activitynet", _bsn),
    "hmdb51": Case("clips_hmdb51", lambda: _any_of(_hmdb51(), mutations.text).map(lambda files: files | _VIDEOS)),
    "sub_jhmdb": Case("clips_sub_jhmdb", lambda: _any_of(_sub_jhmdb(), mutations.text)),
    "hollywood2": Case("clips_hollywood2", lambda: _any_of(seeds.clip_sets(), mutations.text)),
    "stanford40": Case("clips_stanford40", lambda: _any_of(seeds.image_splits(), mutations.text)),
    "mpii": Case("clips_mpii", lambda: _mpii("train.h5")),
    "ntu_list": Case("clips_ntu", lambda: _one(
        f"data/{_NTU_LIST}", mutations.text(b"prose\nS001C001P001R001A001\n"), _NTU)),
    "ntu_names": Case("clips_ntu", lambda: _file_names("nturgb+d_rgb", "_rgb.avi", _NTU)),
    "penn_action_names": Case("clips_penn_action", lambda: _file_names("labels", ".mat", {})),
    "penn_action": Case("clips_penn_action", lambda: _one("data/labels/0001.mat", mutations.raw(seeds.penn()))),
    "hmdb51_names": Case("clips_hmdb51", lambda: _file_names(
        "wave", ".avi", {f"data/{n}": c for n, c in _hmdb51().items()})),
    "activitynet_names": Case("clips_activitynet", lambda: _file_names("", ".mp4", {
        _ANNOTATION: json.dumps(seeds.activitynet()).encode()})),
    "ucf11_names": Case("clips_ucf11", lambda: _file_names("UCF11_updated_mpg/biking", ".mpg", {})),
    "skeleton": Case("poses_ntu", lambda: _one("clip.skeleton", mutations.text(seeds.skeleton())), False),
    "penn_action_labels": Case("poses_penn_action", lambda: _labels(seeds.penn), False),
    "sub_jhmdb_joints": Case("poses_sub_jhmdb", lambda: _labels(seeds.jhmdb), False),
    "voc_xml": Case("poses_stanford40", lambda: _one("image.xml", mutations.text(seeds.voc())), False),
    "mpii_joints": Case("poses_mpii", lambda: _mpii("valid.h5"), False),
    "mpii_images": Case("poses_mpii", _mpii_images, False),
    "caffe": Case("weights", lambda: st.one_of(
        [_one("weights.bin", mutations.raw(seeds.caffe_weights(old))) for old in (False, True)])),
    "caffe_mean": Case("mean", lambda: _one("mean.binaryproto", mutations.raw(seeds.caffe_mean()))),
    "weights": Case("weights", lambda: _one("weights.bin", damages.torch_file(seeds.trained()["model"]))),
    "checkpoint": Case("checkpoint", lambda: _one("checkpoint.pt", damages.torch_file(seeds.trained()))),
    "shard": Case("shard", lambda: _one("shard.h5", st.one_of(
        mutations.raw(seeds.shard()), damages.attributes(seeds.shard())))),
    "frames": Case("frames", lambda: _one("shard.h5", mutations.raw(seeds.stored_frames()))),
    "rows_of_frames": Case("frames", lambda: _one(
        "shard.h5", mutations.raw(seeds.rows_of_frames()).map(seeds.frames_of_rows))),
    "inspect_shard": Case("inspect_shard.h5", lambda: _one("shard.h5", st.one_of(
        mutations.raw(seeds.shard()), damages.attributes(seeds.shard()), mutations.raw(seeds.hdf5(seeds.people()))))),
    "inspect_checkpoint": Case("inspect_checkpoint.pt", lambda: _one(
        "checkpoint.pt", damages.torch_file(seeds.trained()))),
    "inspect_table": Case("inspect_table.tsv", lambda: _one("table.tsv", _sealed(seeds.clip_table()))),
    "run": Case("run", damages.run_folder, False),
    **{suffix: Case(suffix, partial(_video, suffix), False) for suffix in ("avi", "mp4", "mkv", "mpg", "webm")},
    **{suffix: Case(suffix, partial(_image, suffix), False) for suffix in ("jpg", "png", "bmp", "ppm", "tif", "webp")},
    "folder": Case("folder", _folder, False),
}  # fmt: skip
