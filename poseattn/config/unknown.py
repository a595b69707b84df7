"""Sentences about names that the configuration does not know."""

import difflib
from collections.abc import Iterable


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


def among(found: object, kind: str, known: Iterable[str]) -> str:
    """Say that a name is none of those that there are.

    Args:
        found: The name.
        kind: What the names are of, in the plural.
        known: Names that there are.

    Returns:
        The sentence.
    """
    known = sorted(known)
    return f"{found!r} is not one of the {kind}: {', '.join(known)}{meant([str(found)], known)}"
