"""Placed values as lines of YAML, each with the place where its value was written."""

from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from poseattn.config.placed import Place, Placed, plain

Line = tuple[str, Place | None]
_WIDEST = 48  # characters before a place, where a line is not longer


def join(lines: Iterable[Line]) -> Iterator[str]:
    """Write each place behind its line, one below the other.

    Args:
        lines: Texts and their places.

    Yields:
        The lines.
    """
    lines = list(lines)
    width = min(_WIDEST, max((len(text) for text, place in lines if place), default=0))
    for text, place in lines:
        yield f"{text:<{width}}  # {place}" if place else text


def lines_of(values: dict[Any, Placed], indent: str = "") -> Iterator[Line]:
    """Write values by key as YAML.

    Args:
        values: Placed values.
        indent: Spaces before each line.

    Yields:
        A line for each value, and a line without a place for each key with more keys below it.
    """
    for key, placed in values.items():
        if isinstance(placed.value, dict) and placed.value:
            yield f"{indent}{_text(key)}:", None
            yield from lines_of(placed.value, indent + "  ")
        elif isinstance(placed.value, list) and any(isinstance(one.value, dict) for one in placed.value):
            yield f"{indent}{_text(key)}:", None
            yield from _items(placed.value, indent + "  ")
        else:
            yield f"{indent}{_text(key)}: {_text(plain(placed))}", placed.place


def _items(items: Iterable[Placed], indent: str) -> Iterator[Line]:
    for item in items:
        lines = list(lines_of(item.value, indent + "  "))
        yield f"{indent}- {lines[0][0].strip()}", lines[0][1]
        yield from lines[1:]


def _text(value: Any) -> str:
    """Write a value in one line of YAML."""
    text = yaml.safe_dump(value, default_flow_style=True, width=10**6, allow_unicode=True)
    return text.removesuffix("\n").removesuffix("\n...")
