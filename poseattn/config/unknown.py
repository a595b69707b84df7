"""Sentences about names that do not exist, and the names that are near them."""

import difflib
from collections.abc import Iterable

_MOST = 8  # names that a sentence lists
_WORDS = {  # sections, and kinds of names that are no section -> word for one of them
    "raw": "data set",
    "datasets": "data set",
    "tables": "table",
    "runs": "run",
    "scored": "run",
    "models": "model",
    "backbones": "backbone",
    "weights": "weights",
    "images": "images",
}


def word_of(section: str) -> str:
    """Return the word for an entry of a section: a section without a word of its own has recipes."""
    return _WORDS.get(section, f"recipe of {section}")


def no_such(word: str, name: object, known: Iterable[str], where: str = "") -> str:
    """Say that there is no such name, and which names are near it; the first names where none is.

    Args:
        word: Kind of the name, such as "table".
        name: The name.
        known: Names of that kind.
        where: What has the names, with a space before it; empty if that is clear.

    Returns:
        A sentence such as `no table 'ntu_table4'; there are ntu_table1, ntu_table2 and 5 more`.
    """
    return f"no {word} {name!r}{where}; {there_are(known, str(name))}"


def there_are(known: Iterable[str], name: str = "") -> str:
    """Say which names there are: the names near another name, or the first names where none is."""
    names = sorted(known)
    shown = sorted(difflib.get_close_matches(name, names, n=_MOST)) or names[:_MOST]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"there are {', '.join(shown)}{more}" if names else "there is none"


def meant(found: Iterable[str], known: Iterable[str]) -> str:
    """Name what was probably meant.

    Args:
        found: Names that nobody knows.
        known: Names that there are.

    Returns:
        ` (did you mean ...?)` with the known names that are most like them; empty if none is like any.
    """
    known = list(known)
    near = [name for one in found for name in difflib.get_close_matches(one, known, n=1)]
    return f" (did you mean {', '.join(near)}?)" if near else ""
