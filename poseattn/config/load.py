"""The whole configuration: shipped files, `config.yaml`, files of `--configfile`, `--config`; later ones count more."""

from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

from poseattn.config.budgets import Budgets
from poseattn.config.check import Mistake, check_all
from poseattn.config.files import read_checked
from poseattn.config.placed import Place, Placed, find_place, merge, place_all, place_tree, plain
from poseattn.config.rows import Choose, as_written, fill_in, on_data_set
from poseattn.config.shipped import read_shipped

_NOTHING: Mapping[str, Any] = {}


def load(
    workflow: Path,
    users: Path,
    given: Sequence[Path] = (),
    command: Mapping[str, Any] = _NOTHING,
    has_run: bool = False,
) -> Placed:
    """Read, merge and check the configuration.

    The shipped part is complete before anything is laid over it: a user's change of `paper` does not change `standin`.

    Args:
        workflow: Folder with `papers/`, `standins/` and `schemas/`.
        users: The file `config.yaml`, which may be missing.
        given: Files of `--configfile`, the one that counts most last.
        command: Keys and values of `--config`.
        has_run: Whether Snakemake has read the files of `--configfile`, and so has run code in them.

    Returns:
        The configuration, of which every value knows where it was written.

    Raises:
        ValueError: One line that names the place, the key, what was found and what was expected.
    """
    trees = [place_tree(read_checked(file, has_run), file) for file in given]
    if users.exists():
        trees.insert(0, place_tree(read_checked(users), users))
    trees.append(place_all(dict(command), Place(None)))
    user = reduce(merge, trees)
    shipped = read_shipped(workflow)
    budgets = Budgets(merge(_section(shipped, "budgets"), _section(user, "budgets")))
    whole = _complete(shipped, budgets, on_data_set)
    whole = _complete(merge(_make_room(whole, user), user), budgets, as_written)
    budgets.check_taken()
    try:
        check_all(plain(whole), workflow / "schemas")
    except Mistake as mistake:
        place = find_place(whole, mistake.keys)
        raise ValueError(f"{place}: {mistake}" if place else str(mistake)) from None
    return whole


def _section(part: Placed, name: str) -> Placed:
    return part.get(name) or Placed({}, part.place)


def _complete(part: Placed, budgets: Budgets, choose: Choose) -> Placed:
    """Write out the stand-ins of runs and the rows of tables; budgets are then used up."""
    runs = budgets.fill_in(part.get("runs"))
    filled = {"runs": runs} if runs else {}
    known = {name for kind in ("runs", "snippet_scores") for name in (_keys(part.get(kind)))}
    tables = fill_in(part.get("tables"), known, choose)
    return part.but(**filled, **({"tables": tables} if tables else {})).without("budgets")


def _keys(part: Placed | None) -> list[str]:
    return list(part.value) if part and isinstance(part.value, dict) else []


def _make_room(shipped: Placed, user: Placed) -> Placed:
    """Take away the stand-ins of runs to which the user gives another budget."""
    runs, own = shipped.value["runs"], user.get("runs")
    changed = {
        name: runs.value[name].without("standin")
        for name in _keys(own)
        if name in runs.value and (standin := own.value[name].get("standin")) and standin.get("budget")
    }
    return shipped.but(runs=runs.but(**changed))
