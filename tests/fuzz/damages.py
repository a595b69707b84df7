"""Hypothesis strategies of damaged content that stays well-formed: JSON, HDF5, files of PyTorch."""

import copy
import io
import json
from typing import Any

import h5py
import numpy as np
import torch
from hypothesis import strategies as st

from tests.fuzz import mutations, seeds


def json_text(seed: Any) -> st.SearchStrategy[bytes]:
    trees = mutations.tree(seed).map(lambda tree: json.dumps(tree).encode())
    return st.one_of(trees, trees, mutations.text(json.dumps(seed).encode()))


def arrays(arrays: dict[str, Any], attrs: dict[str, Any] | None = None) -> st.SearchStrategy[bytes]:
    """HDF5 files that are sound, but whose arrays have other types, shapes or values."""
    dtypes = st.sampled_from(["S3", "f2", "f8", "i8", "u1", "?", "c16"])
    shapes = st.sampled_from([(), (0,), (1,), (3,), (3, 0), (3, 2), (3, 16, 2), (2, 16, 2), (1, 1, 1, 1)])
    other = st.tuples(shapes, dtypes).map(lambda form: np.zeros(*form))
    special = st.sampled_from([np.nan, np.inf, -1, 1e300, 0])
    changed = [other.map(lambda value, name=name: {name: value}) for name in arrays]
    numbers = [name for name, array in arrays.items() if array.dtype.kind == "f"]
    changed += [special.map(lambda value, name=name: {name: np.full_like(arrays[name], value)}) for name in numbers]
    return st.one_of(changed).map(lambda change: seeds.hdf5(arrays | change, attrs))


def image_names() -> st.SearchStrategy[bytes]:
    """HDF5 file of MPII with other names of images."""
    people = seeds.people()
    words = st.sampled_from([b"../../x.jpg", b"/etc/x.jpg", b"a/b.jpg", b"", b"..", b"a\0b", b"\xff", b"a\nb.jpg"])
    named = st.one_of(words, st.binary(max_size=19)).map(lambda name: np.array([name, b"a.jpg", b"b.jpg"], "S20"))
    return named.map(lambda names: seeds.hdf5(people | {"imgname": names}))


def attributes(seed: bytes) -> st.SearchStrategy[bytes]:
    """Shards with other attributes, or without some."""
    with h5py.File(io.BytesIO(seed)) as file:
        places = [("/", name) for name in file.attrs] + [(array, name) for array in file for name in file[array].attrs]
    values = st.sampled_from([None, 0, -1, 2**63 - 1, 1.5, "", "x", "{}", "[]", "frame", np.zeros(3), "a\nb", b"\xff"])

    def build(place: tuple[str, str], value: Any) -> bytes:
        content = io.BytesIO(seed)
        with h5py.File(content, "r+") as file:
            del file[place[0]].attrs[place[1]]
            if value is not None:
                file[place[0]].attrs[place[1]] = value
        return content.getvalue()

    return st.builds(build, st.sampled_from(places), values)


def torch_file(seed: Any) -> st.SearchStrategy[bytes]:
    """Files of PyTorch: other contents, damaged members of a sound archive, and damaged bytes of both formats."""
    archive, legacy = seeds.torch_file(seed), seeds.torch_file(seed, is_zip=False)
    files = seeds.members(archive)
    members = [
        mutations.raw(content).map(lambda new, name=name: files | {name: new}) for name, content in files.items()
    ]
    pickled = next(name for name in files if name.endswith("data.pkl"))
    code = mutations.raw(files[pickled]).map(lambda new: files | {pickled: new})
    values = st.sampled_from([None, 1, "x", "{}", "[1]", [], {}, {"a": 1}, {1: torch.zeros(1)}, torch.zeros(0), [[[]]]])
    keys = st.sampled_from([*seed, "other"])
    others = st.builds(lambda key, value: seeds.torch_file(seed | {key: value}), keys, values)
    return st.one_of(code.map(seeds.zipped), st.one_of(members).map(seeds.zipped), others,
                     mutations.raw(archive), mutations.raw(legacy))  # fmt: skip


def run_folder() -> st.SearchStrategy[seeds.Files]:
    """Runs of which one of the trees that describe them is damaged."""
    trees = seeds.run_trees()
    changed = [mutations.tree(tree).map(lambda new, name=name: trees | {name: new}) for name, tree in trees.items()]
    return st.one_of(changed).map(lambda new: seeds.run_of_trees(copy.deepcopy(new)))
