"""Batches filled across clips, read ahead, described in order."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from poseattn.extraction.describe import check_range, describe, describe_portions, fitting_batch, recut
from tests.pipeline import ROOT


def test_recut_by_hand() -> None:
    pieces = [np.arange(0, 3), np.arange(3, 3), np.arange(3, 10)]
    found = [array.tolist() for array in recut(pieces, [2, 2, 5, 4, 1])]
    assert found == [[0, 1], [2, 3], [4, 5, 6, 7, 8], [9]]


@pytest.mark.parametrize("seed", range(5))
def test_recut_keeps_all_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = np.arange(100)
    found = list(recut(np.split(rows, np.sort(rng.integers(0, 100, 12))), iter(lambda: 7, 0)))
    np.testing.assert_array_equal(np.concatenate(found), rows)
    assert [len(array) for array in found] == [7] * 14 + [2]


def test_nothing_to_cut() -> None:
    assert list(recut([], [3])) == list(recut([np.arange(0)], [3])) == []


class _Means(nn.Module):
    """Mean of each colour, and a record of how many images came at once."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.batches = []

    def forward(self, images: Tensor) -> Tensor:
        self.batches.append(len(images))
        return images.float().mean(dim=(1, 2)) * self.scale


def test_features_in_order_and_full_batches() -> None:
    images = np.random.default_rng(0).integers(0, 256, (23, 4, 4, 3), np.uint8)
    network = _Means()
    found = list(describe(network, np.split(images, [1, 2, 9, 9, 20]), 5, compiled=False))
    assert network.batches == [5, 5, 5, 5, 3]
    assert all(features.dtype == np.float16 for features in found)
    np.testing.assert_allclose(np.concatenate(found), images.mean((1, 2)), rtol=1e-3)


@pytest.mark.parametrize("batch", [1, 5, 7, 100])
def test_pieces_get_the_features_of_their_own_images(batch: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (23, 4, 4, 3), np.uint8)
    lengths = [0, 3, 0, 0, 9, 1, 1, 9, 0]
    parts = np.split(images, np.cumsum(lengths)[:-1])
    found = list(describe_portions(_Means(), enumerate(parts), batch, compiled=False))
    assert [tag for tag, _ in found] == list(range(len(lengths)))
    for (_, features), part in zip(found, parts, strict=True):
        assert len(features) == len(part)
        if len(part):
            np.testing.assert_allclose(features, part.mean((1, 2)), rtol=1e-3)


def test_no_pieces_and_no_images() -> None:
    assert list(describe_portions(_Means(), [], 4, compiled=False)) == []
    ((tag, features),) = describe_portions(_Means(), [("a", np.empty((0, 4, 4, 3), np.uint8))], 4, compiled=False)
    assert (tag, len(features)) == ("a", 0)


def test_batches_fit_the_device() -> None:
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert [fitting_batch(64, size, cpu) for size in (50, 112, 224, 299, 2000)] == [64, 32, 8, 4, 1]
    assert fitting_batch(3, 112, cpu) == 3
    assert fitting_batch(64, [112, 448], cpu) == fitting_batch(64, 224, cpu)
    assert fitting_batch(64, 224, gpu) == 64


def test_features_that_are_no_numbers_are_refused() -> None:
    check_range(np.ones(3, np.float16), "features")
    with pytest.raises(ValueError, match="features of a beyond float16"):
        check_range(np.array([1, np.inf], np.float16), "features of a")


# What a process says and computes that asks for a compiled network, in a folder and with a compiler of its own.
_COMPILED = """
import logging, sys
import numpy as np
import torch
from poseattn.extraction.describe import describe

class Means(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.factor = torch.nn.Parameter(torch.tensor([2.0]))

    def forward(self, images):
        return images.float().mean((1, 2)) * self.factor

logging.basicConfig(stream=sys.stdout, format="%(message)s")
images = np.random.default_rng(0).integers(0, 256, (9, 4, 4, 3), np.uint8)
plain, compiled = (np.concatenate(list(describe(Means(), [images], 4, compiled=flag))) for flag in (False, True))
np.testing.assert_array_equal(plain, compiled)
"""


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("TORCHINDUCTOR_CACHE_DIR", "/proc/none", "'/proc/none'"),
        pytest.param("CXX", "false", "No working C++ compiler found", marks=pytest.mark.slow),
    ],
)
def test_without_a_compiler_the_network_runs_uncompiled(tmp_path: Path, name: str, value: str, reason: str) -> None:
    environment = os.environ | {"TORCHINDUCTOR_CACHE_DIR": str(tmp_path), name: value, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", _COMPILED], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (said,) = done.stdout.splitlines()
    assert said.startswith("compile: the network runs uncompiled, since PyTorch cannot compile here (")
    assert reason in said and said.endswith("from which programs may run in TORCHINDUCTOR_CACHE_DIR")


@pytest.mark.slow
def test_compiled_network_agrees() -> None:
    images = np.random.default_rng(0).integers(0, 256, (11, 4, 4, 3), np.uint8)
    plain, compiled = (np.concatenate(list(describe(_Means(), [images], 4, compiled=flag))) for flag in (False, True))
    np.testing.assert_allclose(plain, compiled, rtol=1e-3)


@pytest.mark.gpu
def test_gpu_agrees() -> None:
    images = np.random.default_rng(0).integers(0, 256, (23, 4, 4, 3), np.uint8)
    cpu, gpu = (
        np.concatenate(list(describe(_Means().to(device), [images], 5, compiled=False))) for device in ("cpu", "cuda")
    )
    np.testing.assert_allclose(cpu, gpu, rtol=2e-3)
