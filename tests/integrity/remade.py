"""Videos made of other videos: in another container, with packed B-frames, with a sound that begins late."""

import io
import struct
from pathlib import Path

import av

_PICTURE = b"\0\0\1\xb6"  # start code of a picture of MPEG-4
_NO_PICTURE = _PICTURE + bytes.fromhex("507f")  # a P-picture that is not coded
_LATE = 8000  # milliseconds, longer than FFmpeg probes


class _Pipe(io.RawIOBase):
    """A place to write that cannot go back."""

    def __init__(self) -> None:
        self.content = bytearray()

    def write(self, data: bytes) -> int:
        """Append."""
        self.content += data
        return len(data)

    def writable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """No."""
        return False

    def getvalue(self) -> bytes:
        """All that was written."""
        return bytes(self.content)


def copied(
    base: Path,
    container: str,
    options: dict[str, str] | None = None,
    turn: int = 0,
    cut: float = 0,
    cover: bool = False,
    piped: bool = False,
) -> bytes:
    """The streams of a video in another container.

    Args:
        base: The video.
        container: As FFmpeg names it.
        options: Of the container.
        turn: Degrees by which the picture is turned.
        cut: Seconds that the beginning lacks; of less than 0 it comes later.
        cover: Whether there is a cover picture before the video.
        piped: Whether the writer cannot go back, to write a size for instance.

    Returns:
        The content of the file.
    """
    target = _Pipe() if piped else io.BytesIO()
    with av.open(str(base)) as source, av.open(target, "w", format=container, options=options or {}) as out:
        art = _cover(out) if cover else None
        copies = {stream.index: out.add_stream_from_template(stream) for stream in source.streams}
        if turn:
            copies[source.streams.video[0].index].set_display_rotation(turn)
        if art:
            out.mux(art.encode(av.VideoFrame(64, 48, "yuvj420p")))
        for packet in source.demux():
            if packet.size:
                ticks = round(cut / packet.time_base)
                packet.pts, packet.dts = packet.pts - ticks, packet.dts - ticks
                packet.stream = copies[packet.stream_index]
                out.mux(packet)
    return target.getvalue()


def _cover(out: av.container.OutputContainer) -> av.VideoStream:
    art = out.add_stream("mjpeg", rate=1)
    art.width, art.height, art.pix_fmt = 64, 48, "yuvj420p"
    art.disposition = av.stream.Disposition.attached_pic
    return art


def packed(base: Path) -> bytes:
    """An AVI file whose B-frames share a packet with the frame before, as DivX and Xvid write them.

    Each pair is followed by a packet that only says "no picture here".
    """
    target = io.BytesIO()
    with av.open(str(base)) as source, av.open(target, "w", format="avi") as out:
        copy = out.add_stream_from_template(source.streams.video[0])
        contents = [bytes(packet) for packet in source.demux(video=0) if packet.size]
        contents[0] = _mark(contents[0])
        chunks: list[bytes] = []
        for content in contents:
            if _is_b_frame(content):
                chunks[-1:] = [chunks[-1] + content, _NO_PICTURE]
            else:
                chunks.append(content)
        for number, chunk in enumerate(chunks):
            packet = av.Packet(chunk)
            packet.stream, packet.time_base = copy, source.streams.video[0].time_base
            packet.pts = packet.dts = number
            packet.is_keyframe = number == 0
            out.mux(packet)
    return target.getvalue()


def _is_b_frame(content: bytes) -> bool:
    return content[content.index(_PICTURE) + 4] >> 6 == 2


def _mark(first: bytes) -> bytes:
    """The line by which decoders know packed B-frames, before the first picture."""
    place = first.index(_PICTURE)
    return first[:place] + b"\0\0\1\xb2DivX503b1393p" + first[place:]


def late_sound(base: Path) -> bytes:
    """An FLV file whose sound begins after eight seconds, so that its track turns up on the way."""
    content = base.read_bytes()
    kept, at = bytearray(content[:13]), 13
    kept[4] = 1  # only pictures
    while at < len(content):
        end = at + 15 + int.from_bytes(content[at + 1 : at + 4], "big")
        if content[at] != 8 or int.from_bytes(content[at + 4 : at + 7], "big") >= _LATE:
            kept += content[at:end]
        at = end
    size = kept.index(b"filesize") + 9
    kept[size : size + 8] = struct.pack(">d", len(kept))
    return bytes(kept)
