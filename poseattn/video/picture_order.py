"""Numbers that H.264 and HEVC write into every picture: they tell whether a picture between two others is missing.

ITU-T H.264 (08/2021), 7.3.2.1, 7.3.2.2 and 7.3.3; ITU-T H.265 (08/2021), 7.3.2.2, 7.3.2.3 and 7.3.6. Only what comes
before the numbers is read.
"""

from typing import NamedTuple

from poseattn.video.units import Bits, after_start_codes, avc_pps, avc_sps, configured, hevc_pps, hevc_sps, of_lengths

_HEAD = 64  # bytes of a slice that hold its numbers, and more
_ZEROS = bytes(64)  # more than any encoder puts before a start code


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
            units = configured(extradata, self._is_hevc)
        else:
            units = after_start_codes(extradata)
        for unit in units:
            self._note(unit)

    def read(self, packet: bytes | memoryview) -> Coded | None:
        """Numbers of the first picture of a packet.

        Args:
            packet: Its bytes.

        Returns:
            The numbers; None if they cannot be read.
        """
        units = of_lengths(packet, self._length) if self._length else after_start_codes(bytes(packet))
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
                self._keep("sps" if kind == 33 else "pps", (hevc_sps if kind == 33 else hevc_pps)(Bits(unit[2:])))
            return self._hevc_slice(kind, Bits(unit[2:_HEAD])) if kind <= 21 and unit[2] & 0x80 else None
        if kind in (7, 8):
            self._keep("sps" if kind == 7 else "pps", (avc_sps if kind == 7 else avc_pps)(Bits(unit[1:])))
        return self._avc_slice(kind == 5, unit[0] & 0x60 != 0, Bits(unit[1:_HEAD])) if kind in (1, 5) else None

    def _keep(self, name: str, values: tuple[int, ...]) -> None:
        self._sets[name, values[0]] = values[1:]

    def _avc_slice(self, is_idr: bool, is_reference: bool, bits: Bits) -> Coded:
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

    def _hevc_slice(self, kind: int, bits: Bits) -> Coded | None:
        bits.u(2 if 16 <= kind <= 23 else 1)
        sps, extra, output = self._sets["pps", bits.ue()]
        planes, order_bits = self._sets["sps", sps]
        bits.u(extra), bits.ue(), bits.u(output), bits.u(2 * planes)
        starts = kind in (19, 20)
        is_reference = kind > 15 or bool(kind & 1)
        return Coded(starts, 0 if starts else bits.u(order_bits), 1 << order_bits, None, 0, is_reference, None)
