"""Tell whether Snakemake's records belong to the results beside them: results without records all count as current.

The first run gives `results/` and `.snakemake/` the same name. Results that were copied or linked from elsewhere, or
whose records were removed, have another name than the records, or no records at all.
"""

import uuid
from pathlib import Path

from poseattn.files import replace_file

OF_RESULTS, OF_RECORDS = Path("results/.records"), Path(".snakemake/poseattn_records")
_MADE = ("backbones", "cubes", "flow", "frames", "glimpses", "heatmaps", "manifests", "pieces", "poses", "runs")


def check_records() -> None:
    """Refuse results whose records are not here.

    Raises:
        ValueError: The records are missing, or belong to other results; the message says what to do.
    """
    is_empty = not any((OF_RESULTS.parent / name).is_dir() for name in _MADE)
    if is_empty or _name(OF_RESULTS) == _name(OF_RECORDS) != "":
        return
    if not OF_RESULTS.exists() and any(Path(".snakemake").glob("metadata*/*")):  # made before there were names
        return
    raise ValueError(
        "results/ was made elsewhere, or its records in .snakemake/ were removed: Snakemake would take all of it for "
        "current. Copy .snakemake/ from the folder where it was made; or run `poseattn accept` with your "
        "targets, which takes their files as they are; or move results/ away to make everything anew"
    )


def name_records() -> None:
    """Say that results and records belong together."""
    name = _name(OF_RESULTS) or _name(OF_RECORDS) or uuid.uuid4().hex
    for path in (OF_RECORDS, OF_RESULTS):
        if _name(path) != name:
            replace_file(path, f"{name}\n".encode())


def _name(path: Path) -> str:
    return path.read_text().strip() if path.is_file() else ""
