"""The table and settings of `workflow/papers/pose_lstm/` against the report, typed from its pages."""

from typing import Any

import pytest

from poseattn.datasets.stanford40 import PROTOCOLS
from tests import papers

# Label, method, data set, input, and accuracy in training, validation and testing.
TABLE = """
Complete / Pose concatenated to image    | pose_lstm_concat_complete | complete | pose_concat      | 0.82 0.525 0.493
Small / Pose concatenated to image       | pose_lstm_concat_small    | small    | pose_concat      | 0.97 0.24 0.08
xSmall / Pose concatenated to image      | pose_lstm_concat_xsmall   | xsmall   | pose_concat      | 1 0 0
Complete / Pose as initial hidden state  | pose_lstm_init_complete   | complete | pose_init_hidden | 0.796 0.36 0.328
Small / Pose as initial hidden state     | pose_lstm_init_small      | small    | pose_init_hidden | 0.95 0.2 0.15
xSmall / Pose as initial hidden state    | pose_lstm_init_xsmall     | xsmall   | pose_init_hidden | 1 0.12 0.2
"""


@pytest.fixture(scope="module")
def paper() -> dict[str, Any]:
    return papers.paper("pose_lstm")


def test_rows_are_those_of_the_report(paper: dict[str, Any]) -> None:
    table = paper["tables"]["stanford40_table1"]
    assert (table["unit"], table["row_columns"]) == ("fraction", ["dataset_type", "input_type"])
    assert list(table["columns"]) == ["train_acc", "val_acc", "test_acc"]
    for name, column in table["columns"].items():
        assert column == {"dataset": "stanford40", "split": name.removesuffix("_acc"), "metric": "accuracy"}
    lines = [[part.strip() for part in line.split("|")] for line in TABLE.strip().splitlines()]
    assert len(table["rows"]) == len(lines) == 6
    for row, (label, method, subset, kind, values) in zip(table["rows"], lines, strict=True):
        assert (row["label"], row["method_id"], row["own_method"]) == (label, method, True)
        assert row["conditions"] == {"dataset_type": subset, "input_type": kind}
        assert row["published"] == dict(zip(table["columns"], map(float, values.split()), strict=True))
        assert row["runs"] == [method]
        (protocol,) = row["protocols"]
        assert protocol == f"{subset}_{'official' if subset == 'complete' else 'stratified_60_20_20'}"
        assert protocol in PROTOCOLS and protocol in paper["runs"][method]["paper"]["protocols"]


def test_every_run_knows_both_rules_of_its_subset(paper: dict[str, Any]) -> None:
    for name, entry in paper["runs"].items():
        subset = name.rpartition("_")[2]
        for root in ("paper", "standin"):
            assert entry[root]["protocols"] == [f"{subset}_official", f"{subset}_stratified_60_20_20"], name


def test_hyper_parameters_of_sections_3_and_4(paper: dict[str, Any]) -> None:
    assert len(paper["runs"]) == 6
    for name, entry in paper["runs"].items():
        run = entry["paper"]
        cells = {"hidden": 4096, "depth": 3, "cell": "lstm", "reduction": "reshape_resize", "num_steps": 1}
        cells |= {"bias": True, "attention": False, "dropout": 0}
        has_pose = "_init_" in name
        assert run["arguments"] == cells | ({"embedding": False} if has_pose else {}), name
        assert run["model"] == ("pose_lstm" if has_pose else "pose_lstm_concat"), name
        assert (run["optimizer"], run["smoothing"], run["grad_clamp"]) == ("rmsprop", 0.95, 5), name
        assert (run["learning_rate"], run["drops"], run["weight_decay"]) == (0.001, [], 0), name
        assert (run["batch"], run["iterations"], run["epochs"]) == (200, 500, 350), name
        assert run["batch"] * run["iterations"] * run["epochs"] == 35_000_000
        assert (run["loss"], run["keep"], run["patience"]) == ("logistic", "last", run["epochs"]), name
        assert (run["frames"], run["mirror"], run["test_draws"]) == (1, False, 1), name


def test_the_two_inputs_differ_in_where_the_pose_is(paper: dict[str, Any]) -> None:
    concat, init = (paper["runs"][f"pose_lstm_{kind}_complete"]["paper"] for kind in ("concat", "init"))
    assert concat["inputs"] == {"cubes": "stanford40_pose_below"}
    assert init["inputs"] == {"cubes": "stanford40_image", "heatmaps": "stanford40_whole"}
    for root in ("paper", "standin"):
        image, both = (paper["cubes"][f"stanford40_{name}"][root] for name in ("image", "pose_below"))
        assert both == image | {"heatmaps": "stanford40_whole"}
    image = paper["cubes"]["stanford40_image"]["paper"]
    assert (image["backbone"], image["tap"], image["size"]) == ("googlenet", "inception5b", 224)
    assert paper["frames"]["stanford40_squashed"]["paper"] == {"store": "none", "size": 224}


def test_figures_of_the_report(paper: dict[str, Any]) -> None:
    assert len(paper["pose_maps"]["pose_lstm_fig1"]["actions"]) == 3
    assert paper["pose_maps"]["pose_lstm_fig1"]["actions"][2] == "brushing_teeth"
    figure = paper["cells"]["pose_lstm_fig5"]
    assert figure["cells"] == [1, 2] and paper["runs"][figure["run"]]["paper"]["model"] == "pose_lstm"
