"""A video file as FFmpeg may read it: one regular file, whose read errors are ours.

FFmpeg takes a failed read for the end of the file. So it reads through a Python object, which keeps the error.
"""

import io
import os
from pathlib import Path

from poseattn.reading import open_input, reading
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
        """Read at most some bytes. An error is kept for `check` and looks like the end: PyAV prints what it drops."""
        try:
            with reading(self._path):
                return self._file.read(size)
        except OSError as error:
            self._error = self._error or error
            return b""

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

    def check(self) -> None:
        """Raise what a read could not do, whatever PyAV made of it.

        Raises:
            OSError: The file could not be read.
        """
        if self._error is not None:
            raise self._error

    def translated(self, error: Exception) -> VideoError:
        """Tell the errors of the system from the errors of the bytes.

        Args:
            error: Of PyAV.

        Returns:
            The error of the bytes.

        Raises:
            OSError: The file could not be read.
            MemoryError: FFmpeg is out of memory.
        """
        self.check()
        if isinstance(error, MemoryError):
            raise MemoryError(str(error)) from error
        return VideoError(getattr(error, "strerror", None) or str(error))
