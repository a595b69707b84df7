"""Damages to a file: a block of bytes, its end, one packet of pictures, or a few bits."""

import io
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

BLOCKS = ("zeroed", "noise", "cut out", "doubled")
KINDS = (*BLOCKS, "end cut", "packet dropped", "bits flipped")
SMALLEST, LARGEST = 512, 65_536  # bytes of a block


class Damage(NamedTuple):
    """What was done to a file: one of `KINDS`, and where, in words."""

    kind: str
    what: str


def damage(path: Path, kind: str, rng: np.random.Generator) -> tuple[bytes, Damage]:
    """Damage a copy of a file.

    Args:
        path: The file, which stays as it is.
        kind: One of `KINDS`.
        rng: Draws the place and the size.

    Returns:
        The damaged file's bytes, and what was done.
    """
    if kind == "packet dropped":
        return _without_packet(path, rng)
    content = path.read_bytes()
    if kind == "end cut":
        size = int(rng.integers(1, len(content)))
        return content[:size], Damage(kind, f"after {size} of {len(content)} bytes")
    if kind == "bits flipped":
        return _flipped(content, rng)
    size = int(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST + 1))))
    size = min(size, LARGEST, len(content) // 2)
    start = int(rng.integers(0, len(content) - size + 1))
    before, block, after = content[:start], content[start : start + size], content[start + size :]
    inside = {"zeroed": bytes(size), "noise": rng.bytes(size), "cut out": b"", "doubled": block + block}[kind]
    return before + inside + after, Damage(kind, f"{size} bytes from {start} of {len(content)}")


def _flipped(content: bytes, rng: np.random.Generator) -> tuple[bytes, Damage]:
    """One to eight single bits anywhere."""
    changed = bytearray(content)
    bits = sorted(int(bit) for bit in rng.choice(8 * len(content), rng.integers(1, 9), replace=False))
    for bit in bits:
        changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed), Damage("bits flipped", f"bits {bits}")


def _without_packet(path: Path, rng: np.random.Generator) -> tuple[bytes, Damage]:
    """The streams copied into a file of the same format, but for one packet of pictures; times stay."""
    with av.open(str(path), metadata_errors="replace") as source:
        picture = source.streams.video[0]
        packets = [packet for packet in source.demux() if packet.size]
        drawn = int(rng.integers(0, sum(packet.stream is picture for packet in packets)))
        target = io.BytesIO()
        with av.open(target, "w", format=_FORMATS.get(path.suffix, path.suffix[1:])) as out:
            copies = {stream.index: out.add_stream_from_template(stream, opaque=True) for stream in source.streams}
            _time_first(packets, picture)
            number = 0
            for packet in packets:
                is_picture = packet.stream is picture
                if not is_picture or number != drawn:
                    packet.stream = copies[packet.stream_index]
                    out.mux(packet)
                number += is_picture
    return target.getvalue(), Damage("packet dropped", f"packet {drawn} of {number}")


def _time_first(packets: list[av.Packet], picture: av.VideoStream) -> None:
    """Give the first packets, which Matroska lets be without a time of decoding, one before the others."""
    video = [packet for packet in packets if packet.stream is picture]
    timed = next((place for place, packet in enumerate(video) if packet.dts is not None), 0)
    for place in range(timed):
        video[place].dts = video[timed].dts - (timed - place) * (video[timed].duration or 1)


_FORMATS = {".mkv": "matroska", ".ts": "mpegts", ".mpg": "mpeg", ".wmv": "asf"}
