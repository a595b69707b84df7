"""Reading ahead: in order, in another thread, never further than asked."""

import threading
from collections.abc import Iterator

import pytest

from poseattn.background import read_ahead, read_many_ahead


def test_reading_ahead_runs_in_another_thread_and_stays_bounded() -> None:
    threads, taken = set(), []

    def source() -> Iterator[int]:
        for item in range(10):
            threads.add(threading.get_ident())
            taken.append(item)
            yield item

    found = []
    for item in read_ahead(source(), 3):
        assert len(taken) <= item + 4
        found.append(item)
    assert found == list(range(10))
    assert threading.get_ident() not in threads


def test_error_of_the_source_arrives() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise OSError("disk")

    items = read_ahead(source(), 2)
    assert next(items) == 1
    with pytest.raises(OSError, match="disk"):
        next(items)


def test_without_waiting_items_there_is_no_thread() -> None:
    def source() -> Iterator[int]:
        yield threading.get_ident()

    assert list(read_ahead(source(), 0)) == [threading.get_ident()]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_many_sources_at_once_come_in_order_and_stay_bounded(threads: int) -> None:
    taken: dict[int, int] = dict.fromkeys(range(4), 0)

    def source(number: int) -> Iterator[tuple[int, int]]:
        for item in range(6 if number != 2 else 0):
            taken[number] += 1
            yield number, item

    found = []
    for number, item in read_many_ahead((source(number) for number in range(4)), threads, 2):
        found.append((number, item))
        assert sum(count > 0 for count in taken.values()) <= number + threads
        assert all(taken[later] <= 2 for later in range(number + 1, 4))
    assert found == [(number, item) for number in (0, 1, 3) for item in range(6)]


def test_sources_are_read_side_by_side() -> None:
    """Each of two sources waits for the other: one after the other would never end."""
    barrier = threading.Barrier(2, timeout=10)

    def source(number: int) -> Iterator[int]:
        barrier.wait()
        yield number

    assert list(read_many_ahead([source(0), source(1)], 2, 1)) == [0, 1]


def test_error_of_one_of_many_sources_arrives_and_threads_end() -> None:
    def source(number: int) -> Iterator[int]:
        yield number
        if number == 1:
            raise OSError("disk")

    before = threading.active_count()
    with pytest.raises(OSError, match="disk"):
        list(read_many_ahead((source(number) for number in range(9)), 3, 2))
    assert threading.active_count() == before
