"""Whether a file lacks bytes that its container counts, or may lack bytes that nothing counts.

AVI, MP4, Matroska, FLV, Ogg, ASF and MPEG-TS count their bytes in one way or another. What they count is refused where
it is missing. An end that is only unmarked is suspicious, as are bytes behind the end: the frames that are there are
used.
"""

import struct
from collections.abc import Callable
from pathlib import Path

from poseattn.video.boxes import BOXES, Extent, behind_the_last, extent_of_boxes, read_at
from poseattn.video.frames import VideoError
from poseattn.video.source import Source

# Containers and raw streams that are read. Playlists and scripts, such as hls, concat and sdp, are not among them.
FORMATS = (
    "avi,mov,mp4,matroska,webm,mpegts,mpeg,mpegvideo,flv,live_flv,ogg,asf,asf_o,h264,hevc,vvc,m4v,mjpeg,mjpeg_2000,"
    "gif,apng,nut,ivf,obu,av1,dv,mxf,rm,wtv,swf,yuv4mpegpipe,h261,h263,vc1,vc1test,cavsvideo,avs2,avs3,dirac,dnxhd,nsv,"
    "nuv,dhav,amv,4xm,bink,smk,roq,flic,gxf,lxf,pva,ty,viv,xmv,dxa,film_cpk,idcin,mlv,mv,webp,jpegxl_anim,avif"
)
_UNKNOWN = (0, 0xFFFFFFFF)  # size of a RIFF chunk whose writer could not go back to its header
_TS_PACKETS = {0: 188, 4: 192}  # offset of the first sync byte of MPEG-TS -> bytes of a packet
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_HEAD, _TAIL = 1 << 16, 1 << 17  # bytes that are read of the beginning and of the end
_SECTOR = 2048  # bytes, of which packs of MPEG-PS have a multiple as a rule
_LATE = 2.0  # seconds by which the last tag of an FLV file may come before the end that its metadata state


def check_size(file: Source) -> None:
    """Refuse a file that is cut off.

    Args:
        file: The file; its place moves.

    Raises:
        VideoError: The container counts more bytes than there are.
        OSError: The file cannot be read.
    """
    end = _extent(file).end
    if end > file.size:
        raise VideoError(f"the file is cut off after {file.size} of {end} bytes")


def suspicious(path: Path) -> str:
    """Why a file may be cut off though nothing in it counts what is missing, or what it has behind its end.

    Args:
        path: The file.

    Returns:
        The reason; empty if there is none.

    Raises:
        VideoError: The path is no regular file, or the file is empty.
        OSError: The file cannot be read.
    """
    file = Source(path)
    try:
        return _extent(file).doubt
    finally:
        file.close()


def _extent(file: Source) -> Extent:
    head = read_at(file, 0, _HEAD)
    kinds: list[tuple[bool, Callable[[Source, bytes], Extent]]] = [
        (head[:4] == b"RIFF", _riff),
        (head[4:8] in BOXES, extent_of_boxes),
        (head[:4] == b"\x1a\x45\xdf\xa3", _segment),
        (head[:3] == b"FLV", _flv),
        (head[:4] == b"OggS", _ogg),
        (head[:16] == _ASF, _asf),
        (head[:4] == b"\0\0\1\xba", _program_stream),
        (_packet_of(head) > 0, _transport_stream),
    ]
    return next((find(file, head) for applies, find in kinds if applies), Extent(0))


def _riff(file: Source, head: bytes) -> Extent:
    """AVI: chunks RIFF, one after the other."""
    at = 0
    while (chunk := read_at(file, at, 8))[:4] == b"RIFF" and len(chunk) == 8:
        size = int.from_bytes(chunk[4:], "little")
        if size in _UNKNOWN:
            return Extent(0, "the AVI header states no size: its writer did not finish")
        at += 8 + size
    return Extent(at)  # behind it, genuine videos of HMDB51 have some hundred bytes


def _segment(file: Source, head: bytes) -> Extent:
    """Matroska and WebM: the segment, which is the element after the header."""
    end = 0
    for _ in range(2):  # each element: 4 bytes of name, its length, and what it holds
        length_at = read_at(file, end + 4, 8)
        n_bytes = 9 - int.from_bytes(length_at[:1], "big").bit_length()  # of the length: leading zero bits, and 1
        length, most = int.from_bytes(length_at[:n_bytes], "big"), 1 << 7 * n_bytes
        if n_bytes > len(length_at) or length % most == most - 1:  # all ones: not known
            return Extent(0)
        end += 4 + n_bytes + length % most
    return Extent(end)


def _flv(file: Source, head: bytes) -> Extent:
    """FLV: numbers of its metadata, and the time of the last tag."""
    stated = {}
    for name in (b"\0\x08filesize\0", b"\0\x08duration\0"):
        at = head.find(name)
        stated[name] = struct.unpack(">d", head[at + 11 : at + 19])[0] if 0 <= at <= len(head) - 19 else 0.0
    size, duration = (value if value == value and value < 1e15 else 0.0 for value in stated.values())
    if size > file.size:
        return Extent(int(size))
    length = int.from_bytes(read_at(file, file.size - 4, 4), "big")
    tag = read_at(file, file.size - 4 - length, 8) if 11 <= length < file.size - 4 else b""
    if len(tag) < 8 or int.from_bytes(tag[1:4], "big") + 11 != length:
        return Extent(0, "the last tag of FLV is not whole")
    last = int.from_bytes(tag[7:8] + tag[4:7], "big") / 1000
    return Extent(0, f"FLV states {duration:.1f} s, its last tag is at {last:.1f} s" if duration > last + _LATE else "")


def _ogg(file: Source, head: bytes) -> Extent:
    """Ogg: the last page, which says how long it is and whether it is the last."""
    start = max(file.size - _TAIL, 0)
    tail = read_at(file, start, _TAIL)
    at = tail.rfind(b"OggS")
    page = tail[at:] if at >= 0 else b""
    if len(page) < 27 or len(page) < 27 + page[26]:
        return Extent(file.size + 1)
    end = start + at + 27 + page[26] + sum(page[27 : 27 + page[26]])
    return Extent(end, "" if page[5] & 4 else "the last page of Ogg is not marked as the last")


def _asf(file: Source, head: bytes) -> Extent:
    """ASF and WMV: the file properties, unless the file is a broadcast."""
    at = head.find(_ASF_PROPERTIES)
    if at < 0 or len(head) < at + 92 or head[at + 88] & 1:
        return Extent(0)
    return Extent(int.from_bytes(head[at + 40 : at + 48], "little"))


def _program_stream(file: Source, head: bytes) -> Extent:
    """MPEG-PS: the code at its end, before which zeros may stand; many genuine files have none, but whole packs."""
    is_whole = head.find(head[:4], 4) % _SECTOR or file.size % _SECTOR == 0
    ended = is_whole or read_at(file, file.size - _HEAD, _HEAD).rstrip(b"\0").endswith(b"\0\0\1\xb9")
    return Extent(0, "" if ended else "the last pack of MPEG-PS is not whole, and no end code follows")


def _packet_of(head: bytes) -> int:
    """Bytes of a packet of MPEG-TS; 0 if the file is none."""
    for offset, size in _TS_PACKETS.items():
        places = range(offset, min(len(head), 5 * size), size)
        if len(places) > 1 and all(head[place] == 0x47 for place in places):
            return size
    return 0


def _transport_stream(file: Source, head: bytes) -> Extent:
    """MPEG-TS: whole packets, each of which begins with a sync byte; nothing says how many."""
    size = _packet_of(head)
    sync = next(offset for offset, packet in _TS_PACKETS.items() if packet == size)
    last = (file.size - sync - 1) // size * size
    first = max(last - _TAIL // size * size, 0)
    tail = read_at(file, first, _TAIL + size)
    end = next((at + size for at in range(last, first - 1, -size) if tail[at + sync - first] == 0x47), 0)
    return Extent(end, behind_the_last("packet of MPEG-TS", file.size - end) if 0 < end < file.size else "")
