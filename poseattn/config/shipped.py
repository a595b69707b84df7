"""The files that are shipped: stand-ins, and for each paper a folder of YAML files with one CSV file for each table."""

from pathlib import Path

from poseattn.config.files import read_checked, shown
from poseattn.config.placed import Place, Placed, place_tree
from poseattn.config.table_rows import read_rows
from poseattn.config.unknown import no_such

_HEAD = ("source", "unit", "row_columns", "published_classes", "columns", "extra_columns")


def shipped_files(workflow: Path) -> list[Path]:
    """Return the YAML files of the configuration that a user does not edit.

    Args:
        workflow: Folder with `standins/` and `papers/`.

    Returns:
        The files in order.
    """
    return [*sorted(workflow.glob("standins/[!.]*.yaml")), *sorted(workflow.glob("papers/*/[!.]*.yaml"))]


def read_shipped(workflow: Path) -> Placed:
    """Read all shipped files.

    Beside sections, a file may have `bases`, which only hold what its entries begin with, and `standin`, the budget of
    its runs that name none.

    Args:
        workflow: Folder with `standins/` and `papers/`.

    Returns:
        The sections together, with the rows of all tables.

    Raises:
        ValueError: One line that names the file and the line: no YAML or CSV, or a name that two files have.
    """
    sections: dict[str, Placed] = {}
    files = shipped_files(workflow)
    if not files:
        raise ValueError(f"{workflow}: no standins/*.yaml and papers/*/*.yaml in this folder")
    for file in files:
        for section, entries in _sections(place_tree(read_checked(file), file)).items():
            if section == "tables":
                entries = _with_rows(entries, file.parent)
            sections[section] = _together(section, sections.get(section, Placed({}, entries.place)), entries)
    _check_rows(workflow, sections.get("tables", Placed({}, Place(workflow))))
    return Placed(sections, Place(workflow))


def _sections(root: Placed) -> dict[str, Placed]:
    """Return the sections of a file; a run that names no budget gets the budget of the file."""
    standin, runs = root.get("standin"), root.get("runs")
    sections = root.without("bases", "standin").value
    for section, entries in sections.items():
        if not isinstance(entries.value, dict):
            raise ValueError(f"{entries.place}: {section}: expected names and their settings")
    if standin is None or runs is None:
        return sections
    named = {name: run.but(standin=run.get("standin") or standin) for name, run in runs.value.items()}
    return sections | {"runs": Placed(named, runs.place)}


def _together(section: str, some: Placed, more: Placed) -> Placed:
    if twice := [name for name in more.value if name in some.value]:
        name = twice[0]
        raise ValueError(f"{more.value[name].place}: {section}.{name} is in {some.value[name].place} already")
    return some.but(**more.value)


def _with_rows(tables: Placed, folder: Path) -> Placed:
    """Give tables the rows of their CSV files, and bring their keys into one order, which is part of a table."""
    found = {}
    for name, head in tables.value.items():
        if not (file := folder / f"{name}.csv").is_file():
            raise ValueError(f"{head.place}: tables.{name}: its rows are missing: no file {shown(file)}")
        rows = read_rows(file, head)
        keys = (*_HEAD, *sorted(head.value.keys() - {*_HEAD}))
        found[name] = Placed({key: head.value[key] for key in keys if key in head.value} | {"rows": rows}, head.place)
    return Placed(found, tables.place)


def _check_rows(workflow: Path, tables: Placed) -> None:
    """Refuse rows that no table has: their name may be misspelt."""
    for file in sorted(workflow.glob("papers/*/[!.]*.csv")):
        if file.stem not in tables.value:
            raise ValueError(f"{shown(file)}: {no_such('table', file.stem, tables.value)}")
