"""Files made on purpose: small ones that ask for much, lead elsewhere or carry code. Each is refused with a reason."""

import json
import os
import pickle
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from tests.fuzz import seeds
from tests.fuzz.sandbox import Sandbox
from tests.fuzz.shard_bombs import SHARDS
from tests.fuzz.test_readers import write_files

HUGE = 100_000
ZEROS = 384 << 20  # bytes


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as process:
        yield process


class _Runs:
    """An object whose pickle calls a function when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.path),)


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE a [<!ENTITY a0 "ha">{entities}]><annotation>&a11;</annotation>'.encode()


def external_entity() -> bytes:
    return b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><annotation><filename>&x;</filename></annotation>'


def nested(depth: int) -> bytes:
    return b'{"database": ' + b"[" * depth + b"]" * depth + b"}"


def nested_pickle(depth: int) -> bytes:
    """A dictionary in which each level holds the one below twice: few bytes for 2 ** depth entries."""
    content: dict = {"x": 1}
    for _ in range(depth):
        content = {"a": content, "b": content}
    return archive(pickle.dumps(content, 2))


def archive(code: bytes, compression: int = zipfile.ZIP_STORED) -> bytes:
    return seeds.zipped(seeds.members(seeds.torch_file({"x": 1})) | {"archive/data.pkl": code}, compression)


def deep_pickle(depth: int) -> bytes:
    """A list in a list in a list ..."""
    return archive(b"\x80\x02" + b"]" * depth + b"a" * (depth - 1) + b".")


def memo() -> bytes:
    """A pickle that wants a table of 2 ** 32 entries for the things that it remembers."""
    return archive(b"\x80\x02}r\xff\xff\xff\xff.")


def shape_of_texts() -> bytes:
    """A tensor whose shape would be multiplied with a text."""
    code = (
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(X\x01\x00\x00\x00fK\x00J\xff\xff\xff\x7fX\x01\x00\x00\x00x\x86tR."
    )
    return archive(code)


def declared_tensor() -> bytes:
    """A tensor of 2 ** 50 numbers, of which the file has four."""
    numbers = b"\x8a\x07" + (2**50).to_bytes(7, "little")
    storage = pickle.dumps(("storage", torch.FloatStorage, "0", "cpu", 2**50), 2)[2:-1]
    shape = numbers + b"\x85K\x01\x85\x89ccollections\nOrderedDict\n)R"
    code = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"QK\x00" + shape + b"tR."
    files = seeds.members(seeds.torch_file({"w": torch.zeros(4)})) | {"archive/data.pkl": code}
    return seeds.zipped(files)


def zeros_packed() -> bytes:
    """A checkpoint of zeros, packed to a thousandth."""
    files = seeds.members(seeds.torch_file({"model": {"w": torch.zeros(4)}, "about": "{}"}))
    return seeds.zipped(files | {"archive/data/0": bytes(ZEROS)}, zipfile.ZIP_DEFLATED)


def zeros_in_matlab() -> bytes:
    """An array of zeros, packed to a thousandth."""
    size = ZEROS
    array = b"".join(
        [
            struct.pack("<4I", 6, 8, 6, 0),  # double
            struct.pack("<4I", 5, 8, size // 8, 1),
            struct.pack("<2I", 1, 8) + b"pos_img\0",
            struct.pack("<2I", 9, size),
        ]
    )
    packer = zlib.compressobj()
    packed = packer.compress(struct.pack("<2I", 14, len(array) + size) + array)
    block = bytes(1 << 24)
    packed += b"".join(packer.compress(block) for _ in range(size // len(block))) + packer.flush()
    return seeds.jhmdb()[:128] + struct.pack("<2I", 15, len(packed)) + packed


def cells_in_cells(depth: int) -> bytes:
    """An array that holds an array that holds an array ..."""
    inner = b""
    for level in range(depth, 0, -1):
        name, length = (b"pos_img\0", 7) if level == 1 else (b"", 0)
        head = struct.pack("<4I", 6, 8, 1, 0) + struct.pack("<4I", 5, 8, 1, 1) + struct.pack("<2I", 1, length) + name
        inner = struct.pack("<2I", 14, len(head) + len(inner)) + head + inner
    return seeds.jhmdb()[:128] + inner


def declared_matlab() -> bytes:
    """Dimensions of 2 ** 31 - 1 each."""
    content = bytearray(seeds.jhmdb())
    at = content.index(struct.pack("<3I", 2, 15, 3))
    content[at : at + 12] = struct.pack("<3I", *[2**31 - 1] * 3)
    return bytes(content)


def png(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1 << 20)))
        + chunk(b"IEND", b"")
    )


@cache
def packed_zeros() -> bytes:
    return zlib.compress(bytes(ZEROS), 9)


def png_text(name: bytes) -> bytes:
    """A text or a profile that unpacks to 384 MiB."""
    content, packed = seeds.image(".png"), packed_zeros()
    at = content.index(b"IDAT") - 4
    body = b"a\0" + (b"\1\0\0\0" if name == b"iTXt" else b"\0") + packed
    piece = struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return content[:at] + piece + content[at:]


def many_scans() -> bytes:
    """A progressive JPEG that goes through all its pixels 10,000 times, in 50 bytes each time."""
    content = seeds.image(".jpg")
    at = content.index(b"\xff\xda")
    return content[:at] + content[at:-2] * 10_000 + content[-2:]


def tif(edge: int) -> bytes:
    """Width, height and rows of a strip replaced in the directory of a TIFF file."""
    content = bytearray(seeds.image(".tif"))
    (start,) = struct.unpack("<I", content[4:8])
    for entry in range(start + 2, start + 2 + 12 * content[start], 12):
        if struct.unpack("<H", content[entry : entry + 2])[0] in (256, 257, 278):
            content[entry + 2 : entry + 12] = struct.pack("<HII", 4, 1, edge)
    return bytes(content)


def wide(name: bytes, separator: bytes, rows: int = 0) -> bytes:
    """A table of a million columns."""
    columns = separator.join([*name.split(), *(b"%d" % number for number in range(1_000_000))])
    return columns + b"\n" + b"v_a,training\n" * rows


def jpg(width: int, height: int) -> bytes:
    content = seeds.image(".jpg")
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">2H", height, width) + content[at + 4 :]


def avi(width: int, height: int) -> bytes:
    """Width and height replaced in the headers of the container and of each picture."""
    content = seeds.video(".avi").replace(struct.pack("<2I", 32, 24), struct.pack("<2I", width, height))
    return content.replace(struct.pack(">2H", 24, 32), struct.pack(">2H", min(height, 65_500), min(width, 65_500)))


def people(change) -> bytes:  # noqa: ANN001
    file = seeds.io.BytesIO(seeds.hdf5(seeds.people()))
    with h5py.File(file, "r+") as opened:
        del opened["scale"]
        change(opened)
    return file.getvalue()


def declared_people() -> bytes:
    return people(lambda file: file.create_dataset("scale", (10**12,), "f8", chunks=(1 << 16,), compression="gzip"))


def linked_people() -> bytes:
    return people(lambda file: file.__setitem__("scale", h5py.ExternalLink("/etc/hostname", "/x")))


def people_elsewhere() -> bytes:
    return people(lambda file: file.create_dataset("scale", (3,), "f8", external=[("/etc/hostname", 0, 24)]))


def virtual_people() -> bytes:
    def change(file: h5py.File) -> None:
        layout = h5py.VirtualLayout((3,), "f8")
        layout[:] = h5py.VirtualSource("/etc/hostname", "x", (3,))
        file.create_virtual_dataset("scale", layout)

    return people(change)


def declared_shard() -> bytes:
    file = seeds.io.BytesIO(seeds.shard())
    with h5py.File(file, "r+") as opened:
        del opened["offsets"]
        opened.create_dataset("offsets", (10**12,), "i8").attrs["crc32"] = 0
    return file.getvalue()


def linked_shard() -> bytes:
    file = seeds.io.BytesIO(seeds.shard())
    with h5py.File(file, "r+") as opened:
        del opened["time"]
        opened["time"] = h5py.ExternalLink("/etc/hostname", "/x")
    return file.getvalue()


def varint() -> bytes:
    """A length of two million bytes, whose value would have four million digits."""
    return b"\n" + b"\xff" * 2_000_000


CASES = {
    "laughs": ("poses_stanford40", "image.xml", laughs, "declares a document type"),
    "external_entity": ("poses_stanford40", "image.xml", external_entity, "declares a document type"),
    "deep_xml": ("poses_stanford40", "image.xml", lambda: b"<a>" * HUGE + b"</a>" * HUGE, "size/height is None"),
    "deep_json": ("clips_activitynet", "data/activity_net.json", lambda: nested(HUGE), "no JSON, or cut off"),
    "deep_json_that_parses": ("clips_activitynet", "data/activity_net.json", lambda: nested(900), "expected an object"),
    "nested_pickle": ("inspect_checkpoint.pt", "checkpoint.pt", lambda: nested_pickle(60), ""),
    "deep_pickle": (
        "inspect_checkpoint.pt",
        "checkpoint.pt",
        lambda: archive(b"\x80\x02" + b"]" * HUGE + b"a" * (HUGE - 1) + b"."),
        "",
    ),
    "memo": ("inspect_checkpoint.pt", "checkpoint.pt", memo, ""),
    "shape_of_texts": ("inspect_checkpoint.pt", "checkpoint.pt", shape_of_texts, "no file of PyTorch"),
    "declared_tensor": ("checkpoint", "checkpoint.pt", declared_tensor, "no file of PyTorch"),
    "declared_to_inspect": ("inspect_checkpoint.pt", "checkpoint.pt", declared_tensor, ""),
    "zeros_packed": ("checkpoint", "checkpoint.pt", zeros_packed, "more bytes than the file"),
    "weights_packed": ("weights", "weights.bin", zeros_packed, "more bytes than the file"),
    "zeros_in_matlab": ("poses_sub_jhmdb", "labels.mat", zeros_in_matlab, "more than 64 MiB"),
    "cells_in_cells": ("poses_sub_jhmdb", "labels.mat", lambda: cells_in_cells(3000), "other arrays in it"),
    "declared_matlab": ("poses_sub_jhmdb", "labels.mat", declared_matlab, "damaged, or no MATLAB file"),
    "declared_people": ("poses_mpii", "data/annot/valid.h5", declared_people, "more than can be in this one"),
    "linked_people": ("poses_mpii", "data/annot/valid.h5", linked_people, "no array scale"),
    "people_elsewhere": ("poses_mpii", "data/annot/valid.h5", people_elsewhere, "in another file"),
    "virtual_people": ("poses_mpii", "data/annot/valid.h5", virtual_people, "in another file"),
    "declared_shard": ("shard", "shard.h5", declared_shard, "the arrays are said to have 8000000000315 bytes"),
    "linked_shard": ("shard", "shard.h5", linked_shard, "time is no array of numbers or texts in this file"),
    "varint": ("weights", "weights.bin", varint, "damaged, or no file of Caffe"),
    "png": ("png", "clip.png", lambda: png(HUGE, HUGE), "clip.png is no image that OpenCV reads"),
    "png_of_mpii": ("poses_mpii", "data/images/a.jpg", lambda: png(HUGE, HUGE), "a.jpg is no image"),
    "jpg": ("jpg", "clip.jpg", lambda: jpg(65_500, 65_500), "clip.jpg is no image that OpenCV reads"),
    "png_text": ("png", "clip.png", lambda: png_text(b"zTXt"), ""),
    "png_long_text": ("png", "clip.png", lambda: png_text(b"iTXt"), ""),
    "png_profile": ("png", "clip.png", lambda: png_text(b"iCCP"), ""),
    "many_scans": ("jpg", "clip.jpg", many_scans, "10000 scans, expected at most 256"),
    "ppm": ("ppm", "clip.ppm", lambda: b"P6\n5700 5700\n255\n" + bytes(999), "clip.ppm is no image, or cut off"),
    "wide_ppm": ("ppm", "clip.ppm", lambda: b"P6\n99999 99999\n255\n" + bytes(999), "no image that OpenCV reads"),
    "tif": ("tif", "clip.tif", lambda: tif(HUGE), "clip.tif is no image that OpenCV reads"),
    "wide_table": ("table_manifest", "table.tsv", lambda: seeds.sealed(wide(b"clip_id", b"\t")), "1000001 columns"),
    "wide_list": ("clips_csv", "data/clips.csv", lambda: wide(b"path label split", b","), "unknown column"),
    "wide_csv": (
        "clips_activitynet",
        "data/video_info_new.csv",
        lambda: wide(b"video subset", b",", 2000),
        "no columns",
    ),
    "long_field": (
        "clips_csv",
        "data/clips.csv",
        lambda: b"path,label,split\n" + b"a" * 30_000_000,
        "field larger than",
    ),
    "open_quote": ("clips_csv", "data/clips.csv", lambda: b'path,label,split\n"' + b"\n" * 30_000_000, "field larger"),
    "avi": ("avi", "clip.avi", lambda: avi(HUGE, HUGE), "pixels|no video that FFmpeg can open|no frame"),
    "wide_avi": ("avi", "clip.avi", lambda: avi(16_000, 16_000), "the container states 16000 x 16000 pixels"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_small_file_asks_for_much_in_vain(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    reader, path, build, message = CASES[name]
    others = {"data/annot/valid.h5": seeds.hdf5(seeds.people())} if reader == "poses_mpii" else {}
    if path.endswith(".csv") and reader == "clips_activitynet":
        others = {"data/anet_anno_action.json": json.dumps(seeds.bsn()).encode()}
    write_files(tmp_path / "files", others | {path: build()})
    outcome = sandbox.read(reader, tmp_path / "files")
    assert outcome.word == ("refused" if message else "read"), outcome
    assert any(part in outcome.message for part in message.split("|")), outcome.message


@pytest.mark.parametrize("name", SHARDS)
def test_a_small_shard_claims_much_in_vain(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    build, message = SHARDS[name]
    write_files(tmp_path / "files", {"shard.h5": build()})
    assert (tmp_path / "files/shard.h5").stat().st_size < 32 << 20
    for reader in ("shard", "inspect_shard.h5"):
        outcome = sandbox.read(reader, tmp_path / "files")
        assert outcome.word == ("refused" if message else "read"), outcome
        assert message in outcome.message


@pytest.mark.parametrize("reader", ["checkpoint", "weights", "inspect_checkpoint.pt"])
@pytest.mark.parametrize("is_zip", [True, False])
def test_no_code_of_a_file_is_run(reader: str, is_zip: bool, sandbox: Sandbox, tmp_path: Path) -> None:
    made = tmp_path / "made"
    content = seeds.torch_file({"model": {"w": _Runs(made)}, "about": "{}"}, is_zip=is_zip)
    write_files(tmp_path / "files", {"checkpoint.pt": content, "weights.bin": content})
    outcome = sandbox.read(reader, tmp_path / "files")
    is_unknown = (reader, is_zip) == ("inspect_checkpoint.pt", False)  # to `inspect` some bytes or other
    assert outcome.word == ("read" if is_unknown else "refused"), outcome
    assert not made.exists()
    pickle.loads(pickle.dumps(_Runs(made)))  # which it would have done
    assert made.exists()


@pytest.mark.parametrize(
    ("reader", "files", "message"),
    [
        (
            "clips_csv",
            {"data/clips.csv": b"path,label,split\n../../x.avi,run,train\n"},
            "one below the folder",
        ),
        (
            "clips_csv",
            {"data/clips.csv": b"path,label,split\n/etc/passwd,run,train\n"},
            "one below the folder",
        ),
        (
            "clips_activitynet",
            {
                "data/activity_net.json": json.dumps(
                    seeds.activitynet() | {"database": {"../../x": seeds.activitynet()["database"]["_cZD6JN-SYg"]}}
                ).encode()
            },
            "clip '../../x=0': expected a name without slashes",
        ),
        (
            "clips_hmdb51",
            {f"data/testTrainMulti_7030_splits/wave_test_split{n}.txt": b"../../x.avi 1\n" for n in (1, 2, 3)},
            "clip '../../x': expected a name without slashes",
        ),
        (
            "clips_mpii",
            {
                f"data/annot/{name}.h5": seeds.hdf5(seeds.people() | {"imgname": np.array([b"../x.jpg"] * 3)})
                for name in ("train", "valid")
            },
            "image '../x.jpg', expected the name of a file",
        ),
        (
            "table_manifest",
            {"table.tsv": seeds.sealed(seeds.clip_table().replace(b"clip1\t", b"../x\t"))},
            "without slashes",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_no_name_leads_out_of_the_roots(
    reader: str, files: dict[str, bytes], message: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    write_files(tmp_path / "files", files)
    outcome = sandbox.read(reader, tmp_path / "files")
    assert (outcome.word, message in outcome.message) == ("refused", True), outcome


def test_members_of_an_archive_are_not_unpacked(sandbox: Sandbox, tmp_path: Path) -> None:
    files = seeds.members(seeds.torch_file(seeds.trained())) | {"../../x": b"1", "/tmp/strangers_x": b"1"}
    write_files(tmp_path / "files", {"checkpoint.pt": seeds.zipped(files)})
    for reader in ("checkpoint", "inspect_checkpoint.pt"):
        assert sandbox.read(reader, tmp_path / "files").word in ("read", "refused")
    assert not (tmp_path / "x").exists() and not (tmp_path.parent / "x").exists()


def test_the_sandbox_sees_what_a_reader_must_not_do(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    expected = {"writes": "escape", "starts": "escape", "fills": "memory", "dies": "crash", "fails": "KeyError"}
    for name, word in expected.items():
        assert sandbox.read(name, tmp_path / "files").word == word
