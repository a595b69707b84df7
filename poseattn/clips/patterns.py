"""Parse patterns of raw files, such as `nturgb+d_rgb/*_rgb.avi`; `poseattn.clips.listing.scan` explains them."""

import os
from typing import NamedTuple


class Pattern(NamedTuple):
    """A pattern in parts.

    Attributes:
        folder: Where files or folders are looked for.
        is_deep: Whether folders below it count.
        prefix: Text before the `*`.
        suffix: Text after it.
        inside: Text after the name that the `*` stands for: empty for a folder, the name of a file in the folder; None
            if the `*` stands in the name of a file.
    """

    folder: str
    is_deep: bool
    prefix: str
    suffix: str
    inside: str | None


def parse_pattern(pattern: str) -> Pattern:
    """Take a pattern apart.

    Args:
        pattern: Text with a `*`, or the path of a file.

    Returns:
        Its parts; of a path the folder and the name.
    """
    begin, star, end = pattern.partition("*")
    if not star:
        return Pattern(os.path.dirname(pattern), False, os.path.basename(pattern), "", None)
    is_deep = end.startswith("*/")
    if is_deep:
        begin, _, end = f"{begin}{end[2:]}".partition("*")
    suffix, slash, inside = end.partition("/")
    return Pattern(os.path.dirname(begin), is_deep, os.path.basename(begin), suffix, inside if slash else None)
