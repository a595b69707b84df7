"""FFmpeg's decoder of one video track, one packet at a time, with the errors that it reports."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
from av.codec.context import Flags

from poseattn.video.frames import Account, VideoError
from poseattn.video.ledger import Entry, Item, Ledger
from poseattn.video.opencv import MOST_PIXELS
from poseattn.video.source import Source

# What FFmpeg reports as errors of files that are intact: odd headers and bookkeeping, without an effect on pixels.
_HARMLESS = ("SEI", "mmco: unref short failure", "APP fields", "exceeds max", "VUI")
_COVERS = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails


class Decoder:
    """Decode the main video track of a file.

    Args:
        source: The file.

    Attributes:
        fps: Frames per second, as the container states.
        size: Width and height of a stored frame, pixels.
        begin: Time stamp at which the file begins, whichever track begins it.
        unit: Seconds of one unit of the time stamps.
        is_intra: Whether every frame stands for itself, so that damage does not spread.
        account: What became of the packets so far.

    Raises:
        VideoError: The bytes are no video that FFmpeg decodes, or state a frame rate or a size that no video has.
        OSError: The file cannot be read.
    """

    fps: float
    size: tuple[int, int]
    begin: int
    unit: Fraction
    is_intra: bool
    account: Account

    def __init__(self, source: Source) -> None:
        self._source, self._errors = source, 0
        av.logging.set_level(av.logging.ERROR)  # reports are counted, never printed
        av.logging.set_skip_repeated(False)
        self._container = self._opened()
        self._stream = stream = self._track()
        self._context = context = stream.codec_context
        context.thread_count = 1
        context.flags |= int(Flags.copy_opaque)
        context.options = {"max_pixels": str(MOST_PIXELS)}
        self.fps = float(stream.guessed_rate or stream.average_rate or 0)
        if not 0 < self.fps < float("inf"):
            raise VideoError(f"the container states {self.fps} frames per second")
        self.size, self.unit = (context.width, context.height), stream.time_base
        if context.width * context.height > MOST_PIXELS:
            size = f"{context.width} x {context.height}"
            raise VideoError(f"the container states {size} pixels, expected at most {MOST_PIXELS} in all")
        self.begin = round(Fraction(self._container.start_time or 0, av.time_base) / self.unit)
        self.is_intra = context.codec.intra_only
        self._ledger = Ledger(self._container.format.name, context.codec.canonical_name)

    @property
    def account(self) -> Account:
        """What became of the packets so far; damaged frames and odd times are not counted here."""
        return Account(self._ledger.packets, self._ledger.frames, 0, self._errors, self._stream.frames, 0)

    def close(self) -> None:
        """Close the decoder; the file stays open."""
        self._container.close()

    def items(self) -> Iterator[Item]:
        """Decode to the end of the file.

        Yields:
            Every frame in the order of presentation, lost frames included.

        Raises:
            OSError: The file cannot be read.
        """
        packets = self._container.demux(self._stream)
        while True:
            with av.logging.Capture(), self._source.errors():
                packet = next(packets, None)
            if packet is None:
                break
            flushes = packet.size == 0 and packet.dts is None and packet.pts is None
            entry = None if flushes else self._ledger.send(packet)
            for picture in self._decode(packet, entry):
                yield from self._ledger.show(picture)
        yield from self._ledger.finish()

    def _decode(self, packet: Any, entry: Entry | None) -> list[Any]:
        """Frames that come out when a packet goes in; errors are noted beside the packet."""
        pictures: list[Any] = []
        with av.logging.Capture() as reports:
            try:
                with self._source.errors():
                    pictures = packet.decode()
            except VideoError:
                reports.append((av.logging.ERROR, "", "refused"))
        errors = sum(not any(word in text for word in _HARMLESS) for _, _, text in reports)
        self._errors += errors
        if errors and entry is not None and not entry.silent:
            entry.failed = True
        return pictures

    def _opened(self) -> Any:
        self._source.seek(0)
        try:
            with av.logging.Capture(), self._source.errors():
                return av.open(self._source, "r", io_open=_refuse, metadata_errors="replace")
        except VideoError as error:
            raise VideoError(f"no video that FFmpeg can open: {error}") from error

    def _track(self) -> Any:
        """The default video track; a cover picture is none."""
        best = self._container.streams.best("video")
        tracks = [track for track in self._container.streams.video if not track.disposition & _COVERS]
        if not tracks:
            raise VideoError("no video track in the file")
        track = best if best in tracks else tracks[0]
        if track.codec_context is None:
            raise VideoError("FFmpeg has no decoder for its codec: encode it again, for example as H.264")
        return track


def _refuse(url: str, flags: int, options: dict[str, str]) -> None:
    """Open nothing but the file itself."""
    raise PermissionError(f"a video may not open {url!r}")
