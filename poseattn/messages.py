"""What a user reads of an error: one line of bounded length, whatever a file holds that is quoted in it."""

MOVES_NO_NUMBER = ("_HEAD", "_TAIL")
NO_VIDEO = "no video"  # reason of a clip without a file; tables count such clips
_HEAD, _TAIL = 600, 300  # characters; files are named at the beginning, what is expected stands at the end


def one_line(said: object) -> str:
    """A message as it is shown.

    Args:
        said: Text of any length and number of lines, or an error.

    Returns:
        The same in one line; of a long one the beginning and the end.
    """
    line = " ".join(str(said).split())
    left_out = len(line) - _HEAD - _TAIL
    return line if left_out <= 0 else f"{line[:_HEAD]} [... {left_out} characters ...] {line[-_TAIL:]}"
