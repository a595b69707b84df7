"""The tables of `workflow/papers/sta_hands/` against what is printed in the paper, typed from its pages."""

from typing import Any

import pytest

from tests import papers

METRICS = ("cs_acc", "cv_acc", "avg_acc")

# Table 1: label, whether pose is an input (o: for attention only), whether RGB is, CS, CV, mean. A, B, A+B are its own.
TABLE_1 = """
Lie Group [35] | x | - | 50.1 52.8 51.5
Skeleton Quads [9] | x | - | 38.6 41.4 40.0
Dynamic Skeletons [13] | x | - | 60.2 65.2 62.7
HBRNN [8] | x | - | 59.1 64.0 61.6
Deep LSTM [30] | x | - | 60.7 67.3 64.0
Part-aware LSTM [30] | x | - | 62.9 70.3 66.6
ST-LSTM + TrustG. [24] | x | - | 69.2 77.7 73.5
STA-LSTM [33] | x | - | 73.2 81.2 77.2
GCA-LSTM [25] | x | - | 74.4 82.8 78.6
JTM [36] | x | - | 76.3 81.1 78.7
MTLN [17] | x | - | 79.6 84.8 82.2
DSSCA - SSLM [31] | x | x | 74.9 - -
Deep GRU [A] | x | - | 68.0 74.2 71.1
STA-Hands [B] | o | x | 73.5 80.2 76.9
A+B | x | x | 82.5 88.6 85.6
"""
# Tables 2 and 3: label, spatial attention on hidden state, on augmented pose, temporal attention, CS, CV, mean.
TABLE_2 = """
Sum | - - - | 68.3 74.6 71.5
Concat | - - - | 68.9 75.2 72.0
SA-Hands | x - - | 69.8 76.2 73.0
SA-Hands | - x - | 71.0 78.9 75.0
SA-Hands | x x - | 70.5 76.6 73.6
TA-Hands | - - x | 71.1 78.5 74.8
STA-Hands | x - x | 72.2 77.8 75.0
STA-Hands | - x x | 73.5 80.2 76.9
STA-Hands | x x x | 72.8 78.3 75.6
"""
TABLE_3 = """
Sum-Hands | - - - | 79.5 85.9 82.8
SA-Hands | x - - | 80.5 86.8 83.7
SA-Hands | - x - | 81.4 87.4 84.4
SA-Hands | x x - | 81.0 86.9 84.0
TA-Hands | - - x | 80.8 87.6 84.2
STA-Hands | x - x | 81.4 87.4 84.4
STA-Hands | - x x | 82.5 88.6 85.6
STA-Hands | x x x | 81.6 88.0 84.8
"""
WORDS = {"x": "yes", "-": "no", "o": "attention_only"}
RUNS = {
    "Deep GRU [A]": ["deep_gru"],
    "STA-Hands [B]": ["sta_hands_pose"],
    "A+B": ["deep_gru", "sta_hands_pose"],
    ("Sum", "- - -"): "sum_hands",
    ("Sum-Hands", "- - -"): "sum_hands",
    ("Concat", "- - -"): "concat_hands",
    ("SA-Hands", "x - -"): "sa_hands_hidden",
    ("SA-Hands", "- x -"): "sa_hands_pose",
    ("SA-Hands", "x x -"): "sa_hands_hidden_pose",
    ("TA-Hands", "- - x"): "ta_hands",
    ("STA-Hands", "x - x"): "sta_hands_hidden",
    ("STA-Hands", "- x x"): "sta_hands_pose",
    ("STA-Hands", "x x x"): "sta_hands_hidden_pose",
}


@pytest.fixture(scope="module")
def tables() -> dict[str, Any]:
    return papers.paper("sta_hands")["tables"]


def numbers(text: str) -> dict[str, float]:
    return {metric: float(word) for metric, word in zip(METRICS, text.split(), strict=True) if word != "-"}


def test_table_1(tables: dict[str, Any]) -> None:
    lines = [[part.strip() for part in line.split("|")] for line in TABLE_1.strip().splitlines()]
    rows = tables["ntu_table1"]["rows"]
    assert [row["label"] for row in rows] == [label for label, *_ in lines]
    for row, (label, pose, rgb, values) in zip(rows, lines, strict=True):
        assert row["published"] == numbers(values), label
        assert row["conditions"] == {"pose_input": WORDS[pose], "rgb_input": WORDS[rgb]}, label
        assert row["own_method"] == (label in RUNS), label
        assert row.get("runs", []) == RUNS.get(label, []), label


@pytest.mark.parametrize(
    ("name", "text", "streams"), [("ntu_table2", TABLE_2, []), ("ntu_table3", TABLE_3, ["deep_gru"])]
)
def test_ablations(tables: dict[str, Any], name: str, text: str, streams: list[str]) -> None:
    lines = [[part.strip() for part in line.split("|")] for line in text.strip().splitlines()]
    rows = tables[name]["rows"]
    assert [row["label"] for row in rows] == [label for label, *_ in lines]
    conditions = ("spatial_hidden_state", "spatial_augmented_pose", "temporal_augmented_motion")
    assert tables[name]["row_columns"] == list(conditions)
    for row, (label, marks, values) in zip(rows, lines, strict=True):
        run = RUNS[label, marks]
        assert row["published"] == numbers(values), row
        assert row["conditions"] == dict(zip(conditions, (WORDS[mark] for mark in marks.split()), strict=True)), row
        assert row["own_method"], row
        assert row["runs"] == [*streams, run], row
        assert row["method_id"] == ("two_stream_" + run if streams else run), row


def test_columns(tables: dict[str, Any]) -> None:
    protocols = {"cs_acc": ["cross_subject"], "cv_acc": ["cross_view"], "avg_acc": ["cross_subject", "cross_view"]}
    for name in ("ntu_table1", "ntu_table2", "ntu_table3"):
        table = tables[name]
        assert table["unit"] == "percent"
        assert {metric: column["protocols"] for metric, column in table["columns"].items()} == protocols
        assert list(table["columns"]) == list(METRICS)
        assert all((column["split"], column["metric"]) == ("test", "accuracy") for column in table["columns"].values())


def test_each_row_has_its_own_method(tables: dict[str, Any]) -> None:
    for table in tables.values():
        methods = [row["method_id"] for row in table["rows"]]
        assert len(set(methods)) == len(methods)
