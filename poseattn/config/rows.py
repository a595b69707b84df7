"""Fill in the keys that a row of a results table may leave out: `own_method`, and the runs on each data set."""

from collections.abc import Callable, Collection
from typing import Any

from poseattn.config.placed import Placed

Choose = Callable[[str, str, Collection[str]], str]


def on_data_set(name: str, dataset: str, known: Collection[str]) -> str:
    """Return the run that a name in a CSV file means in a column of a data set.

    Args:
        name: Name of a run, with or without the data set at its end.
        dataset: Data set of the column.
        known: Names of all runs.

    Returns:
        The run of that name and data set if there is one, else the run of that name.
    """
    return f"{name}_{dataset}" if f"{name}_{dataset}" in known else name


def as_written(name: str, dataset: str, known: Collection[str]) -> str:
    """Return the run that a name in YAML means: the run of that name if there is one, else as `on_data_set`."""
    return name if name in known else on_data_set(name, dataset, known)


def fill_in(tables: Placed | None, known: Collection[str], choose: Choose) -> Placed | None:
    """Write out what rows need not say.

    Args:
        tables: Tables by name, with their rows.
        known: Names of all runs.
        choose: Which run a name means in a column of a data set.

    Returns:
        The same with `own_method` in every row, and the full names of runs. What has another shape stays, for the
        schemas to refuse.
    """
    if tables is None or not isinstance(tables.value, dict):
        return tables
    return Placed({name: _table(table, known, choose) for name, table in tables.value.items()}, tables.place)


def _table(table: Placed, known: Collection[str], choose: Choose) -> Placed:
    rows = table.get("rows")
    if rows is None or not isinstance(rows.value, list):
        return table
    datasets: dict[str, Any] = {}
    for group in ("columns", "extra_columns"):
        columns = table.get(group)
        for name, column in columns.value.items() if columns and isinstance(columns.value, dict) else ():
            dataset = column.get("dataset")
            datasets[name] = dataset.value if dataset else ""
    return table.but(rows=Placed([_row(row, datasets, known, choose) for row in rows.value], rows.place))


def _row(row: Placed, datasets: dict[str, Any], known: Collection[str], choose: Choose) -> Placed:
    if not isinstance(row.value, dict):
        return row
    runs = row.get("runs")
    filled = dict(row.value)
    if runs and isinstance(runs.value, list) and all(isinstance(run.value, str) for run in runs.value):
        filled["runs"] = _of_columns(runs, datasets, known, choose)
    if "own_method" in filled:
        return Placed(filled, row.place)
    own = Placed(runs is not None, runs.place if runs else row.place)
    first = {key: filled.pop(key) for key in ("method_id", "label") if key in filled}
    return Placed(first | {"own_method": own} | filled, row.place)


def _of_columns(runs: Placed, datasets: dict[str, Any], known: Collection[str], choose: Choose) -> Placed:
    """Return one list for all columns, or a list for each column where the data set makes a difference."""
    by_column = {
        column: [Placed(choose(run.value, dataset, known), run.place) for run in runs.value]
        for column, dataset in datasets.items()
    }
    named = [[run.value for run in one] for one in by_column.values()]
    if not named or all(one == named[0] for one in named):
        return Placed(next(iter(by_column.values()), runs.value), runs.place)
    return Placed({column: Placed(one, runs.place) for column, one in by_column.items()}, runs.place)
