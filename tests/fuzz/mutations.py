"""Hypothesis strategies that damage valid files: their bytes, the words of texts, and the entries of trees."""

import copy
import re
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

_POWERS = (7, 8, 15, 16, 24, 31, 32, 62, 63, 64)
_NUMBERS = (0, 1, 2, *(2**power - 1 for power in _POWERS), *(2**power for power in _POWERS))
_PLAIN = (
    b"0 -1 1e999 -1e999 nan inf 1_0 0x10 true null [] {} \" ' \\ , ../../x /etc/passwd .. . / a/b a\\b = =1 | + * %s%n"
    b" $(id) &a; < > - .avi _ train test"
)
_WORDS = [*_PLAIN.split(b" "), b"", b" ", b"9" * 20, b"9" * 5000, b"x" * 300, b"[" * 2000]
_WORDS += [b"\t", b"\n", b"\r", b"\r\n", b"\x0b", b"\x1c", b"\0", b"\x1b[31m", b"\x85", b"\xff\xfe", b"\xed\xa0\x80"]
_WORDS += [sign.encode() for sign in ("\u00b2", "\u0663", "\u2028", "\ufeff")]
_WORDS += [b"<!DOCTYPE a>", b'<?xml version="1.0" encoding="utf-7"?>', b'<?xml version="1.0" encoding="zip"?>']
_VALUES = [None, True, False, 0, -1, 1.5, 10**400, 1e308, float("nan"), float("inf"), 2**63, -(2**63)]
_VALUES += ["", "0", "x", "../../x", "a/b", "a\tb", "a\nb", "\0", "\ud800", "\u2028", "9" * 5000, "x" * 300]
_VALUES += [[], {}, [[]], [1, 2], ["a", "b"], ["1", "2"], [None, None], {"a": 1}, {"": {}}, [[[[[]]]]]]
_WORD = re.compile(rb"[A-Za-z0-9_.+/-]+")
_PLACES = st.integers(0, 2**20)
_CHANGES = ("flip", "number", "cut", "drop", "double", "insert", "move")


def _changed(content: bytes, change: tuple[str, int, int, bytes]) -> bytes:
    """Bytes after one change at a place; half of the places are among the first 512 bytes."""
    kind, place, amount, piece = change
    at = place // 2 % (min(len(content), 512) if place % 2 else max(len(content), 1)) if content else 0
    length = 1 + amount % 16
    if kind == "flip":
        return content[:at] + bytes([content[at] ^ (amount % 255 + 1)]) + content[at + 1 :] if content else content
    if kind == "number":
        width, order = (1, 2, 4, 8)[amount % 4], ("little", "big")[amount // 4 % 2]
        number = _NUMBERS[amount // 8 % len(_NUMBERS)] % 256**width
        return content[:at] + number.to_bytes(width, order) + content[at + width :]
    if kind == "cut":
        return content[:at]
    if kind == "drop":
        return content[:at] + content[at + length :]
    if kind == "double":
        return content[: at + length] * 2 + content[at + length :]
    if kind == "insert":
        return content[:at] + piece + content[at:]
    return content[:at] + content[at + length :] + content[at : at + length]


def raw(seed: bytes) -> st.SearchStrategy[bytes]:
    """The file with a few bytes changed, or arbitrary bytes instead of it."""
    change = st.tuples(st.sampled_from(_CHANGES), _PLACES, st.integers(0, 2**16), st.binary(max_size=12))
    damaged = st.lists(change, min_size=1, max_size=5).map(lambda changes: _all(seed, changes, _changed))
    return st.one_of(damaged, damaged, damaged, st.binary(max_size=200))


def text(seed: bytes) -> st.SearchStrategy[bytes]:
    """The file with some words or lines changed, or some bytes."""
    word = st.tuples(st.sampled_from(("word", "before", "line", "twice")), _PLACES, st.sampled_from(_WORDS))
    damaged = st.lists(word, min_size=1, max_size=4).map(lambda changes: _all(seed, changes, _reworded))
    return st.one_of(damaged, damaged, damaged, raw(seed))


def _reworded(content: bytes, change: tuple[str, int, bytes]) -> bytes:
    kind, place, piece = change
    if kind in ("line", "twice"):
        lines = content.splitlines(keepends=True) or [b""]
        at = place % len(lines)
        return b"".join(lines[:at] + lines[at : at + 1] * (2 if kind == "twice" else 0) + lines[at + 1 :])
    words = list(_WORD.finditer(content))
    if not words:
        return piece + content
    found = words[place % len(words)]
    return content[: found.start()] + piece + content[found.end() if kind == "word" else found.start() :]


def tree(seed: Any) -> st.SearchStrategy[Any]:
    """Nested dictionaries and lists with some entries replaced, removed or renamed."""
    change = st.tuples(st.sampled_from(("set", "set", "remove", "rename", "copy")), _PLACES, st.sampled_from(_VALUES))
    return st.lists(change, min_size=1, max_size=4).map(lambda changes: _all(copy.deepcopy(seed), changes, _regrown))


def _regrown(content: Any, change: tuple[str, int, Any]) -> Any:
    kind, place, value = change
    slots = list(_slots(content))
    if not slots:
        return copy.deepcopy(value)
    holder, key = slots[place % len(slots)]
    if kind == "set":
        holder[key] = copy.deepcopy(value)
    elif kind == "remove":
        del holder[key]
    elif kind == "copy":
        other, name = slots[place // 7 % len(slots)]
        holder[key] = copy.deepcopy(other[name])
    elif isinstance(holder, dict):
        holder[str(value)[:400]] = holder.pop(key)
    return content


def _slots(content: Any) -> Any:
    """Every place in a tree, as what holds it and its key there."""
    keys = content if isinstance(content, dict) else range(len(content)) if isinstance(content, list) else ()
    for key in list(keys):
        yield content, key
        yield from _slots(content[key])


def _all(content: Any, changes: list[Any], change: Callable[[Any, Any], Any]) -> Any:
    for one in changes:
        content = change(content, one)
    return content
