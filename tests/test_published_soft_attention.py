"""The tables of `workflow/papers/soft_attention/` against what is printed in the paper, typed from its pages."""

from typing import Any

import pytest

from tests import papers

# Label, method, UCF-11, HMDB-51, Hollywood2.
TABLE_1 = """
Softmax Regression (full CNN feature cube) | softmax_regression | 82.37 33.46 34.62
Avg pooled LSTM (@ 30 fps) | avg_pool_lstm | 82.56 40.52 43.19
Max pooled LSTM (@ 30 fps) | max_pool_lstm | 81.60 37.58 43.22
Soft attention model (@ 30 fps) | soft_attention | 84.96 41.31 43.91
"""
# Label, section, HMDB-51, Hollywood2.
TABLE_2 = """
Spatial stream ConvNet [9] | rgb | 40.5 -
Soft attention model (Our model) | rgb | 41.3 43.9
Composite LSTM Model [10] | rgb | 44.0 -
DL-SFA [11] | rgb | - 48.1
VideoDarwin [5] | rgb_flow | 63.7 73.7
Objects+Traditional+Stacked Fisher Vectors [7] | rgb_flow_objects | 71.3 66.4
"""


@pytest.fixture(scope="module")
def paper() -> dict[str, Any]:
    return papers.paper("soft_attention")


def _lines(text: str) -> list[list[str]]:
    return [[part.strip() for part in line.split("|")] for line in text.strip().splitlines()]


def _numbers(columns: tuple[str, ...], text: str) -> dict[str, float]:
    return {name: float(word) for name, word in zip(columns, text.split(), strict=True) if word != "-"}


def test_table_1(paper: dict[str, Any]) -> None:
    table = paper["tables"]["soft_attention_table1"]
    columns = ("ucf11_acc", "hmdb51_acc", "hollywood2_map")
    assert tuple(table["columns"]) == columns
    assert [row["label"] for row in table["rows"]] == [label for label, *_ in _lines(TABLE_1)]
    for row, (_, method, values) in zip(table["rows"], _lines(TABLE_1), strict=True):
        assert (row["method_id"], row["own_method"]) == (method, True)
        assert row["published"] == _numbers(columns, values)
        for column, dataset in zip(columns, ("ucf11", "hmdb51", "hollywood2"), strict=True):
            assert row["runs"][column] == [f"{method}_{dataset}"]
            assert paper["runs"][f"{method}_{dataset}"]["paper"]["dataset"] == dataset
        assert row["runs"]["hmdb51_acc_3split"] == row["runs"]["hmdb51_acc"]
    assert table["extra_columns"]["hmdb51_acc_3split"]["protocols"] == ["split1", "split2", "split3"]
    metrics = {name: column["metric"] for name, column in table["columns"].items()}
    assert metrics == dict(zip(columns, ("accuracy", "accuracy", "mean_average_precision"), strict=True))


def test_table_2(paper: dict[str, Any]) -> None:
    table = paper["tables"]["soft_attention_table2"]
    columns = ("hmdb51_acc", "hollywood2_map")
    assert [row["label"] for row in table["rows"]] == [label for label, *_ in _lines(TABLE_2)]
    for row, (label, section, values) in zip(table["rows"], _lines(TABLE_2), strict=True):
        assert row["published"] == _numbers(columns, values), label
        assert row["conditions"] == {"input_section": section}, label
        assert row["own_method"] == ("Our model" in label)
        assert ("runs" in row) == row["own_method"]


def test_hyper_parameters_of_the_released_configurations(paper: dict[str, Any]) -> None:
    """Sizes 512, 1024 and 512; Adam at 2e-4, batches of 128, 15 epochs, decay 1e-5, no attention penalty."""
    for dataset, hidden in {"ucf11": 512, "hmdb51": 1024, "hollywood2": 512}.items():
        for method in ("soft_attention", "avg_pool_lstm", "max_pool_lstm"):
            run = paper["runs"][f"{method}_{dataset}"]["paper"]
            assert (run["arguments"]["hidden"], run["arguments"]["layers"]) == (hidden, 3)
            assert (run["learning_rate"], run["batch"], run["epochs"], run["weight_decay"]) == (2e-4, 128, 15, 1e-5)
            assert (run["frames"], run["rate"], run["attention_penalty"]) == (30, 30, 0)
            assert run["loss"] == ("sigmoid" if dataset == "hollywood2" else "softmax")
    assert paper["runs"]["soft_attention_lambda1"]["paper"]["attention_penalty"] == 1
    assert paper["runs"]["soft_attention_6fps"]["paper"]["rate"] == 6
