"""Compare the origin of a file (code, recipe, weights) with the origin that the plan wants.

Shards and checkpoints carry digests of their origin. Each rule passes on the digests that the plan wants of its inputs.
A stage refuses files that other code, another recipe or other weights made, even if Snakemake takes the files for
current because its records were lost or `--touch` was given. Changes that move no number are listed in
`results/accepted.tsv`.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from poseattn.files import read_sealed, write_sealed
from poseattn.networks.weights_files import recorded, sha256

ACCEPTING = "POSEATTN_ACCEPT"  # environment variable by which `accept` tells the workflow what it is for
ACCEPTED = Path("results/accepted.tsv")  # as seen from where Snakemake runs
_COLUMNS = ("file", "what", "old", "new")
_DIGITS = 12
_MANY = re.compile(r"(?<=/seed)\d+(?=/)|(?<=/)\d{3}(?=\.h5$)")  # of seeds and shards, which one rule makes in one way
_PARTS = ("code", "recipe", "weights")


class Accepted(NamedTuple):
    """A digest that a file carries, and the one in its place that moves no number; `what` is one of `_PARTS`."""

    file: str
    what: str
    old: str
    new: str


def group_of(path: str) -> str:
    """Return one name for all files that differ in seed or shard alone: they have the same origin."""
    return _MANY.sub("*", path)


def has_origin(path: str) -> bool:
    """Tell whether a file carries digests of its origin."""
    return path.endswith((".h5", ".pt"))


def planned_origin(code: str, recipe: str, weights: str) -> dict[str, str]:
    """Return the origin that a plan wants of a file.

    Args:
        code: As a rule passes it to its stage.
        recipe: Recipe or run, as a rule passes it to its stage.
        weights: First digits of the SHA-256 of published weights; empty for others.

    Returns:
        Digests by name.
    """
    return {"code": code.partition(":")[0], "recipe": _digest(recipe)} | ({"weights": weights} if weights else {})


def known_digest(path: Path, published: str, sums: Path) -> str:
    """Return the digest of published weights that a plan knows; a file with another digest counts as other weights.

    Args:
        path: The file, which need not be there.
        published: First digits of the SHA-256 that its source states; empty if it states none.
        sums: Record of digests, in the format of `sha256sum`.

    Returns:
        The published digits, else the recorded digest, else the digest of the file, else nothing.
    """
    if published:
        return published
    if digest := recorded(sums).get(path.name):
        return digest
    return sha256(path) if path.exists() else ""


def origin_of(path: Path) -> dict[str, str]:
    """Return the origin of a file, as the file itself states it.

    Args:
        path: Shard, checkpoint, or weights that the pipeline trained.

    Returns:
        Digests by name; empty where the file states none.

    Raises:
        ValueError: The file is damaged.
        OSError: It cannot be opened.
    """
    if path.suffix == ".h5":
        from poseattn.shards.format import read_header  # here and below: rules import this module, and need neither

        attrs = read_header(path).attrs
    else:
        from poseattn.networks.torch_files import read_torch

        attrs = _attributes(read_torch(path, "meta"))
    told = {name: value if isinstance(value, str) else "" for name, value in attrs.items()}
    recipe = told.get("recipe", "")
    return {
        "code": told.get("code", ""),
        "recipe": _digest(recipe) if recipe else "",
        "weights": told.get("weights_sha256", ""),
    }


def check_origins(paths: Iterable[Path], wanted: dict[str, dict[str, str]]) -> None:
    """Refuse files that were not made as the plan wants them.

    Args:
        paths: Inputs of a stage; inputs without a wanted origin are left alone.
        wanted: What `planned_origin` gave, by `group_of` of the files.

    Raises:
        ValueError: A file was made in another way, or is damaged; the message names it and says what to do.
        OSError: A file cannot be opened.
    """
    accepted: frozenset[Accepted] | None = None
    for path in paths:
        if not (other := differences(str(path), wanted.get(group_of(str(path)), {}))):
            continue
        accepted = read_accepted() if accepted is None else accepted
        for difference in other:
            if difference not in accepted:
                raise ValueError(
                    f"{path}: made by other {difference.what} ({difference.old or 'none'}) than the plan wants "
                    f"({difference.new}): delete it and give the same command again, or if the change moves no number "
                    "run `poseattn accept` with the target of that command"
                )


def differences(path: str, wanted: dict[str, str]) -> list[Accepted]:
    """Find the differences between the origin of a file and the wanted origin, as lines of `results/accepted.tsv`."""
    if not wanted:
        return []
    carried = origin_of(Path(path))
    return [
        Accepted(path, what, carried[what], wanted[what])
        for what in _PARTS
        if what in wanted and not _is_same(carried[what], wanted[what])
    ]


def read_accepted() -> frozenset[Accepted]:
    """Read the changes that were accepted.

    Returns:
        The changes; none without the file.

    Raises:
        ValueError: The file changed since it was written.
    """
    if not ACCEPTED.exists():
        return frozenset()
    lines = csv.DictReader(io.StringIO(read_sealed(ACCEPTED)), delimiter="\t")
    return frozenset(Accepted(*(line[name] for name in _COLUMNS)) for line in lines)


def add_accepted(new: Iterable[Accepted]) -> None:
    """Add changes to `results/accepted.tsv`, which is replaced as a whole.

    Args:
        new: The changes.
    """
    text = io.StringIO()
    lines = csv.writer(text, delimiter="\t", lineterminator="\n")
    lines.writerow(_COLUMNS)
    lines.writerows(sorted(read_accepted() | set(new)))
    write_sealed(ACCEPTED, text.getvalue())


def _is_same(carried: str, wanted: str) -> bool:
    """Tell whether a digest is the wanted one; only the first digits may be published."""
    return bool(carried) and carried.startswith(wanted)


def _attributes(content: object) -> dict[str, object]:
    """Read the origin in a file of PyTorch: JSON in a checkpoint, entries beside the numbers in trained weights."""
    if not isinstance(content, dict):
        return {}
    if not isinstance(content.get("about"), str):
        return content
    try:
        about = json.loads(content["about"])
        return {"code": about["code"], "recipe": json.dumps(about["run"], sort_keys=True)}
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}


def _digest(recipe: str) -> str:
    return hashlib.sha256(recipe.encode()).hexdigest()[:_DIGITS]
