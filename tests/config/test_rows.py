"""What rows of tables need not say: worked by hand."""

from pathlib import Path
from typing import Any

import pytest

from poseattn.config.placed import Place, place_all, plain
from poseattn.config.rows import Choose, as_written, fill_in, on_data_set

KNOWN = {"rpan_t_ucf11", "rpan_t_hmdb51", "alstm", "alstm_hmdb51", "gru"}
COLUMNS = {"a": {"dataset": "ucf11"}, "b": {"dataset": "hmdb51"}}


def _row(row: dict[str, Any], choose: Choose, columns: dict[str, Any] = COLUMNS) -> dict[str, Any]:
    table = {"columns": columns, "rows": [{"method_id": "m", "label": "l"} | row]}
    filled = fill_in(place_all({"t": table}, Place(Path("t.yaml"), 1)), KNOWN, choose)
    assert filled is not None
    return plain(filled)["t"]["rows"][0]


@pytest.mark.parametrize(
    ("runs", "in_csv", "in_yaml"),
    [
        (["gru"], ["gru"], ["gru"]),
        (["rpan_t"], *[{"a": ["rpan_t_ucf11"], "b": ["rpan_t_hmdb51"]}] * 2),
        (["alstm"], {"a": ["alstm"], "b": ["alstm_hmdb51"]}, ["alstm"]),  # in YAML a run is the run of that name
        (
            ["alstm", "rpan_t"],
            *[{"a": ["alstm", "rpan_t_ucf11"], "b": [b, "rpan_t_hmdb51"]} for b in ("alstm_hmdb51", "alstm")],
        ),
        (["nothing"], ["nothing"], ["nothing"]),  # refused later, by the name that was written
        ({"a": ["rpan_t"]}, {"a": ["rpan_t"]}, {"a": ["rpan_t"]}),
    ],
)
def test_runs_have_the_data_set_of_the_column_at_the_end(runs: Any, in_csv: Any, in_yaml: Any) -> None:
    assert _row({"runs": runs}, on_data_set)["runs"] == in_csv
    assert _row({"runs": runs}, as_written)["runs"] == in_yaml


def test_columns_of_our_own_count_too() -> None:
    table = {
        "columns": {"a": {"dataset": "ucf11"}},
        "extra_columns": {"b": {"dataset": "hmdb51"}},
        "rows": [{"runs": ["rpan_t"]}],
    }
    filled = fill_in(place_all({"t": table}, Place(Path("t.yaml"), 1)), KNOWN, on_data_set)
    assert filled is not None and plain(filled)["t"]["rows"][0]["runs"] == {
        "a": ["rpan_t_ucf11"],
        "b": ["rpan_t_hmdb51"],
    }


def test_a_row_with_runs_is_our_own_method() -> None:
    assert list(_row({"runs": ["gru"]}, as_written)) == ["method_id", "label", "own_method", "runs"]
    assert _row({"runs": ["gru"]}, as_written)["own_method"] is True
    assert _row({"published": {}}, as_written)["own_method"] is False
    assert _row({"runs": ["gru"], "own_method": False}, as_written)["own_method"] is False


@pytest.mark.parametrize(
    "tables", [None, 3, {"t": 3}, {"t": {"rows": 3}}, {"t": {"rows": [3]}}, {"t": {"columns": 3, "rows": []}}]
)
def test_tables_of_another_shape_are_left_to_the_schemas(tables: Any) -> None:
    placed = None if tables is None else place_all(tables, Place(Path("t.yaml"), 1))
    found = fill_in(placed, KNOWN, as_written)
    assert (found if found is None else plain(found)) == tables
