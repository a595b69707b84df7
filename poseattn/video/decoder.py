"""FFmpeg's decoder of one video track, one packet at a time, with the errors that it reports."""

from collections.abc import Iterator
from typing import Any

import av
from av.codec.context import Flags

from poseattn.video.containers import FORMATS
from poseattn.video.ffmpeg import CHECKS, TEXT_BYTES, decoder_of, keep_freed_memory, kind_of_text, main_track
from poseattn.video.frames import Account, VideoError
from poseattn.video.ledger import Entry, Item, Ledger
from poseattn.video.opencv import MOST_PIXELS
from poseattn.video.source import Source

# What FFmpeg reports as errors of files that are intact: odd headers and bookkeeping, without an effect on pixels.
_HARMLESS = ("SEI", "mmco: unref short failure", "APP fields", "number of reference frames", "VUI")
_SLOWEST = 0.01  # frames per second: a time-lapse has more


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
    unit: float
    is_intra: bool
    account: Account

    def __init__(self, source: Source) -> None:
        keep_freed_memory()
        self._source, self._errors = source, 0
        av.logging.set_level(av.logging.ERROR)  # reports are counted, never printed
        av.logging.set_skip_repeated(False)
        self._capture = av.logging.Capture()
        self._container = self._opened()
        self._stream = stream = main_track(self._container)
        self._context = context = decoder_of(stream.codec_context)
        context.thread_count = 1
        context.flags |= int(Flags.copy_opaque)
        context.options = {"max_pixels": str(MOST_PIXELS)} | CHECKS.get(context.codec.canonical_name, {})
        self.fps = float(stream.guessed_rate or stream.average_rate or 0)
        if not _SLOWEST <= self.fps < float("inf"):
            raise VideoError(f"the container states {self.fps} frames per second, expected at least {_SLOWEST}")
        self.size, self.unit = (stream.width, stream.height), float(stream.time_base)
        if stream.width * stream.height > MOST_PIXELS:
            size = f"{stream.width} x {stream.height}"
            raise VideoError(f"the container states {size} pixels, expected at most {MOST_PIXELS} in all")
        self.begin = round((self._container.start_time or 0) / av.time_base / self.unit)
        self.is_intra = context.codec.intra_only
        self._ledger = Ledger(
            self._container.format.name,
            context.codec.canonical_name,
            bytes(context.extradata or b""),
            1 / (self.fps * self.unit),
        )

    @property
    def unexplained(self) -> int:
        """Frames that seem to be missing, at the end of the file; see `poseattn.video.gaps`."""
        return self._ledger.unexplained

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
        for packet, after_damage in self._packets():
            flushes = packet.size == 0 and packet.dts is None and packet.pts is None
            entry = None if flushes else self._ledger.send(packet, after_damage)
            pictures = self._decode(packet, entry)
            while pictures:
                yield from self._ledger.show(pictures.pop(0))
            ends_damaged = flushes and after_damage
        yield from self._ledger.finish()
        if ends_damaged:
            yield Item(None, None, failed=True)

    def _packets(self) -> Iterator[tuple[Any, bool]]:
        """Packets of the track, the empty one at the end included; and whether the container is damaged before."""
        packets = self._container.demux(self._stream)
        names = (self._container.format.name, self._context.codec.name, "NULL")
        at_opening = self._errors
        if at_opening:  # read the beginning again, to find the place
            try:
                self._container.seek(self._container.start_time or 0)
            except av.FFmpegError as error:
                raise self._source.translated(error) from error
        while True:
            with self._capture:
                try:
                    packet = self._next(packets)
                except IndexError:  # of PyAV: a packet of a track that turns up on the way
                    packets = self._container.demux(self._stream)
                    continue
            if packet is None:
                return
            errors = self._reported(names)
            is_last = packet.size == 0 and packet.dts is None  # it makes the decoder give back all frames
            yield packet, errors > 0 or (is_last and 0 < at_opening == self._errors)

    def _next(self, packets: Iterator[Any]) -> Any:
        """Next packet; an empty one where FFmpeg cannot go on, None after the end."""
        try:
            packet = next(packets, None)
        except av.FFmpegError as error:
            self._source.translated(error)
            self._capture.logs.append((av.logging.ERROR, self._container.format.name, "refused"))
            packet = av.Packet()
        self._source.check()
        return packet

    def _decode(self, packet: Any, entry: Entry | None) -> list[Any]:
        """Frames that come out when a packet goes in; errors are noted beside the packet."""
        pictures: list[Any] = []
        with self._capture:
            try:
                pictures = self._context.decode(packet)
            except av.FFmpegError as error:
                self._source.translated(error)
                self._capture.logs.append((av.logging.ERROR, "", "refused"))
        if self._reported() and entry is not None and not entry.silent:
            entry.failed = True
        return pictures

    def _reported(self, names: tuple[str, ...] = ()) -> int:
        """Errors that FFmpeg reported since the last call, all or only of some of its parts."""
        if not self._capture.logs:
            return 0
        errors = sum(
            level <= av.logging.ERROR and (not names or name in names) and not any(word in text for word in _HARMLESS)
            for level, name, text in self._capture.logs
        )
        self._capture.logs.clear()
        self._errors += errors
        return errors

    def _opened(self) -> Any:
        self._source.seek(0)
        try:
            with self._capture:
                container = av.open(
                    self._source,
                    "r",
                    container_options={"format_whitelist": FORMATS},
                    io_open=_refuse,
                    metadata_errors="replace",
                )
        except (av.FFmpegError, OSError) as error:
            reason = self._source.translated(error)
            self._source.seek(0)
            if kind := kind_of_text(self._source.read(TEXT_BYTES)):
                raise VideoError(f"the file is {kind}, not a video") from error
            raise VideoError(f"no video that FFmpeg can open: {reason}") from error
        self._source.check()
        # what the decoder reports here, it reports again when the packet is decoded
        self._reported((container.format.name,))
        return container


def _refuse(url: str, flags: int, options: dict[str, str]) -> None:
    """Open nothing but the file itself."""
    raise PermissionError(f"a video may not open {url!r}")
