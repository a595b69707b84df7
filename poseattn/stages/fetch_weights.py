"""Fetch published weights into their folder, unless they are there already, and check them."""

from pathlib import Path

from poseattn.networks import weights_files as weights


def run(*, url: str, sha256_prefix: str, out: Path, sums: Path) -> None:
    """Fetch a weights file unless it is there, and check it.

    Args:
        url: Its official address; empty if there is no public one.
        sha256_prefix: SHA-256 that its source or the user states, or the first digits of it; empty if nobody does.
        out: Where it belongs.
        sums: Record of the digests that were accepted.
    """
    weights.fetch(url, sha256_prefix, out, sums)
