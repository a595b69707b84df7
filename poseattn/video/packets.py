"""What the bytes of one packet say before it is decoded."""

from typing import Any

_DUMMY = 19  # bytes of the largest MPEG-4 packet that only says "no picture here" (packed B-frames of DivX and Xvid)
# Their pictures are numbers to the last byte, in which zeros never follow one another; at the end they only pad it.
_CODED_WHOLE, _ZEROS = {"vp8", "vp9"}, bytes(64)


def may_be_silent(codec: str, packet: Any) -> bool:
    """Tell whether an intact packet may have no frame of its own.

    Args:
        codec: FFmpeg's name of the codec.
        packet: Of PyAV.

    Returns:
        Whether it may.
    """
    if codec == "mpeg4":
        return packet.size <= _DUMMY
    if codec not in ("vp8", "vp9"):
        return False
    head, last = bytes(memoryview(packet)[:6]), memoryview(packet)[-1]
    if codec == "vp8":  # a key frame has a start code
        return not head[0] & 0x10 and (head[0] & 1 == 1 or head[3:] == b"\x9d\x01\x2a")
    shown = head[0] & 0x0A if head[0] & 0x30 != 0x30 else head[0] & 0x05  # profile 3 has one bit more before
    # no superframe, which has a shown frame among hidden ones; every frame begins with the bits 10
    return not shown and last & 0xE0 != 0xC0 and head[0] & 0xC0 == 0x80


def is_zeroed(codec: str, packet: Any) -> bool:
    """Tell whether zeros stand in a packet where an encoder writes none.

    Args:
        codec: FFmpeg's name of the codec.
        packet: Of PyAV.

    Returns:
        Whether they do; only codecs of which it is certain have such packets.
    """
    return codec in _CODED_WHOLE and _ZEROS in bytes(packet).rstrip(b"\0")
