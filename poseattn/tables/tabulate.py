"""Results tables as data: scores in, measured and published values side by side out.

Which rows, columns and published values a table has is written in `workflow/papers/`; nothing here knows a table.
"""

import json
from collections.abc import Iterable, Sequence
from statistics import fmean, stdev
from typing import Any, NamedTuple

from poseattn.tables.metrics import METRICS
from poseattn.tables.scores import ScoreIndex, Scores, fuse, why_nothing

_UNITS = {"percent": (100, 2), "fraction": (1, 4)}  # factor of a fraction, decimals
_FUSIONS = ("sum_logits", "weighted_sum")
_OF_A_METRIC = ("", "_sd", "_published", "_delta", "_n_test", "_n_excluded")
_OF_AN_EXTRA = ("", "_sd", "_n_test", "_n_excluded")
_OF_A_ROW = ("seeds", "data", "weights", "note")


class Cell(NamedTuple):
    """One metric of one row.

    Attributes:
        values: One fraction for each seed; none if it cannot be measured.
        n_test: Clips that were scored, of all protocols together.
        n_excluded: Clips that should have been.
        reasons: Why it cannot be measured.
        n_streams: How many runs are added up.
        sources: Scores it is made from, of each protocol and seed one for each stream; none in a row that has
            published values only.
    """

    values: list[float]
    n_test: int
    n_excluded: int
    reasons: list[str]
    n_streams: int
    sources: list[Scores]


def tabulate(table: dict[str, Any], scores: Iterable[Scores]) -> list[list[str]]:
    """Make a table.

    A value is the mean over seeds of the mean over protocols; its deviation is that of the seeds' means (n - 1).

    Args:
        table: The table as its paper file has it.
        scores: Scores of all runs, protocols and seeds of the table.

    Returns:
        Texts of the header and of each row: label, id, conditions, six columns a metric, where the numbers come from,
        and four columns for each metric that is not in the paper. What is not known is empty.

    Raises:
        ValueError: The unit is unknown, scores are missing or are there twice, or streams cannot be added up.
    """
    if table["unit"] not in _UNITS:
        raise ValueError(f"unit {table['unit']!r} is not one of {', '.join(_UNITS)}")
    metrics = [metric + suffix for metric in table["columns"] for suffix in _OF_A_METRIC]
    header = ["row_label", "method_id", "own_method", *table["row_columns"], *metrics, *_OF_A_ROW]
    header += [metric + suffix for metric in table.get("extra_columns", {}) for suffix in _OF_AN_EXTRA]
    index = ScoreIndex(scores)
    return [header, *(_row(table, row, index) for row in table["rows"])]


def _row(table: dict[str, Any], row: dict[str, Any], index: ScoreIndex) -> list[str]:
    extra = table.get("extra_columns", {})
    cells = {metric: _cell(row, metric, column, index) for metric, column in (table["columns"] | extra).items()}
    sources = [scores for cell in cells.values() for scores in cell.sources]
    texts = [row["label"], row["method_id"], str(row["own_method"]).lower()]
    texts += [str(row.get("conditions", {}).get(name, "")) for name in table["row_columns"]]
    measured = {
        metric: dict(zip(_OF_A_METRIC, _cell_texts(cell, row["published"].get(metric), table["unit"]), strict=True))
        for metric, cell in cells.items()
    }
    texts += [measured[metric][suffix] for metric in table["columns"] for suffix in _OF_A_METRIC]
    seeds = {int(scores.attrs["seed"]) for scores in sources}
    texts += [str(len(seeds) or ""), _joined(sources, "data"), _weights(cells.values()), _note(table, cells)]
    return texts + [measured[metric][suffix] for metric in extra for suffix in _OF_AN_EXTRA]


def _cell(row: dict[str, Any], metric: str, column: dict[str, Any], index: ScoreIndex) -> Cell:
    """Fuse the streams and measure each seed; seeds are scored on the same clips."""
    runs = row.get("runs", [])
    runs = runs.get(metric, []) if isinstance(runs, dict) else runs
    if len(runs) > 1 and row.get("fuse") not in _FUSIONS:
        expected = " or ".join(_FUSIONS)
        raise ValueError(
            f"row {row['method_id']}: fuse is {row.get('fuse')!r} for {len(runs)} runs, expected {expected}"
        )
    if not runs:
        return Cell([], 0, 0, [], 0, [])
    values, counts, reasons, sources = [], set(), [], []
    for seed in index.seeds(runs):
        names = row["protocols"] if "protocols" in row else column["protocols"]
        streams = [[index.get(run, name, column["split"], seed) for run in runs] for name in names]
        parts = [fuse(one, row.get("stream_weights")) for one in streams]
        counts.add((sum(len(part.label) for part in parts), sum(part.n_excluded for part in parts)))
        missing = [why_nothing(one) for one, part in zip(streams, parts, strict=True) if not len(part.label)]
        try:
            values += [] if missing else [fmean(METRICS[column["metric"]](part.values, part.label) for part in parts)]
        except ValueError as error:
            missing = [str(error)]
        reasons += missing
        sources += [scores for one in streams for scores in one]
    if len(counts) > 1:
        raise ValueError(
            f"row {row['method_id']}, {metric}: scored and excluded clips differ by seed: {sorted(counts)}"
        )
    return Cell(values, *counts.pop(), reasons, len(runs), sources)


def _cell_texts(cell: Cell, published: float | None, unit: str) -> list[str]:
    """Mean, deviation, published value, difference (of real data only), and counts of clips."""
    factor, decimals = _UNITS[unit]
    real = {scores.attrs["data"] for scores in cell.sources} == {"real"}
    mean = factor * fmean(cell.values) if cell.values else None
    deviation = factor * stdev(cell.values) if len(cell.values) > 1 else None
    delta = mean - published if real and mean is not None and published is not None else None
    numbers = [
        "" if number is None else f"{round(number, decimals) + 0.0:.{decimals}f}"  # + 0.0: no negative zero
        for number in (mean, deviation, published, delta)
    ]
    return numbers + ([str(cell.n_test), str(cell.n_excluded)] if cell.sources else ["", ""])


def _weights(cells: Iterable[Cell]) -> str:
    """Weights of each stream, joined by `+`; a stream may be another run in each column."""
    streams: dict[int, list[Scores]] = {}
    for cell in cells:
        for number, scores in enumerate(cell.sources):
            streams.setdefault(number % cell.n_streams, []).append(scores)
    return "+".join(_joined(sources, "weights") for sources in streams.values())


def _joined(sources: Sequence[Scores], name: str) -> str:
    return ", ".join(sorted({str(scores.attrs[name]) for scores in sources}))


def _note(table: dict[str, Any], cells: dict[str, Cell]) -> str:
    """What was not measured and why, what runs say of themselves, classes, clips left out, and inputs that differ."""
    sources = [scores for cell in cells.values() for scores in cell.sources]
    unmeasured = [metric for metric, cell in cells.items() if cell.reasons]
    notes = [f"{', '.join(unmeasured)} not measured"] if unmeasured else []
    notes += [reason for cell in cells.values() for reason in cell.reasons]
    notes += [scores.attrs["note"] for scores in sources]
    found = {scores.values.shape[1] for scores in sources}
    if published := table.get("published_classes"):
        notes += [f"{number} classes, published with {published}" for number in sorted(found - {published})]
    notes += _left_out(cells)
    parts = [part for note in notes for part in note.split("; ") if part]
    return "; ".join(dict.fromkeys(parts + _differences(sources)))


def _left_out(cells: dict[str, Cell]) -> list[str]:
    """Clips that protocols exclude, which are in no count of a column, and excluded ones of which there is no file.

    Both are the same ones in all runs of a protocol.
    """
    texts = {"n_protocol_excluded": "protocol excludes {}", "n_missing": "{} of the excluded have no file"}
    notes = []
    for metric, cell in cells.items():
        for name, text in texts.items():
            counts = {scores.attrs["protocol"]: int(scores.attrs[name]) for scores in cell.sources}
            notes += [f"{metric}: {text.format(n)}"] if (n := sum(counts.values())) else []
    return notes


def _differences(sources: Sequence[Scores]) -> list[str]:
    """Software and devices of which the inputs of one row name more than one."""
    texts = {scores.attrs["versions"] for scores in sources}
    texts |= {text for scores in sources for text in json.loads(scores.attrs["input_versions"])}
    software: dict[str, set[str]] = {}
    for text in texts:
        for name, version in json.loads(text).items():
            software.setdefault(name, set()).add(version)
    software["device"] = {scores.attrs["device"] for scores in sources}
    return [
        f"inputs differ in {name}: {', '.join(sorted(software[name]))}"
        for name in sorted(software)
        if len(software[name]) > 1
    ]
