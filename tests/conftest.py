"""Fixtures shared by all tests: the real sample files, and marks that skip with a reason."""

import os
from pathlib import Path

import pytest

# Workers that compute with several threads each wait for one another; tests that ask for threads still get them.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# They share a GPU where there is one: each would keep it until all tests are done.
os.environ.setdefault("POSEATTN_JOBS_PER_GPU", "64")


@pytest.fixture(scope="session")
def samples() -> Path:
    """Folder with real sample files in their genuine layouts, named by the variable POSEATTN_SAMPLES."""
    folder = os.environ.get("POSEATTN_SAMPLES")
    if not folder:
        pytest.skip("POSEATTN_SAMPLES is not set: no real sample files")
    path = Path(folder).resolve()
    if not path.is_dir():
        pytest.fail(f"POSEATTN_SAMPLES={folder} is not a folder")
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked `gpu` where there is no CUDA device."""
    gpu = [item for item in items if item.get_closest_marker("gpu")]
    if not gpu:
        return
    import torch

    if not torch.cuda.is_available():
        for item in gpu:
            item.add_marker(pytest.mark.skip(reason="no CUDA device"))
