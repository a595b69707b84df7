"""Small files, written as a whole or not at all."""

import os
from pathlib import Path


def read_text(path: Path) -> str:
    """Content of a text file.

    Args:
        path: The file.

    Returns:
        Its text.

    Raises:
        ValueError: It is not in UTF-8; the message names it.
        OSError: It cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: no text in UTF-8: {error.reason} at byte {error.start}") from None


def replace_file(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file beside its place, then move it there.

    Args:
        path: The file; an old one is replaced.
        content: What will be in it.
        durable: Wait until it is on the disk, so that it outlives a power cut and not only the process.

    Raises:
        OSError: It cannot be written, because the disk is full for instance; nothing is left of it then.
    """
    part = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(part, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from None
