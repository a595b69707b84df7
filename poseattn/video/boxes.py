"""Boxes of MP4 and MOV: where the last of them ends, and whether bytes of it are missing."""

from typing import NamedTuple

from poseattn.video.source import Source

BOXES = frozenset(
    b"ftyp moov mdat imda moof mfra free skip wide pnot PICT uuid styp sidx ssix prft emsg pdin meta udta".split()
)
_HEADER, _WIDE = 8, 16  # bytes before the content of a box; of one whose size has 64 bits
_LISTED = 1 << 16  # bytes of a segment index that are read
_COPYRIGHT = 0xA9  # QuickTime's names may begin with it


class Extent(NamedTuple):
    """What a container says about its end: the byte where it lies (0: nothing is said), or why it looks cut off."""

    end: int
    doubt: str = ""


class _Box(NamedTuple):
    """Head of a box: its bytes in all (0: to the end of the file), and its name, of which the last bytes may lack."""

    size: int
    name: bytes


def extent_of_boxes(file: Source, head: bytes) -> Extent:
    """Walk the boxes of MP4 or MOV, one after the other; some of them say how much follows.

    What follows a whole movie and is no box, such as zeros or a note of some tool, is only in doubt.

    Args:
        file: The file; its place moves.
        head: The first bytes; not used.

    Returns:
        Its end.
    """
    at, listed, names = 0, 0, [b""]  # listed: where the segments of an index end
    while at < file.size:
        box = _box(file, at)
        is_whole = {b"moov", b"mdat"} <= set(names)
        if is_whole and not _is_box(box, file.size - at):
            return Extent(listed, behind_the_last("box", file.size - at))
        if box.size == 0:
            return Extent(listed)
        if box.size < _HEADER:
            return Extent(listed, f"no box of MP4 begins at byte {at}")
        if box.name == b"sidx":
            listed = max(listed, at + _referenced(read_at(file, at, min(box.size, _LISTED))))
        names.append(box.name)
        at += box.size
    if [name for name in names if name in (b"moof", b"mdat", b"imda")][-1:] == [b"moof"]:
        at += _HEADER  # its data are to follow
    unmarked = b"moof" in names and not {b"mfra", b"sidx"} & set(names)
    return Extent(max(at, listed), "fragments of MP4 whose end nothing marks" if unmarked else "")


def behind_the_last(part: str, count: int) -> str:
    """Doubt about bytes that belong to nothing in a container.

    Args:
        part: What the container is made of.
        count: Bytes.

    Returns:
        The doubt in words.
    """
    return f"{count} byte{'s' * (count > 1)} behind the last {part}"


def read_at(file: Source, at: int, count: int) -> bytes:
    """Read some bytes of a file.

    Args:
        file: The file; its place moves.
        at: First byte; the beginning of the file if it is negative.
        count: Bytes at most.

    Returns:
        The bytes.

    Raises:
        OSError: The file cannot be read.
    """
    file.seek(max(at, 0))
    content = file.read(count)
    file.check()
    return content


def _box(file: Source, at: int) -> _Box:
    """The box at a place; its head may be cut off, then its size is that of a head."""
    head = read_at(file, at, _WIDE)
    size, is_wide = int.from_bytes(head[:4], "big"), head[:4] == b"\0\0\0\1"
    if len(head) < (_WIDE if is_wide else _HEADER):
        size = _WIDE if is_wide else _HEADER
    elif is_wide:
        size = int.from_bytes(head[8:], "big")
    return _Box(size, head[4:8])


def _is_box(box: _Box, left: int) -> bool:
    """Whether a box begins where so many bytes are left: it has a known name, or another name and room."""
    if any(name.startswith(box.name) for name in BOXES) and box.name:
        return box.size == 0 or box.size >= _HEADER
    is_name = len(box.name) == 4 and all(32 <= byte < 127 or byte == _COPYRIGHT for byte in box.name)
    return is_name and _HEADER <= box.size <= left


def _referenced(box: bytes) -> int:
    """Bytes from the beginning of a segment index to the end of the segments that it lists."""
    wide = box[8] > 0
    first = int.from_bytes(box[28:36] if wide else box[24:28], "big")
    at = 36 if wide else 28
    count = int.from_bytes(box[at + 2 : at + 4], "big")
    entries = [int.from_bytes(box[at + 4 + 12 * index :][:4], "big") & 0x7FFFFFFF for index in range(count)]
    return int.from_bytes(box[:4], "big") + first + sum(entries)
