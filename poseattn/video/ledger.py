"""The book of a decoder: which packets went in, which frames came out, and which frames are lost or damaged.

A packet that gives no frame is a lost frame, unless its codec has a reason (`packets.may_be_silent`). A lost frame
keeps its place in the order of presentation. So frames wait until every packet that should come before is settled.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from poseattn.video.gaps import Gaps
from poseattn.video.packets import is_zeroed, may_be_silent
from poseattn.video.picture_order import Coded, PictureOrder

_MOST_DELAYED = 17  # frames that a decoder may hold back, plus one (H.264 and HEVC: 16)
# Their frames have no time stamps of presentation, whatever FFmpeg computes from the times of decoding.
_WITHOUT_TIMES = {"avi", "h264", "hevc", "m4v", "mpegvideo", "mjpeg", "h263", "obu", "vc1", "cavsvideo", "dirac"}
# Their recordings may begin in the middle of a group of pictures; other containers begin with a key frame.
_RECORDINGS = {"mpegts", "mpeg", "h264", "hevc", "mpegvideo", "m4v", "cavsvideo", "vc1"}


@dataclass(slots=True)
class Entry:
    """One packet of the video track, and what became of it.

    Attributes:
        index: Place in the file, from 0.
        pts: Time stamp of presentation, in units of the track; None if there is none.
        dts: Time stamp of decoding.
        failed: Whether the decoder reported an error, or the container flags the packet.
        after_damage: Whether the bytes before it are known to be damaged.
        silent: Whether the packet may give no frame though it is intact.
        shown: Whether a frame came out.
        coded: The numbers in its picture, if they are known.
    """

    index: int
    pts: int | None
    dts: int | None
    failed: bool
    after_damage: bool
    silent: bool = False
    shown: bool = False
    coded: Coded | None = None


class Item(NamedTuple):
    """A frame that is settled: `picture` of PyAV, or None if the frame is lost; and its time stamp, if it has one."""

    picture: Any
    stamp: int | None
    failed: bool


class Ledger:
    """Settle the frames of one track.

    Args:
        container: FFmpeg's name of the container.
        codec: FFmpeg's name of the codec.
        extradata: Parameter sets of the codec, as the container keeps them.
        interval: Usual time between two frames, in units of the time stamps.

    Attributes:
        packets: Packets so far.
        frames: Frames that came out so far.
    """

    packets: int
    frames: int

    def __init__(self, container: str, codec: str, extradata: bytes, interval: float) -> None:
        self._codec, self._timeless = codec, container in _WITHOUT_TIMES
        self._gaps = Gaps(interval, has_times=not self._timeless)
        self._numbers = PictureOrder(codec, extradata) if codec in ("h264", "hevc") else None
        self._reference: Coded | None = None  # the last picture that others are predicted from
        self._field: Coded | None = None  # the last picture, if it is a field without its other field
        self.packets = self.frames = 0
        self._open: dict[int, Entry] = {}  # packets that are not settled
        self._slots: deque[Entry] = deque()  # packets whose times of decoding are still to be given to frames
        self._waiting: deque[tuple[Any, Entry | None, int]] = deque()  # frames, and how many there were before them
        self._started, self._may_start_late = False, container in _RECORDINGS

    @property
    def unexplained(self) -> int:
        """Frames that seem to be missing, at the end of the file; see `poseattn.video.gaps`."""
        return self._gaps.unexplained

    def send(self, packet: Any, after_damage: bool) -> Entry:
        """Note a packet before it is decoded, and mark it so that its frame can be told.

        Args:
            packet: Of PyAV.
            after_damage: Whether the bytes before it are known to be damaged.

        Returns:
            Its entry.
        """
        leading = self._may_start_late and not self._started and not packet.is_keyframe
        self._started = self._started or packet.is_keyframe
        failed = after_damage or packet.is_corrupt
        entry = Entry(self.packets, packet.pts, packet.dts, failed, after_damage)
        entry.silent = leading or packet.is_discard or not packet.size or may_be_silent(self._codec, packet)
        if self._numbers is not None and packet.size:
            self._follow(entry, self._numbers.read(memoryview(packet)))
            entry.failed = entry.failed or self._numbers.is_torn(memoryview(packet))
        entry.failed = entry.failed or is_zeroed(self._codec, packet)
        entry.failed = entry.failed and not leading
        packet.opaque = entry
        self.packets += 1
        self._open[entry.index] = entry
        if self._timeless:
            self._slots.append(entry)
        return entry

    def _follow(self, entry: Entry, coded: Coded | None) -> None:
        """Pair the fields of a frame, and see whether a picture that others are predicted from is missing."""
        entry.coded = coded
        if coded is None:
            return
        first, self._field = self._field, None
        if coded.field is not None:
            pairs = first is not None and first.number == coded.number and first.field != coded.field
            entry.silent = entry.silent or (pairs and not coded.starts)
            self._field = None if pairs else coded
        last = self._reference
        if last is not None and coded.numbers and not coded.starts and last.number is not None:
            expected = {last.number, (last.number + 1) % coded.numbers}
            entry.failed = entry.failed or coded.number not in expected
        if coded.is_reference:
            self._reference = coded

    def show(self, picture: Any) -> Iterator[Item]:
        """Note a frame that came out of the decoder.

        Args:
            picture: Of PyAV.

        Returns:
            The frames that are settled by it, in order.
        """
        entry = picture.opaque
        if entry is not None and not entry.shown:
            entry.shown = True
            self._open.pop(entry.index, None)
        self.frames += 1
        self._waiting.append((picture, entry, self.frames))
        return self._settled(final=False)

    def finish(self) -> Iterator[Item]:
        """Settle the rest, at the end of the file."""
        yield from self._settled(final=True)
        for entry in self._in_order(list(self._open.values())):
            yield from self._lose(entry)

    def _settled(self, final: bool) -> Iterator[Item]:
        while self._waiting:
            picture, entry, number = self._waiting[0]
            before = [one for one in self._open.values() if self._precedes(one, picture, entry)] if self._open else []
            is_early = self.frames < number + _MOST_DELAYED and not final
            if is_early and not all(one.silent for one in before):
                return
            for lost in self._in_order(before):
                yield from self._lose(lost)
            self._waiting.popleft()
            stamp = self._next_slot() if self._timeless else picture.pts
            missing = self._gaps.missing(stamp, entry and entry.coded, entry is not None and entry.after_damage)
            for _ in range(missing):
                yield Item(None, None, failed=True)
            item = [Item(picture, stamp, picture.is_corrupt or (entry is not None and entry.failed))]
            del picture  # whoever takes the item decides how long its memory is held
            yield item.pop()

    def _lose(self, entry: Entry) -> Iterator[Item]:
        """Settle a packet without a frame."""
        del self._open[entry.index]
        if not entry.silent:
            stamp = self._next_slot() if self._timeless else entry.pts
            self._gaps.missing(stamp, entry.coded, after_damage=False)
            yield Item(None, stamp, failed=True)

    def _precedes(self, other: Entry, picture: Any, entry: Entry | None) -> bool:
        """Whether the frame of a packet should have come out before a frame that did."""
        if self._timeless or other.pts is None or picture.pts is None:
            return entry is not None and other.index < entry.index
        return other.pts < picture.pts

    def _in_order(self, entries: list[Entry]) -> list[Entry]:
        if self._timeless or any(entry.pts is None for entry in entries):
            return sorted(entries, key=lambda entry: entry.index)
        return sorted(entries, key=lambda entry: (entry.pts, entry.index))

    def _next_slot(self) -> int | None:
        """Time of decoding of the next packet with a frame; as a set, they are the times of presentation too."""
        while self._slots:
            entry = self._slots.popleft()
            if entry.shown or not entry.silent:
                return entry.dts
        return None
