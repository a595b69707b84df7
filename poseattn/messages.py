"""Write lines that a user reads: each has a bounded length, and no name or text of a file can imitate another line."""

import logging
import shlex
import sys
from io import TextIOBase

MOVES_NO_NUMBER = ("_HEAD", "_TAIL")
NO_VIDEO = "no video"  # reason of a clip without a file; tables count such clips
_HEAD, _TAIL = 600, 300  # characters; files are named at the beginning, what is expected stands at the end
# Letters that no terminal shows: fillers, joiners and selectors that Unicode does not count as formatting.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SELECTORS = (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
_INVISIBLE |= frozenset(map(chr, _SELECTORS))


def printable(text: object, keep: str = "") -> str:
    r"""Write text so that a terminal or a log shows all of it in one line.

    Args:
        text: Name of a file, or text from a file.
        keep: Characters that stay, such as the tabs of a table.

    Returns:
        The text, in which escapes stand for line ends, control characters, characters without a picture, and characters
        that change the direction of writing: `\n`, `\x1b`, `\u202e`; `\xe9` for a byte of a name that is no UTF-8.
    """
    text = str(text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(sign if _is_visible(sign) or sign in keep else _escape(sign) for sign in text)


def _is_visible(sign: str) -> bool:
    return sign.isprintable() and sign not in _INVISIBLE


def _escape(sign: str) -> str:
    number = ord(sign)
    if 0xDC80 <= number <= 0xDCFF:  # how Python keeps a byte that is no UTF-8
        number -= 0xDC00
        return f"\\x{number:02x}"
    if number < 0x80:
        return _SHORT.get(sign, f"\\x{number:02x}")
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def in_utf8(text: object) -> str:
    r"""Return text for a file in UTF-8: bytes of a name that are no UTF-8 become `\xe9`, all other characters stay."""
    return str(text).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def one_line(said: object) -> str:
    """Bring a message into one line of bounded length.

    Args:
        said: Text of any length and any number of lines, or an error.

    Returns:
        The message in one line, with escapes (see `printable`); only beginning and end of a long message.
    """
    line = printable(str(said).strip())
    left_out = len(line) - _HEAD - _TAIL
    return line if left_out <= 0 else f"{line[:_HEAD]} [... {left_out} characters ...] {line[-_TAIL:]}"


def say(line: object, stream: TextIOBase | None = None, keep: str = "") -> None:
    """Write one line with escapes (see `printable`), in whatever encoding the stream has.

    Args:
        line: Text of the line.
        stream: Where it goes; None for standard output.
        keep: Characters that stay as they are.
    """
    stream = sys.stdout if stream is None else stream
    encoding = stream.encoding or "utf-8"
    stream.write(printable(line, keep).encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()


def quoted(word: str) -> str:
    r"""Quote a word of a command for bash and similar shells: `$'a\nb'` if it has characters that `printable` escapes.

    Args:
        word: A name; the shell must get exactly its bytes.

    Returns:
        Text in one line that a shell reads as the word.
    """
    if printable(word) == word:
        return shlex.quote(word)
    return "$'" + "".join(_in_shell(sign) for sign in word) + "'"


def _in_shell(sign: str) -> str:
    if sign in "\\'":
        return "\\" + sign
    if _is_visible(sign):
        return sign
    return "".join(f"\\{byte:03o}" for byte in sign.encode("utf-8", "surrogateescape"))


class LineFormatter(logging.Formatter):
    """Formats the records of a log with escapes (see `printable`), so that each is one line."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the name of the base class
        """Format a record without its traceback."""
        record.message = printable(record.message)
        return super().formatMessage(record)


class WrongUse(ValueError):
    """A command whose words make no sense together; it ends with exit code 2, as any command that is misspelt."""
