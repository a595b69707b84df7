"""A video file as FFmpeg may read it: one regular file, whose read errors are ours.

FFmpeg takes a failed read for the end of the file. So it reads through a Python object, which keeps the error.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from poseattn.inputs import open_input, reading
from poseattn.video.frames import VideoError


class Source:
    """A file that is open for reading. It has the methods that PyAV calls.

    Args:
        path: The file.

    Attributes:
        size: Bytes of the file.

    Raises:
        VideoError: The path is no regular file, or the file is empty.
        OSError: The file cannot be opened.
    """

    size: int

    def __init__(self, path: Path) -> None:
        self._error: OSError | None = None
        self._path = path
        try:
            self._file = open_input(path)
        except ValueError as error:
            raise VideoError(str(error)) from error
        self.size = os.fstat(self._file.fileno()).st_size
        if not self.size:
            self._file.close()
            raise VideoError("the file is empty")

    def read(self, size: int) -> bytes:
        """Read at most some bytes; an error is kept for `errors`."""
        try:
            with reading(self._path):
                return self._file.read(size)
        except OSError as error:
            self._error = error
            raise

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in the file.

        Args:
            offset: Bytes.
            whence: From where, as for `io.IOBase.seek`.

        Returns:
            The new place, bytes from the beginning.
        """
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Place in the file, bytes from its beginning."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Tell the errors of the system from the errors of the bytes, around calls of PyAV.

        Raises:
            OSError: The file could not be read, whatever PyAV made of it.
            MemoryError: FFmpeg has no memory.
            VideoError: FFmpeg refuses the bytes.
        """
        try:
            yield
        except av.FFmpegError as error:
            self._raise_own()
            if isinstance(error, MemoryError):
                raise MemoryError(str(error)) from error
            raise VideoError(error.strerror) from error
        self._raise_own()

    def _raise_own(self) -> None:
        if self._error is not None:
            raise self._error
