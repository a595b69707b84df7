"""Do work in further threads while the caller is busy with finished work."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import Any


def read_ahead(items: Iterable[Any], ahead: int) -> Iterator[Any]:
    """Take items in a second thread before they are asked for.

    Args:
        items: Where they come from, such as a generator that reads them.
        ahead: How many may wait; with 0 each is taken when it is asked for, without a thread.

    Yields:
        The items in order.
    """
    if ahead == 0:
        yield from items
        return
    with closing(_Reader(items, ahead)) as reader:
        yield from reader


def read_many_ahead(sources: Iterable[Iterable[Any]], threads: int, ahead: int) -> Iterator[Any]:
    """Take items of several sources at the same time, each source in a thread of its own.

    The items and their order are the same for any number of threads, and for threads of any speed.

    Args:
        sources: Where the items come from, such as generators that decode one file each.
        threads: How many sources are under way, at least 1; the next source begins when the first one has ended.
        ahead: How many items of each source may wait, at least 1.

    Yields:
        The items of the first source in order, then the items of the second source, and so on.
    """
    readers = (_Reader(source, ahead) for source in sources)
    under_way = deque(islice(readers, threads))
    try:
        while under_way:
            yield from under_way[0]
            under_way.popleft().close()
            under_way.extend(islice(readers, 1))
    finally:
        for reader in under_way:
            reader.close()


class _Reader:
    """Items of a source, taken in a thread from now on, whether they are asked for or not."""

    def __init__(self, source: Iterable[Any], ahead: int) -> None:
        self._source, self._end = iter(source), object()
        self._thread = ThreadPoolExecutor(1)
        self._waiting = deque(self._take() for _ in range(ahead))

    def __iter__(self) -> Iterator[Any]:
        while (item := self._waiting.popleft().result()) is not self._end:
            self._waiting.append(self._take())
            yield item

    def close(self) -> None:
        """Take no more items, and wait for the items that are being taken."""
        self._thread.shutdown(cancel_futures=True)

    def _take(self) -> Future[Any]:
        return self._thread.submit(next, self._source, self._end)
