"""Devices and threads."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace

import pytest
import torch

from poseattn.networks import device as devices
from poseattn.networks.device import device_name, pick_device, set_threads


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    yield
    torch.set_num_threads(before[0])
    torch.use_deterministic_algorithms(before[1])


def test_auto_is_the_gpu_where_there_is_one() -> None:
    assert pick_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_cpu_stays_cpu_and_is_deterministic() -> None:
    device = pick_device("cpu")
    assert device == torch.device("cpu")
    assert device_name(device) == "cpu"
    assert torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize("name", ["gpu", "cuda:1", ""])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="expected auto, cpu or cuda"):
        pick_device(name)


def test_missing_gpu_is_no_silent_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="no CUDA device"):
        pick_device("cuda")


class Claims(list[tuple[list[str], int]]):
    """What `claim` was asked for; it gives the last GPU."""

    def claim(self, names: Sequence[str], jobs: int) -> int:
        self.append((list(names), jobs))
        return len(names) - 1


@pytest.fixture
def claims(monkeypatch: pytest.MonkeyPatch) -> Iterator[Claims]:
    """A machine with three GPUs, in place of the real ones."""
    asked = Claims()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda number: SimpleNamespace(uuid=f"gpu-{number}"))
    monkeypatch.setattr(torch.cuda, "set_device", lambda number: None)
    monkeypatch.setattr(devices.gpus, "claim", asked.claim)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv("POSEATTN_JOBS_PER_GPU", raising=False)
    devices._own_gpu.cache_clear()
    yield asked
    devices._own_gpu.cache_clear()


@pytest.mark.parametrize("name", ["auto", "cuda"])
def test_one_of_several_gpus_is_claimed_once(name: str, claims: Claims) -> None:
    assert [pick_device(name), pick_device(name)] == [torch.device("cuda", 2)] * 2
    assert claims == [(["gpu-0", "gpu-1", "gpu-2"], 1)]


def test_the_cpu_claims_no_gpu(claims: Claims) -> None:
    assert pick_device("cpu") == torch.device("cpu")
    assert claims == []


def test_a_gpu_that_was_chosen_is_taken_as_it_is(claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "MIG-of-a-scheduler")
    marked: list[str] = []
    monkeypatch.setattr(devices.gpus, "mark", marked.append)
    assert pick_device("auto") == torch.device("cuda", 0)
    assert claims == [] and marked == ["gpu-0"]


def test_the_only_gpu_of_a_machine_is_claimed(claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert pick_device("auto") == torch.device("cuda", 0)
    assert claims == [(["gpu-0"], 1)]


def test_some_gpus_of_a_machine_are_shared_out(claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,3")
    monkeypatch.setenv("POSEATTN_JOBS_PER_GPU", "4")
    assert pick_device("auto") == torch.device("cuda", 1)
    assert claims == [(["gpu-0", "gpu-1"], 4)]


@pytest.mark.parametrize("jobs", ["0", "-1", "two", "", "\u0663", "1" + "0" * 20, "9" * 5000])
def test_no_number_of_jobs_is_refused(jobs: str, claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSEATTN_JOBS_PER_GPU", jobs)
    with pytest.raises(
        ValueError, match=f"POSEATTN_JOBS_PER_GPU: found '{jobs[:20]}', expected a number from 1 to 999"
    ):
        pick_device("auto")


@pytest.mark.gpu
def test_name_of_a_gpu_is_recorded() -> None:
    assert device_name(pick_device("cuda")).startswith("cuda (")


def test_threads_are_what_was_asked() -> None:
    set_threads(1)
    assert torch.get_num_threads() == 1
    with pytest.raises(ValueError, match="found 0"):
        set_threads(0)
