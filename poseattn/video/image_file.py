"""One image file, read as a whole or refused: what is cut off never becomes grey rows."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from poseattn.reading import read_input, system_fault
from poseattn.video.frames import VideoError
from poseattn.video.opencv import MOST_PIXELS, cv2

_ROOM = 12  # bytes for each pixel that OpenCV needs while it decodes an image, and some to spare
_PNG, _FRAME = b"\x89PNG\r\n\x1a\n", 12  # what a PNG file begins with; bytes around the content of each of its pieces
_JPEG, _SCAN = b"\xff\xd8", b"\xff\xda"  # what a JPEG begins with, and what each pass through all of its pixels does
_MOST_SCANS = 256  # progressive images have about ten


def read_image(path: Path, mode: int) -> np.ndarray:
    """Read an image.

    Args:
        path: The file.
        mode: Flags of OpenCV, such as `cv2.IMREAD_COLOR`.

    Returns:
        (row, col, bgr) uint8.

    Raises:
        VideoError: The bytes are no whole image.
        OSError: The system does not give them.
        MemoryError: There is no memory for its pixels.
    """
    try:
        content = read_input(path)
    except ValueError as error:
        raise VideoError(str(error)) from error
    if content[:2] == _JPEG and (scans := content.count(_SCAN)) > _MOST_SCANS:  # few bytes each, and all pixels
        raise VideoError(f"{path.name} has {scans} scans, expected at most {_MOST_SCANS}")
    try:
        levels = np.frombuffer(content, np.uint8)
        image = None if not content or _is_cut_off(content) else cv2.imdecode(levels, mode)
    except cv2.error as error:  # it states more pixels than any image has
        if fault := system_fault(error, path):
            raise fault from error
        raise VideoError(f"{path.name} is no image that OpenCV reads: {' '.join(str(error).split())[:200]}") from error
    if image is None:
        _check_memory(path, content)
        raise VideoError(f"{path.name} is no image, or cut off after {len(content)} bytes")
    return image


def _check_memory(path: Path, content: bytes) -> None:
    """Tell whether there is the memory to decode an image: OpenCV says the same of damage and of no memory."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            width, height = image.size
    except MemoryError:
        raise
    except Exception:  # the readers of some forty formats raise whatever a damaged file leads them to
        return
    try:
        np.empty(_ROOM * min(width * height, MOST_PIXELS), np.uint8)  # asks for the room without using it
    except MemoryError:
        raise MemoryError(f"{path}: out of memory, at {width} x {height} pixels") from None


def _is_cut_off(content: bytes) -> bool:
    """Whether a PNG file has fewer bytes than its pieces say, for which OpenCV would make room nevertheless."""
    at = len(_PNG)
    if content[:at] != _PNG:
        return False
    while at + _FRAME <= len(content):
        length, name = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        at += _FRAME + length
        if name == b"IEND":
            return at > len(content)
    return True
