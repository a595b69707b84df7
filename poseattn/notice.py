"""A picture in place of a figure that cannot be drawn, so that one missing clip does not cost the whole report."""

import io

from matplotlib import rc_context, rcdefaults
from matplotlib.figure import Figure


def draw_notice(title: str, reason: str) -> bytes:
    """The reason, as a picture.

    Args:
        title: What the figure would have shown.
        reason: Why there is nothing to show.

    Returns:
        PNG file with title and reason in its text fields too; the same arguments give the same bytes.
    """
    with rc_context():
        rcdefaults()
        figure = Figure(figsize=(14, 1.2), dpi=120)
        figure.text(0.02, 0.62, title, fontsize=14, weight="bold")
        figure.text(0.02, 0.25, reason, fontsize=9, color="#555555")
        content = io.BytesIO()
        figure.savefig(content, format="png", metadata={"Software": None, "Title": title, "Description": reason})
    return content.getvalue()
