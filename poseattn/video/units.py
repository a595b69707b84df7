"""Units of H.264 and HEVC streams, and the few numbers of their parameter sets that slices need."""

from collections.abc import Iterator

_MOST_SETS = 4096  # bytes of a parameter set that are read
_HIGH = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}  # profiles of H.264 with a chroma format


class Bits:
    """Bits of a unit, without the bytes that keep start codes out of it.

    Args:
        unit: Its bytes; only the first few thousand are read.
    """

    def __init__(self, unit: bytes) -> None:
        content = unit[:_MOST_SETS].replace(b"\0\0\3", b"\0\0")
        self._value, self._left = int.from_bytes(content, "big"), 8 * len(content)

    def u(self, count: int) -> int:
        """Unsigned number.

        Args:
            count: Its bits.

        Returns:
            The number.

        Raises:
            ValueError: There are fewer bits.
        """
        self._left -= count
        if self._left < 0:
            raise ValueError("no more bits")
        return self._value >> self._left & (1 << count) - 1

    def ue(self) -> int:
        """Read an unsigned number in an exponential Golomb code."""
        zeros = 0
        while not self.u(1):
            zeros += 1
        return (1 << zeros) - 1 + self.u(zeros)


def configured(extradata: bytes, is_hevc: bool) -> Iterator[bytes]:
    """Units of an AVC or HEVC configuration.

    Args:
        extradata: The configuration (ISO/IEC 14496-15).
        is_hevc: Which of both.

    Yields:
        Parameter sets and other units.
    """
    at, groups = (23, extradata[22]) if is_hevc else (5, 2)
    for group in range(groups):
        if is_hevc:
            count, at = int.from_bytes(extradata[at + 1 : at + 3], "big"), at + 3
        else:
            count, at = extradata[at] & (0xFF if group else 31), at + 1
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2], "big")
            yield extradata[at + 2 : at + 2 + size]
            at += 2 + size
        if at >= len(extradata):
            return


def of_lengths(packet: bytes | memoryview, length: int) -> Iterator[bytes]:
    """Beginnings of the units of a packet, each after its length.

    Args:
        packet: Its bytes.
        length: Bytes of a length.

    Yields:
        At most the first few thousand bytes of each unit.
    """
    view, at = memoryview(packet), 0
    while at + length < len(view):
        size = int.from_bytes(view[at : at + length], "big")
        at += length
        yield bytes(view[at : at + min(size, _MOST_SETS)])
        at += size


def after_start_codes(stream: bytes) -> Iterator[bytes]:
    """Beginnings of the units of a stream, each after a start code (Annex B).

    Args:
        stream: Its bytes.

    Yields:
        At most the first few thousand bytes of each unit.
    """
    at = stream.find(b"\0\0\1")
    while at >= 0:
        at += 3
        after = stream.find(b"\0\0\1", at)
        yield stream[at : min(at + _MOST_SETS, after if after >= 0 else len(stream))]
        at = after


def avc_sps(bits: Bits) -> tuple[int, ...]:
    """Sequence parameter set of H.264.

    Args:
        bits: What follows its first byte.

    Returns:
        Number of the set; planes apart, bits of frame_num and of the order, gaps allowed, frames only.

    Raises:
        ValueError: The set is cut off, or of a kind that is not read.
    """
    profile = bits.u(8)
    bits.u(16)
    name, planes = bits.ue(), 0
    if profile in _HIGH:
        chroma = bits.ue()
        planes = bits.u(1) if chroma == 3 else 0
        bits.ue(), bits.ue(), bits.u(1)
        if bits.u(1):
            for index in range(8 if chroma != 3 else 12):
                _skip_scaling(bits, 16 if index < 6 else 64)
    number_bits, kind, order_bits = bits.ue() + 4, bits.ue(), 0
    if kind == 0:
        order_bits = bits.ue() + 4
    elif kind == 1:
        raise ValueError("an order of the first kind")
    bits.ue()
    gaps = bits.u(1)
    bits.ue(), bits.ue()
    return name, planes, number_bits, order_bits, gaps, bits.u(1)


def _skip_scaling(bits: Bits, size: int) -> None:
    if not bits.u(1):
        return
    last = following = 8
    for _ in range(size):
        if following:
            code = bits.ue()
            following = (last + (code + 1 >> 1 if code & 1 else -(code >> 1))) & 255
        last = following or last


def avc_pps(bits: Bits) -> tuple[int, ...]:
    """Picture parameter set of H.264.

    Args:
        bits: What follows its first byte.

    Returns:
        Number of the set; number of its sequence parameter set.
    """
    return bits.ue(), bits.ue()


def hevc_sps(bits: Bits) -> tuple[int, ...]:
    """Sequence parameter set of HEVC.

    Args:
        bits: What follows its first two bytes.

    Returns:
        Number of the set; planes apart, bits of the order.
    """
    bits.u(4)
    layers = bits.u(3)
    bits.u(1 + 96)
    present = [(bits.u(1), bits.u(1)) for _ in range(layers)]
    bits.u(2 * (8 - layers) if layers else 0)
    for profile, level in present:
        bits.u(88 * profile + 8 * level)
    name, chroma = bits.ue(), bits.ue()
    planes = bits.u(1) if chroma == 3 else 0
    bits.ue(), bits.ue()
    if bits.u(1):
        bits.ue(), bits.ue(), bits.ue(), bits.ue()
    bits.ue(), bits.ue()
    return name, planes, bits.ue() + 4


def hevc_pps(bits: Bits) -> tuple[int, ...]:
    """Picture parameter set of HEVC.

    Args:
        bits: What follows its first two bytes.

    Returns:
        Number of the set; number of its SPS, extra bits of a slice, whether a slice has a flag about its output.
    """
    name, sps = bits.ue(), bits.ue()
    bits.u(1)
    output = bits.u(1)
    return name, sps, bits.u(3), output
