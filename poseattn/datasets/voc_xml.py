"""Annotations of images as Pascal VOC writes them: XML with the box of each object."""

import math
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

import numpy as np
from jaxtyping import Float

from poseattn.reading import read_input

_LARGEST = 1e6  # pixels
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


def read_box(path: Path) -> tuple[Float[np.ndarray, " 4"], tuple[int, int]]:
    """Box of the first object in an image.

    Args:
        path: XML file. A document type, by which a small file could grow without bounds, is refused.

    Returns:
        Left, top, right and bottom in pixels from the edges of the image, whose first pixel is 1 in the file; and rows
        and columns of the image.

    Raises:
        ValueError: The file is no such annotation, or the box has no area.
        OSError: It cannot be read.
    """
    root = _parse(read_input(path))
    rows, cols = (_number(root, f"size/{name}") for name in ("height", "width"))
    left, top, right, bottom = (_number(root, f"object/bndbox/{name}") for name in _CORNERS)
    if not (left < right and top < bottom):
        raise ValueError(f"box {left:g}, {top:g}, {right:g}, {bottom:g} has no area")
    if min(rows, cols) < 1:
        raise ValueError(f"size is {rows:g} x {cols:g}, expected pixels")
    return np.array([left - 1, top - 1, right, bottom], np.float32), (int(rows), int(cols))


def _parse(content: bytes) -> ElementTree.Element:
    """The tree, of a document without a type and hence without entities of its own."""

    def refuse(*declaration: object) -> None:
        raise ValueError("it declares a document type, which annotations do not need")

    guard = expat.ParserCreate()
    guard.StartDoctypeDeclHandler = refuse
    try:
        guard.Parse(content, True)
        return ElementTree.fromstring(content)
    except (expat.ExpatError, ElementTree.ParseError, LookupError) as error:  # the last of an unknown encoding
        raise ValueError(f"no XML, or cut off: {error}") from error


def _number(root: ElementTree.Element, place: str) -> float:
    text = root.findtext(place)
    try:
        number = float(text)
    except (TypeError, ValueError):
        number = math.nan
    if not abs(number) < _LARGEST:
        raise ValueError(f"{place} is {text!r}, expected a number of pixels")
    return number
