"""Whether a file lacks bytes that its container counts: frames would be grey or missing.

AVI, MP4, MKV and WebM files count them.
"""

from poseattn.video.frames import VideoError
from poseattn.video.source import Source

_SIZE_UNKNOWN = (0, 0xFFFFFFFF)  # of a RIFF file whose writer could not go back to its header
_MATROSKA = b"\x1a\x45\xdf\xa3"  # first bytes of MKV and WebM files


def check_size(file: Source) -> None:
    """Refuse a file that is cut off.

    Args:
        file: The file; its place moves.

    Raises:
        VideoError: The container counts more bytes than there are.
    """
    size = file.size
    file.seek(0)
    head = file.read(12)
    media_end = _end_of_media(file) if head[4:8] == b"ftyp" else 0
    media_end = _end_of_segment(file) if head[:4] == _MATROSKA else media_end
    stated = int.from_bytes(head[4:8], "little")
    if head[:4] == b"RIFF" and stated not in _SIZE_UNKNOWN and stated + 8 > size:
        raise VideoError(f"the file is cut off after {size} of {stated + 8} bytes")
    if media_end > size:
        raise VideoError(f"the file is cut off after {size} bytes, its pictures end at {media_end}")


def _end_of_media(file: Source) -> int:
    """Byte of an MP4 file at which its frames end, as their box states; 0 if it does not."""
    start = length = 0
    name = b""
    while name != b"mdat":
        start += length
        file.seek(start)
        head = file.read(16)
        length, name = int.from_bytes(head[:4], "big"), head[4:8]
        if length == 1:  # the real one follows the name
            length = int.from_bytes(head[8:], "big")
        if length < 8:  # the end of the file, or a box that reaches as far as that
            return 0
    return start + length


def _end_of_segment(file: Source) -> int:
    """Byte of an MKV or WebM file at which its segment ends, the element after the header; 0 if it does not say."""
    end = 0
    for _ in range(2):  # each element: 4 bytes of name, its length, and what it holds
        file.seek(end + 4)
        head = file.read(8)
        n_bytes = 9 - int.from_bytes(head[:1], "big").bit_length()  # of the length: leading zero bits, and 1
        length, most = int.from_bytes(head[:n_bytes], "big"), 1 << 7 * n_bytes
        if n_bytes > len(head) or length % most == most - 1:  # all ones: not known
            return 0
        end += 4 + n_bytes + length % most
    return end
