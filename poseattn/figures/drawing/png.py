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


def draw_notice(title: str, reason: str) -> bytes:
    """The reason, as a picture.

    Args:
        title: What the figure would have shown.
        reason: Why there is nothing to show.

    Returns:
        PNG file with title and reason in its text fields too; the same arguments give the same bytes.
    """

    def draw() -> Figure:
        figure = Figure(figsize=(14, 1.2), dpi=120)
        figure.text(0.02, 0.62, title, fontsize=14, weight="bold")
        figure.text(0.02, 0.25, reason, fontsize=9, color="#555555")
        return figure

    return render(draw, title, reason)
