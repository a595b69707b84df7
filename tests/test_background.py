"""Reading ahead: in order, in another thread, never further than asked."""

import threading
from collections.abc import Iterator

import pytest

from poseattn.background import read_ahead


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
