"""A name that does not exist, and the names that are near it."""

import difflib
from collections.abc import Iterable

_MOST = 8  # names that a sentence lists


def no_such(word: str, name: str, known: Iterable[str], where: str = "") -> str:
    """Say that there is no such name, and which names are near it; the first names where none is.

    Args:
        word: Kind of the name, such as "table".
        name: The name.
        known: Names of that kind.
        where: What has the names, with a space before it; empty if that is clear.

    Returns:
        A sentence such as `no table 'ntu_table4'; there are ntu_table1, ntu_table2 and 5 more`.
    """
    names = sorted(known)
    shown = sorted(difflib.get_close_matches(name, names, n=_MOST)) or names[:_MOST]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    there_are = f"there are {', '.join(shown)}{more}" if names else "there is none"
    return f"no {word} {name!r}{where}; {there_are}"
