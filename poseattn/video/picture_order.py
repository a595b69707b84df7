"""Numbers that H.264 and HEVC write into every picture: they tell whether a picture between two others is missing.

ITU-T H.264 (08/2021), 7.3.2.1, 7.3.2.2 and 7.3.3; ITU-T H.265 (08/2021), 7.3.2.2, 7.3.2.3 and 7.3.6. Only what comes
before the numbers is read.
"""

from collections.abc import Iterator
from typing import NamedTuple

_HEAD = 64  # bytes of a slice that hold its numbers, and more
_MOST_SETS = 4096  # bytes of a parameter set that are read
_ZEROS = bytes(64)  # more than any encoder puts before a start code
_HIGH = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}  # profiles of H.264 with a chroma format


class Coded(NamedTuple):
    """What a coded picture says of itself.

    Attributes:
        starts: Whether the numbers begin anew with it.
        order: Its place in the order of presentation, modulo `modulus`.
        modulus: See `order`.
        number: H.264's frame_num, modulo `numbers`; None for HEVC.
        numbers: See `number`; 0 where gaps are allowed.
        is_reference: Whether others may be predicted from it.
        field: None for a frame, else 0 for a top and 1 for a bottom field.
    """

    starts: bool
    order: int
    modulus: int
    number: int | None
    numbers: int
    is_reference: bool
    field: int | None


class PictureOrder:
    """Read the numbers of the pictures of one track.

    Args:
        codec: `h264` or `hevc`.
        extradata: Of the track: parameter sets, as AVC or HEVC configuration or with start codes.
    """

    def __init__(self, codec: str, extradata: bytes) -> None:
        self._is_hevc = codec == "hevc"
        self._length = 0  # bytes of the length before each unit; 0: start codes
        self._sets: dict[tuple[str, int], tuple[int, ...]] = {}
        if extradata[:1] == b"\1" and len(extradata) > (22 if self._is_hevc else 6):
            self._length = (extradata[21 if self._is_hevc else 4] & 3) + 1
            units = _configured(extradata, self._is_hevc)
        else:
            units = _after_start_codes(extradata)
        for unit in units:
            self._note(unit)

    def read(self, packet: bytes | memoryview) -> Coded | None:
        """Numbers of the first picture of a packet.

        Args:
            packet: Its bytes.

        Returns:
            The numbers; None if they cannot be read.
        """
        units = _of_lengths(packet, self._length) if self._length else _after_start_codes(bytes(packet))
        try:
            for unit in units:
                if coded := self._note(unit):
                    return coded
        except (IndexError, KeyError, ValueError):  # damaged, or of a kind that is not known here
            pass
        return None

    def is_torn(self, packet: bytes | memoryview) -> bool:
        """Whether a packet has zeros that no unit can have (7.3.1 and Annex B of both standards).

        Args:
            packet: Its bytes.

        Returns:
            Whether its bytes are damaged for certain.
        """
        content = bytes(packet)
        if not self._length:
            return _ZEROS in content
        at = 0
        while at + self._length < len(content):
            size = int.from_bytes(content[at : at + self._length], "big")
            at += self._length
            if b"\0\0\0" in content[at : at + size].rstrip(b"\0"):  # some encoders fill the end of a unit with zeros
                return True
            at += size
        return False

    def _note(self, unit: bytes) -> Coded | None:
        """Keep a parameter set; read the numbers of a slice."""
        if len(unit) < 3:
            return None
        kind = unit[0] >> 1 & 63 if self._is_hevc else unit[0] & 31
        if self._is_hevc:
            if kind in (33, 34):
                self._keep("sps" if kind == 33 else "pps", (_hevc_sps if kind == 33 else _hevc_pps)(_Bits(unit[2:])))
            return self._hevc_slice(kind, _Bits(unit[2:_HEAD])) if kind <= 21 and unit[2] & 0x80 else None
        if kind in (7, 8):
            self._keep("sps" if kind == 7 else "pps", (_avc_sps if kind == 7 else _avc_pps)(_Bits(unit[1:])))
        return self._avc_slice(kind == 5, unit[0] & 0x60 != 0, _Bits(unit[1:_HEAD])) if kind in (1, 5) else None

    def _keep(self, name: str, values: tuple[int, ...]) -> None:
        self._sets[name, values[0]] = values[1:]

    def _avc_slice(self, is_idr: bool, is_reference: bool, bits: "_Bits") -> Coded:
        bits.ue(), bits.ue()  # first macroblock, type
        (sps,) = self._sets["pps", bits.ue()]
        planes, number_bits, order_bits, gaps, frames_only = self._sets["sps", sps]
        bits.u(2 * planes)
        number = bits.u(number_bits)
        field = None if frames_only or not bits.u(1) else bits.u(1)
        if is_idr:
            bits.ue()
        order = bits.u(order_bits) if order_bits else 2 * number - (not is_reference)
        modulus = 1 << (order_bits or number_bits + 1)
        return Coded(is_idr, order, modulus, number, 0 if gaps else 1 << number_bits, is_reference, field)

    def _hevc_slice(self, kind: int, bits: "_Bits") -> Coded | None:
        bits.u(2 if 16 <= kind <= 23 else 1)
        sps, extra, output = self._sets["pps", bits.ue()]
        planes, order_bits = self._sets["sps", sps]
        bits.u(extra), bits.ue(), bits.u(output), bits.u(2 * planes)
        starts = kind in (19, 20)
        is_reference = kind > 15 or bool(kind & 1)
        return Coded(starts, 0 if starts else bits.u(order_bits), 1 << order_bits, None, 0, is_reference, None)


class _Bits:
    """Bits of a unit, without the bytes that keep start codes out of it."""

    def __init__(self, unit: bytes) -> None:
        content = unit[:_MOST_SETS].replace(b"\0\0\3", b"\0\0")
        self._value, self._left = int.from_bytes(content, "big"), 8 * len(content)

    def u(self, count: int) -> int:
        """Unsigned number of so many bits."""
        self._left -= count
        if self._left < 0:
            raise ValueError("no more bits")
        return self._value >> self._left & (1 << count) - 1

    def ue(self) -> int:
        """Exponential Golomb code."""
        zeros = 0
        while not self.u(1):
            zeros += 1
        return (1 << zeros) - 1 + self.u(zeros)


def _configured(extradata: bytes, is_hevc: bool) -> Iterator[bytes]:
    """Units of an AVC or HEVC configuration."""
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


def _of_lengths(packet: bytes | memoryview, length: int) -> Iterator[bytes]:
    """Beginnings of the units of a packet, each after its length."""
    view, at = memoryview(packet), 0
    while at + length < len(view):
        size = int.from_bytes(view[at : at + length], "big")
        at += length
        yield bytes(view[at : at + min(size, _MOST_SETS)])
        at += size


def _after_start_codes(stream: bytes) -> Iterator[bytes]:
    at = stream.find(b"\0\0\1")
    while at >= 0:
        at += 3
        after = stream.find(b"\0\0\1", at)
        yield stream[at : min(at + _MOST_SETS, after if after >= 0 else len(stream))]
        at = after


def _avc_sps(bits: _Bits) -> tuple[int, ...]:
    """Number of the set; planes apart, bits of frame_num and of the order, gaps allowed, frames only."""
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


def _skip_scaling(bits: _Bits, size: int) -> None:
    if not bits.u(1):
        return
    last = following = 8
    for _ in range(size):
        if following:
            code = bits.ue()
            following = (last + (code + 1 >> 1 if code & 1 else -(code >> 1))) & 255
        last = following or last


def _avc_pps(bits: _Bits) -> tuple[int, ...]:
    return bits.ue(), bits.ue()


def _hevc_sps(bits: _Bits) -> tuple[int, ...]:
    """Number of the set; planes apart, bits of the order."""
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


def _hevc_pps(bits: _Bits) -> tuple[int, ...]:
    """Number of the set; number of its SPS, extra bits of a slice, whether a slice has a flag about its output."""
    name, sps = bits.ue(), bits.ue()
    bits.u(1)
    output = bits.u(1)
    return name, sps, bits.u(3), output
