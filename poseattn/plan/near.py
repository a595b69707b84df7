"""A name that does not exist, and the names that are near it."""

import difflib
from collections.abc import Iterable

_MOST = 8  # names that a sentence lists


def no_such(word: str, name: str, known: Iterable[str], where: str = "") -> str:
    """Say that there is no such name, and which names there are, the nearest ones first.

    Args:
        word: Kind of the name, such as "table".
        name: The name.
        known: Names of that kind.
        where: What has the names, with a space before it; empty if that is clear.

    Returns:
        A sentence such as `no table 'ntu_table4'; there are ntu_table3, ntu_table2`.
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=_MOST)
    shown = [*near, *(one for one in names if one not in near)][:_MOST]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    there_are = f"there are {', '.join(shown)}{more}" if names else "there is none"
    return f"no {word} {name!r}{where}; {there_are}"
