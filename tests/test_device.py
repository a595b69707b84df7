"""Devices and threads."""

from collections.abc import Iterator

import pytest
import torch

from poseattn.device import device_name, pick_device, set_threads


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


@pytest.mark.gpu
def test_name_of_a_gpu_is_recorded() -> None:
    assert device_name(pick_device("cuda")).startswith("cuda (")


def test_threads_are_what_was_asked() -> None:
    set_threads(1)
    assert torch.get_num_threads() == 1
    with pytest.raises(ValueError, match="found 0"):
        set_threads(0)
