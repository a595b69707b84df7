"""Figures as PNG files that are the same byte for byte, whatever the user's settings of Matplotlib."""

import io
from collections.abc import Callable, Mapping

import matplotlib
from matplotlib.figure import Figure


def render(draw: Callable[[], Figure], title: str, caption: str, style: Mapping[str, object] | None = None) -> bytes:
    """Draw with Matplotlib's own defaults.

    Args:
        draw: Makes the figure.
        title: Text that is stored in the file, for whoever shows it.
        caption: Likewise.
        style: Settings of Matplotlib that differ from its defaults.

    Returns:
        PNG file; equal figures give equal bytes.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(style or {})
        content = io.BytesIO()
        draw().savefig(content, format="png", metadata={"Software": None, "Title": title, "Description": caption})
    return content.getvalue()
