"""Small valid files of every kind that the pipeline reads from outside, by their paths; written by the tests alone."""

import io
import json
import tempfile
import zipfile
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import h5py
import numpy as np
import torch
from scipy.io import savemat

from poseattn.clips.manifest import MANIFEST_COLUMNS
from poseattn.datasets import hollywood2
from poseattn.files import SEAL
from poseattn.pose.parts import BODIES
from poseattn.shards import jpegs
from poseattn.shards.format import write_attrs
from poseattn.shards.shard import Shard, ShardWriter, SideArray
from tests import caffe_files
from tests import trained as trained_runs
from tests.frames import as_frames
from tests.skeletons import person, skeleton_text
from tests.video.rendered import Writer

Files = dict[str, bytes]
_RNG = np.random.default_rng(0)
_PICTURE = _RNG.integers(0, 256, (24, 32, 3), np.uint8)


def skeleton() -> bytes:
    joints = person(4)
    return skeleton_text([[("7205", joints[frame])] for frame in range(4)]).encode()


def table(*rows: str) -> bytes:
    return "".join("\t".join(row.split(",")) + "\n" for row in rows).encode()


def sealed(text: bytes) -> bytes:
    """The text with the checksum that readers of our own tables want, so that they look at what is in it."""
    return text + f"{SEAL}{zlib.crc32(text):08x}\n".encode()


def clip_table() -> bytes:
    rows = [f"clip{n},rgb/clip{n}.avi,,,,{n},P{n},cross_subject,,cross_view,protocol: why" for n in range(3)]
    return table(",".join(MANIFEST_COLUMNS), *rows)


def own_clips() -> bytes:
    rows = ["path,label,split,start,end,subject", "a.avi,run|walk,train,0,1.5,ann", "b/c.avi,walk,test,,,bob"]
    return "\n".join([*rows, "a.avi,run,train,2,3,ann", "d.avi,run,val,,,eve", ""]).encode()


def activitynet() -> dict[str, Any]:
    segments = [{"segment": [0.25, 12.5], "label": "Curling"}, {"segment": [20, 31], "label": "Zumba"}]
    video = {"duration": 60.5, "resolution": "320x240", "url": "", "subset": "training", "annotations": segments}
    nodes = [("Root", 9, None), ("Curling", 2, 9), ("Zumba", 1, 9)]
    taxonomy = [{"parentName": "", "nodeName": name, "nodeId": own, "parentId": parent} for name, own, parent in nodes]
    database = {"--1DO2V4K74": video, "_cZD6JN-SYg": video | {"subset": "validation"}}
    return {"database": database, "taxonomy": taxonomy, "version": "VERSION 1.3"}


def bsn() -> dict[str, Any]:
    segments = [{"segment": [0.25, 12.5], "label": "Curling"}]
    return {f"v_{name}": {"duration_second": 60.5, "annotations": segments} for name in ("a", "b")}


VIDEO_INFO = b"video,numFrame,seconds,fps,rfps,subset,featureFrame\nv_a,9,1,9,9,training,8\nv_b,9,1,9,9,validation,8\n"


def voc() -> bytes:
    corners = "".join(f"<{name}>{n}</{name}>" for n, name in enumerate(("xmax", "xmin", "ymax", "ymin")[::-1], 1))
    box = f"<bndbox>{corners.replace('>1<', '>9<')}</bndbox>".replace("ymin>9", "ymin>1").replace("xmin>3", "xmin>1")
    size = "<size><width>400</width><height>300</height><depth>3</depth></size>"
    return f"<annotation><filename>a.jpg</filename>{size}<object><name>x</name>{box}</object></annotation>".encode()


def penn(**options: Any) -> bytes:
    joints = np.arange(3 * 13, dtype=np.float64).reshape(3, 13) + 5
    fields = {"action": "squat", "x": joints, "y": joints + 1, "visibility": np.ones((3, 13), np.uint8), "train": 1}
    fields |= {"bbox": np.tile([1.0, 2, 30, 40], (3, 1)), "dimensions": np.array([24, 32, 3]), "nframes": 3}
    return matlab(fields, **options)


def jhmdb(**options: Any) -> bytes:
    n_joints = len(BODIES["sub_jhmdb"].joints)
    return matlab({"pos_img": np.arange(2.0 * n_joints * 3).reshape(2, n_joints, 3)}, **options)


def matlab(fields: dict[str, Any], **options: Any) -> bytes:
    file = io.BytesIO()
    savemat(file, fields, **options)
    return file.getvalue()


def people() -> dict[str, Any]:
    """Arrays of an annotation file of MPII."""
    names = np.array(["a.jpg", "a.jpg", "b.jpg"], "S20")
    joints = np.tile(np.arange(16.0)[:, None] + 1, (3, 1, 2))
    squares = {"center": np.full((3, 2), 12.0), "scale": np.full(3, 0.1), "normalize": np.full(3, 4.0)}
    return {"imgname": names, "person": np.array([0.0, 1, 0]), "part": joints, "visible": np.ones((3, 16)), **squares}


def hdf5(arrays: dict[str, Any], attrs: dict[str, Any] | None = None) -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w") as opened:
        for name, array in arrays.items():
            opened[name] = array
        opened.attrs.update(attrs or {})
    return file.getvalue()


def shard() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "shard.h5")
        side = {"time": SideArray("frame", "seconds")}
        header = {"kind": "cubes", "axes": "frame channel", "units": "1", "recipe": "{}", "code": "0"}
        with ShardWriter(path, **header, side=side) as writer:
            for n in range(3):
                writer.append(f"clip{n}", np.ones((4 + n, 6), np.float16), time=np.arange(4.0 + n))
        return path.read_bytes()


def stored_frames() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "shard.h5")
        with ShardWriter(path, **jpegs.HEADER, recipe="{}", code="0", attrs={"layout": jpegs.LAYOUT}) as writer:
            for n in range(2):
                jpegs.write_clip(writer, f"clip{n}", as_frames([_PICTURE] * 3, 10), 80)
        return path.read_bytes()


def rows_of_frames() -> bytes:
    """The bytes of a clip in a shard of frames: JPEG files and their index."""
    with tempfile.TemporaryDirectory() as folder:
        (path := Path(folder, "shard.h5")).write_bytes(stored_frames())
        with Shard(path) as opened:
            return opened.clip("clip0").tobytes()


def frames_of_rows(rows: bytes) -> bytes:
    """A shard of frames with these bytes as its only clip, and the right checksums."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "shard.h5")
        with ShardWriter(path, **jpegs.HEADER, recipe="{}", code="0", attrs={"layout": jpegs.LAYOUT}) as writer:
            writer.append("clip0", np.frombuffer(rows or b"\0", np.uint8))
        return path.read_bytes()


def torch_file(content: Any, *, is_zip: bool = True) -> bytes:
    file = io.BytesIO()
    torch.save(content, file, _use_new_zipfile_serialization=is_zip)
    return file.getvalue()


def trained() -> dict[str, Any]:
    state = {"cell.weight": torch.arange(6.0).reshape(2, 3), "cell.bias": torch.zeros(2)}
    return {"model": state, "about": json.dumps({"run": "deep_gru", "seed": 0})}


@cache
def run_folder() -> Files:
    """A trained run and a video, in the folders `run` and `videos`."""
    with tempfile.TemporaryDirectory() as folder:
        run = trained_runs.make(Path(folder))
        files = {f"run/{name}": (run / name).read_bytes() for name in ("checkpoint.pt", "scores.h5")}
        return files | {"videos/c.avi": Path(folder, "videos/c.avi").read_bytes()}


def run_trees() -> dict[str, Any]:
    """What a run says of itself, as trees: its settings, the account of its checkpoint, and the recipe of its cubes."""
    files = run_folder()
    about = json.loads(torch.load(io.BytesIO(files["run/checkpoint.pt"]))["about"])
    with h5py.File(io.BytesIO(files["run/scores.h5"])) as file:
        settings = json.loads(file.attrs["recipe"])
    return {"settings": settings, "about": about, "recipe": json.loads(about["inputs"]["cubes"]["recipe"])}


def run_of_trees(trees: dict[str, Any]) -> Files:
    """The run with these trees in the place of its own; an account that is another one has the recipe no more."""
    files, scores, checkpoint = run_folder(), io.BytesIO(), io.BytesIO()
    scores.write(files["run/scores.h5"])
    with h5py.File(scores, "r+") as file:
        del file.attrs["recipe"]
        write_attrs(file, {"recipe": json.dumps(trees["settings"])})
    about = trees["about"]
    if about == run_trees()["about"]:
        about["inputs"]["cubes"]["recipe"] = json.dumps(trees["recipe"])
    content = torch.load(io.BytesIO(files["run/checkpoint.pt"]))
    torch.save(content | {"about": json.dumps(about)}, checkpoint)
    return files | {"run/scores.h5": scores.getvalue(), "run/checkpoint.pt": checkpoint.getvalue()}


def members(archive: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zipped(files: Files, compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return file.getvalue()


def caffe_weights(old: bool) -> bytes:
    layers = {"conv1/7x7": [np.ones((2, 3, 1, 1), np.float32), np.zeros(2, np.float32)], "fc": [np.eye(2)]}
    return caffe_files.old_network(layers) if old else caffe_files.network(layers)


def caffe_mean() -> bytes:
    return caffe_files.old_blob(np.ones((3, 2, 2), np.float32))


def video(suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, f"clip{suffix}"))
        code = {".avi": "MJPG", ".mp4": "mp4v", ".mkv": "mp4v", ".mpg": "MPG1", ".webm": "VP80"}[suffix]
        writer = Writer(path, code, 25, (32, 24))
        for shift in range(5):
            writer.write(np.roll(_PICTURE, shift, axis=1))
        writer.release()
        return Path(path).read_bytes()


def image(suffix: str) -> bytes:
    return cv2.imencode(suffix, _PICTURE)[1].tobytes()


def splits() -> Files:
    """Lists of two classes of HMDB-51."""
    lines = "".join(f"film_{{name}}_f_cm_np1_ba_med_{n}.avi {n % 3} \n" for n in range(4))
    names = [(name, split) for name in ("wave", "run") for split in (1, 2, 3)]
    return {f"{name}_test_split{split}.txt": lines.format(name=name).encode() for name, split in names}


def clip_sets() -> Files:
    """Lists of Hollywood2."""
    files = {}
    for number, name in enumerate(hollywood2.CLASSES):
        for part in ("train", "test"):
            lines = [f"actionclip{part}{n:05d}  {1 if n % 12 == number else -1}\n" for n in range(1, 13)]
            files[f"ClipSets/{name}_{part}.txt"] = "".join(lines).encode()
    return files


def image_splits() -> Files:
    """Lists of two classes of Stanford 40."""
    files = {"ImageSplits/actions.txt": b"action_name\tnumber_of_images\nclimbing\t3\nriding_a_bike\t3\n"}
    for name in ("climbing", "riding_a_bike"):
        files[f"ImageSplits/{name}_train.txt"] = f"{name}_001.jpg\n{name}_002.jpg\n".encode()
        files[f"ImageSplits/{name}_test.txt"] = f"{name}_003.jpg\n".encode()
    return files
