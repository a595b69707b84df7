"""Rows of tables in CSV files: worked by hand, and mistakes with file, line and column."""

from pathlib import Path
from typing import Any

import pytest

from poseattn.config.placed import Place, Placed, place_all, plain
from poseattn.config.table_rows import read_rows

HEAD = {"row_columns": ["year", "input"], "columns": {"acc": {}, "map": {}}, "extra_columns": {"own": {}}}
NAMES = "label,method_id,year,input,acc,map,runs,stream_weights\n"


def _read(folder: Path, text: str | bytes, head: dict[str, Any] = HEAD) -> Placed:
    (folder / "t.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_rows(folder / "t.csv", place_all(head, Place(Path("tables.yaml"), 5)))


def test_rows_as_the_pipeline_takes_them(tmp_path: Path) -> None:
    rows = _read(
        tmp_path,
        f"\ufeff{NAMES}"
        "HBRNN [8],hbrnn,2013,yes,59.1,64.0,,\n"
        '"Ours, both",ours,,attention_only,81.60,68,a + b,1 2.5\n'
        "Ours,one,,,,-1,a,\n"
        "Sum,sum,,no,,,a+b,\n",
    )
    assert plain(rows) == [
        {
            "method_id": "hbrnn",
            "label": "HBRNN [8]",
            "conditions": {"year": 2013, "input": "yes"},
            "published": {"acc": 59.1, "map": 64.0},
        },
        {
            "method_id": "ours",
            "label": "Ours, both",
            "conditions": {"input": "attention_only"},
            "runs": ["a", "b"],
            "fuse": "weighted_sum",
            "stream_weights": [1, 2.5],
            "published": {"acc": 81.6, "map": 68},
        },
        {"method_id": "one", "label": "Ours", "conditions": {}, "runs": ["a"], "published": {"map": -1}},
        {
            "method_id": "sum",
            "label": "Sum",
            "conditions": {"input": "no"},
            "runs": ["a", "b"],
            "fuse": "sum_logits",
            "published": {},
        },
    ]
    types = [type(value) for value in plain(rows)[1]["published"].values()]
    assert types == [float, int]  # a number is printed as it was typed
    assert rows.value[1].value["published"].value["map"].place == Place(tmp_path / "t.csv", 3, "map")
    assert rows.value[3].value["runs"].value[1].place == Place(tmp_path / "t.csv", 5, "runs")


def test_a_table_without_conditions_has_none(tmp_path: Path) -> None:
    rows = _read(tmp_path, "label,method_id,acc\na,b,1.0\n", {"row_columns": [], "columns": {"acc": {}}})
    assert plain(rows) == [{"method_id": "b", "label": "a", "published": {"acc": 1.0}}]


def test_more_of_a_row_stands_in_the_table(tmp_path: Path) -> None:
    head = {"columns": {"acc": {}}, "rows": {"b": {"runs": ["x", "y"], "protocols": ["p"]}}}
    rows = _read(tmp_path, "label,method_id,acc\na,b,1.0\n", head)
    expected = {
        "method_id": "b",
        "label": "a",
        "protocols": ["p"],
        "runs": ["x", "y"],
        "fuse": "sum_logits",
        "published": {"acc": 1.0},
    }
    assert plain(rows) == [expected] and list(plain(rows)[0]) == list(expected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1: no column label, method_id, year, input, acc, map"),
        ("label,method_id,year,input,acc\n", ":1: no column map"),
        (
            NAMES.replace("acc", "accc"),
            ":1: unknown column 'accc' (did you mean acc?); expected label, method_id, year,",
        ),
        (NAMES.replace(",runs", ",own"), ":1: unknown column 'own'"),  # our own columns have no published numbers
        (NAMES.replace("map", "acc"), ":1: no column map"),
        ("map," + NAMES, ":1: the column 'map' is there twice"),
        (NAMES + "a,b,1,x,2.0\n", ":2: found 5 cells, expected 8"),
        (NAMES + "a,b,1,x,1.0,2.0,,\n\n", ":3: found 0 cells, expected 8"),
        (NAMES + "a,b,1,x,1.0,2.0,,,\n", ":2: found 9 cells, expected 8"),
        (NAMES + "a,b,1,x,1.0,2.0,,\nc,d,1,x,12;3,2.0,,\n", ":3, column acc: '12;3' is not a number such as 74.9"),
        (NAMES + "a,b,1,x,nan,2.0,,\n", ":2, column acc: 'nan' is not a number such as 74.9"),
        (NAMES + "a,b,1,x,1e5,2.0,,\n", ":2, column acc: '1e5' is not a number such as 74.9"),
        (NAMES + "a,b,1,x,1.0,2.0,r+s,1 x\n", ":2, column stream_weights: 'x' is not a number such as 74.9"),
        (NAMES + "a,,1,x,1.0,2.0,,\n", ":2, column method_id: empty"),
        (NAMES + "a,b,1,x,1.0,2.0,,\nc,b,1,x,1.0,2.0,,\n", ":3, column method_id: 'b' is there twice"),
        (NAMES + 'a,"b"c,1,x,1.0,2.0,,\n', ":2: no CSV: "),
        (NAMES.encode() + b"caf\xe9,b,1,x,1.0,2.0,,\n", ": byte 58 (0xe9) is no UTF-8: save the file in UTF-8"),
    ],
)
def test_a_mistake_has_file_line_and_column(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        _read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path}/t.csv{said}")
    assert "\n" not in str(caught.value)


def test_more_of_a_row_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"tables.yaml:5: no row 'bb' in .*t.csv; there are b$"):
        _read(tmp_path, "label,method_id,acc\na,b,1.0\n", {"columns": {"acc": {}}, "rows": {"bb": {}}})


@pytest.mark.parametrize("rows", [3, {"b": 3}])
def test_more_of_rows_in_another_shape(tmp_path: Path, rows: Any) -> None:
    with pytest.raises(
        ValueError, match="tables.yaml:5: rows: expected the method_id of rows, and keys and values for"
    ):
        _read(tmp_path, "label,method_id,acc\na,b,1.0\n", {"columns": {"acc": {}}, "rows": rows})
