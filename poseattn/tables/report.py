"""Render one self-contained HTML page of results: tables, measured and published values side by side, and figures."""

import base64
from collections.abc import Iterable
from html import escape
from typing import NamedTuple

_CSS = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 96rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.6rem; margin-bottom: .3rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .4rem; }
.warning { background: #fff3cd; border-left: .4rem solid #d39e00; padding: .7rem 1rem; margin: 1rem 0; }
.about { color: #555; margin: .2rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #ddd; text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid #888; vertical-align: bottom; font-weight: 600; }
thead th.metric { text-align: center; border-bottom: 1px solid #bbb; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.first, th.first { border-left: 1px solid #ddd; }
td:first-child { white-space: nowrap; }
td.measured { font-weight: 600; }
tr.own { background: #eef4fb; }
tr.other { color: #555; }
td.note { color: #555; font-size: .8rem; min-width: 14rem; }
.count { display: block; color: #777; font-size: .72rem; font-weight: 400; }
figure { margin: 1.5rem 0; }
figure img { max-width: 100%; border: 1px solid #ddd; }
figcaption { color: #555; max-width: 60rem; }
"""
_LABELS = ("row_label", "method_id", "own_method")
_COMMON = ("seeds", "data", "weights", "note")
_PARTS = ("", "_sd", "_published", "_delta", "_n_test", "_n_excluded")
_SHORT = {"yes": "✓", "no": "–"}


class Table(NamedTuple):
    """A results table: its name, its columns in order, and its rows, each a dict of texts by column."""

    name: str
    columns: list[str]
    rows: list[dict[str, str]]


class Figure(NamedTuple):
    """A figure: its name, title and caption, and the PNG file."""

    name: str
    title: str
    caption: str
    content: bytes


def render_page(tables: list[Table], figures: list[Figure]) -> str:
    """Render the page; the same tables and figures give the same text.

    Args:
        tables: Results tables, in the order in which they shall stand.
        figures: They come below the tables.

    Returns:
        HTML without a script and without a reference to anything outside the page.
    """
    measured = [row for table in tables for row in table.rows if row["data"]]
    about = "".join(
        f'<p class="about">{name}: {escape(_distinct(row[column] for row in measured))}</p>'
        for name, column in (("Data", "data"), ("Weights", "weights"), ("Seeds", "seeds"))
    )
    synthetic = [table.name for table in tables if any("synthetic" in row["data"] for row in table.rows)]
    body = "".join([_warning(synthetic), *map(_table, tables), *map(_figure, figures)])
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>poseattn: results</title>\n'
        f"<style>{_CSS}</style>\n</head>\n<body>\n<h1>Results, measured and published</h1>\n{about}\n{body}"
        "</body>\n</html>\n"
    )


def _distinct(values: Iterable[str]) -> str:
    return ", ".join(sorted(set(values) - {""})) or "nothing measured yet"


def _warning(names: list[str]) -> str:
    if not names:
        return ""
    return (
        '<p class="warning" role="alert"><strong>Synthetic data.</strong> '
        f"{escape(', '.join(names))}: measured on small rendered stand-ins, not on the data sets of the papers. These "
        "numbers show that the whole pipeline works. They say nothing about the published ones, which stand beside "
        "them for orientation only; no difference is computed.</p>\n"
    )


def _table(table: Table) -> str:
    """A section with one table, its rows in the order of the file."""
    metrics = [column.removesuffix("_published") for column in table.columns if column.endswith("_published")]
    known = {*_LABELS, *_COMMON, *(metric + part for metric in metrics for part in _PARTS)}
    others = [column for column in table.columns if column not in known]
    last = table.columns.index(metrics[0]) if metrics else len(table.columns)
    conditions = [column for column in others if table.columns.index(column) < last]
    extra = [column for column in others if column not in conditions]
    rows = "".join(_row(row, conditions, metrics, extra) for row in table.rows)
    return (
        f'<section>\n<h2 id="{escape(table.name)}">{escape(table.name)}</h2>\n<div class="scroll"><table>\n'
        f"{_head(conditions, metrics, extra)}<tbody>\n{rows}</tbody>\n</table></div>\n</section>\n"
    )


def _head(conditions: list[str], metrics: list[str], extra: list[str]) -> str:
    tall = '<th rowspan="2" scope="col">{}</th>'
    first = [tall.format(_words(name)) for name in ("method", *conditions)]
    first += [f'<th colspan="3" scope="colgroup" class="metric first">{_words(metric)}</th>' for metric in metrics]
    first += [tall.format(_words(name)) for name in (*extra, *_COMMON)]
    second = '<th class="number first">measured</th><th class="number">published</th><th class="number">difference</th>'
    return f"<thead>\n<tr>{''.join(first)}</tr>\n<tr>{second * len(metrics)}</tr>\n</thead>\n"


def _row(row: dict[str, str], conditions: list[str], metrics: list[str], extra: list[str]) -> str:
    own = row["own_method"].lower() == "true"
    cells = [f"<td>{escape(row['row_label'])}</td>"]
    cells += [f"<td>{_words(_SHORT.get(row[name], row[name]))}</td>" for name in conditions]
    cells += [_metric(row, metric) for metric in metrics]
    cells += [f'<td class="number">{escape(row[name])}</td>' for name in extra]
    cells += [f"<td>{escape(row[name])}</td>" for name in ("seeds", "data", "weights")]
    cells.append(f'<td class="note">{escape(row["note"])}</td>')
    return f'<tr class="{"own" if own else "other"}">{"".join(cells)}</tr>\n'


def _metric(row: dict[str, str], metric: str) -> str:
    """Three cells: what was measured (with its spread over seeds and its number of clips), published, difference."""
    value, spread, published, difference, n_test, n_excluded = (row.get(metric + part, "") for part in _PARTS)
    measured = escape(value + (f" ± {spread}" if spread else ""))
    if n_test:
        excluded = f", {n_excluded} excluded" if n_excluded not in ("", "0") else ""
        measured += f'<span class="count">{escape(f"{n_test} clips{excluded}")}</span>'
    if difference and not difference.startswith("-"):
        difference = f"+{difference}"
    return (
        f'<td class="number first measured">{measured}</td><td class="number">{escape(published)}</td>'
        f'<td class="number">{escape(difference.replace("-", "−"))}</td>'
    )


def _words(name: str) -> str:
    return escape(name.replace("_", " "))


def _figure(figure: Figure) -> str:
    source = base64.b64encode(figure.content).decode()
    return (
        f'<section>\n<h2 id="{escape(figure.name)}">{escape(figure.name)}: {escape(figure.title)}</h2>\n<figure>'
        f'<img alt="{escape(figure.title)}: {escape(figure.caption)}" src="data:image/png;base64,{source}">'
        f"<figcaption>{escape(figure.caption)}</figcaption></figure>\n</section>\n"
    )
