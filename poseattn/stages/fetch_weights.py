"""Stage fetch_weights: published weights in their folder, fetched or put there by hand, and checked."""

from pathlib import Path

from poseattn import weights


def run(*, url: str, sha256_prefix: str, out: Path, sums: Path) -> None:
    """Fetch a weights file unless it is there, and check it.

    Args:
        url: Its official address; empty if there is no public one.
        sha256_prefix: Published SHA-256, or the first digits of it; empty if none is published.
        out: Where it belongs.
        sums: Record of the digests that were seen first.
    """
    weights.fetch(url, sha256_prefix, out, sums)
