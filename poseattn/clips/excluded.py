"""Compare the share of bad clips with the limit of a configuration (`max_excluded`). Standard library only."""

from pathlib import Path

from poseattn.files import SEAL

BY_PROTOCOL = "protocol: "  # how the reason begins of a clip that the protocols leave out


def are_too_many(n_bad: int, n_kept: int, most: float) -> bool:
    """Tell whether the share of bad clips is larger than allowed.

    Args:
        n_bad: Clips that are bad.
        n_kept: Clips that the protocols keep, the bad ones among them.
        most: Largest share of bad clips, in [0, 1].

    Returns:
        True if there are too many.
    """
    return n_bad > most * n_kept


def refuse_gathered(manifest: Path, most: float) -> None:
    """Refuse clips that were gathered under a larger limit than the present one.

    A limit moves no clip, so that an edit of the limit makes nothing anew. Existing manifests must keep to it, too.

    Args:
        manifest: Clips of a data set as the stage gather_manifest writes them; it may be missing.
        most: Largest share of bad clips, in [0, 1].

    Raises:
        ValueError: There are more.
        OSError: The file cannot be read.
    """
    try:
        lines = manifest.read_bytes().splitlines()[1:]
    except FileNotFoundError:
        return
    reasons = [line.rpartition(b"\t")[2] for line in lines if not line.startswith(SEAL.encode())]
    kept = [reason for reason in reasons if not reason.startswith(BY_PROTOCOL.encode())]
    if are_too_many(n_bad := sum(reason != b"" for reason in kept), len(kept), most):
        raise ValueError(
            f"{most:g}, but {n_bad} of {len(kept)} clips are bad in {manifest}: allow more, or repair the clips that "
            f"{manifest.with_suffix('.excluded.tsv')} lists and delete {manifest}"
        )
