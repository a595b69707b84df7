"""Work done in a second thread while the caller is busy with what is there already."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
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
    source, end = iter(items), object()
    with ThreadPoolExecutor(1) as thread:
        waiting = deque(thread.submit(next, source, end) for _ in range(ahead))
        while (item := waiting.popleft().result()) is not end:
            waiting.append(thread.submit(next, source, end))
            yield item
