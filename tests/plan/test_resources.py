"""What jobs ask for, by the kind of their data set; tests/workflow/test_resources.py asks every rule."""

from types import SimpleNamespace

import pytest

from poseattn.plan.resources import Resources, growing, longer, memory

from .toy import plan

STANDIN, REAL = SimpleNamespace(dataset="videos_synthetic"), SimpleNamespace(dataset="films")


@pytest.mark.parametrize(("device", "gpus"), [("auto", 1), ("cuda", 1), ("cpu", 0)])
def test_stand_ins_run_on_the_cpu_with_one_thread(device: str, gpus: int) -> None:
    resources = Resources(device)
    asked = [
        (resources.device(name), resources.gpus(name), resources.threads(name)) for name in ("films", "x_synthetic")
    ]
    assert asked == [(device, gpus, 4), ("cpu", 0, 1)]


def test_flow_asks_for_a_gpu_and_threads_only_where_a_network_computes_it() -> None:
    flow = plan().flow
    assert [(flow.device(r, "films"), flow.gpus(r, "films"), flow.threads(r, "films")) for r in ("dis", "raft")] == [
        ("cpu", 0, 1),
        ("auto", 1, 4),
    ]
    assert (flow.device("raft", "videos_synthetic"), flow.gpus("raft", "videos_synthetic")) == ("cpu", 0)


def test_later_attempts_ask_for_more() -> None:
    """Of time never more than two days, the longest that partitions have."""
    assert [growing(2000)(STANDIN, attempt) for attempt in (1, 2, 3)] == [2000, 4000, 6000]
    assert [memory(2000, 8000)(kind, 2) for kind in (STANDIN, REAL)] == [4000, 16000]
    assert [longer(1200)(REAL, attempt) for attempt in (1, 2, 3)] == [1200, 2400, 2880]
