"""What all tests share: the real sample files, marks that skip with a reason, and an end to tests that hang."""

import faulthandler
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest

from tests.faults.mini import RAW, REAL, Mini

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


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Mini:
    """The small pipeline after its table was made, with poses of a "real" root made before. Tests change copies of it.

    All tests that want it are of one group of xdist, so that it is made once.
    """
    pipeline = Mini(tmp_path_factory.mktemp("mini") / "pipeline")
    pipeline.run(RAW)
    with pipeline.real_root():
        pipeline.run(REAL)
    pipeline.of_real_data = pipeline.made_from_real()
    pipeline.run(pipeline.table)
    return pipeline


_SLOW = 2400  # seconds of a test that is marked as slow or wants Slurm
_GRACE = 60  # seconds between the interrupt of a test and the end of its process
_STDERR = pytest.StashKey[TextIO]()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give the tests of a file, or of a group of xdist, to one worker, so that fixtures of modules are made once."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            has_group = nodeid.rfind("@") > nodeid.rfind("]")
            return nodeid.rpartition("@")[2] if has_group else nodeid.partition("::")[0]

    return ByFile(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_configure(config: pytest.Config) -> None:
    """Keep the standard error that no test captures."""
    config.stash[_STDERR] = os.fdopen(os.dup(2), "w")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give slow tests more time, and skip tests marked `gpu` where there is no CUDA device."""
    for item in items:
        if any(item.get_closest_marker(name) for name in ("slow", "slurm")) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(_SLOW))
    gpu = [item for item in items if item.get_closest_marker("gpu")]
    if not gpu:
        return
    import torch

    if not torch.cuda.is_available():
        for item in gpu:
            item.add_marker(pytest.mark.skip(reason="no CUDA device"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """End the process with the stacks of its threads where pytest-timeout could not interrupt the test.

    Native code that never returns does not let Python handle the signal.
    """
    marker, given = item.get_closest_marker("timeout"), item.config.getoption("timeout", None)
    seconds = float(marker.args[0] if marker else item.config.getini("timeout") if given is None else given)
    if not seconds or item.config.getoption("usepdb"):
        return (yield)
    faulthandler.dump_traceback_later(seconds + _GRACE, exit=True, file=item.config.stash[_STDERR])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()
