"""A picture in place of a figure that cannot be drawn, so that one missing clip does not cost the whole report."""

from matplotlib.figure import Figure

from poseattn.png import render


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
