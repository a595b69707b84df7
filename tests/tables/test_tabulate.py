import json
from typing import Any

import numpy as np
import pytest

from poseattn.tables.scores import Scores
from poseattn.tables.tabulate import tabulate

VERSIONS = json.dumps({"numpy": "2.4", "torch": "2.15"})
LABEL = np.array([0, 1, 2, 0])
ONE_HOT = np.eye(3, dtype=np.uint8)[LABEL]
COLUMNS = {
    "cs_acc": {"dataset": "ntu", "protocols": ["cross_subject"], "split": "test", "metric": "accuracy"},
    "avg_acc": {"dataset": "ntu", "protocols": ["cross_subject", "cross_view"], "split": "test", "metric": "accuracy"},
}


OTHERS: dict[str, Any] = {"published": {}}


def scored(run: str, protocol: str, n_right: int, seed: int = 0, n_clips: int = 4, **attrs: Any) -> Scores:
    """Four clips (or the first few), of which the first `n_right` are classified rightly."""
    guess = np.where(np.arange(4) < n_right, LABEL, (LABEL + 1) % 3)
    about = {"run": run, "protocol": protocol, "split": "test", "seed": seed, "n_excluded": 1}
    about |= {"n_missing": 0, "n_protocol_excluded": 0, "data": "synthetic"}
    about |= {"weights": "standin", "note": "", "device": "cpu", "versions": VERSIONS, "input_versions": "[]"}
    about["units"] = "logits"
    clip_ids = [f"{protocol}{number}" for number in range(n_clips)]
    return Scores(clip_ids, np.eye(3, dtype=np.float32)[guess][:n_clips], ONE_HOT[:n_clips], about | attrs)


def table(*rows: dict[str, Any], unit: str = "percent", columns: dict[str, Any] = COLUMNS) -> dict[str, Any]:
    return {
        "source": "",
        "unit": unit,
        "row_columns": ["pose_input"],
        "columns": columns,
        "rows": rows,
    }


def own(*runs: str, **keys: Any) -> dict[str, Any]:
    row = {"label": "Ours", "method_id": "ours", "own_method": True, "conditions": {"pose_input": "no"}}
    fuse = {"fuse": "sum_logits"} if len(runs) > 1 else {}
    return row | {"runs": list(runs), "published": {"cs_acc": 68.3, "avg_acc": 71.5}} | fuse | keys


def line(made: list[list[str]], row: int = 0) -> dict[str, str]:
    return dict(zip(made[0], made[row + 1], strict=True))


def both(run: str, cs: int, cv: int, seed: int = 0, **attrs: Any) -> list[Scores]:
    return [scored(run, "cross_subject", cs, seed, **attrs), scored(run, "cross_view", cv, seed, **attrs)]


def test_columns_and_their_order() -> None:
    header, *rows = tabulate(table(own("a")), both("a", 3, 2))
    assert ",".join(header) == (
        "row_label,method_id,own_method,pose_input,"
        "cs_acc,cs_acc_sd,cs_acc_published,cs_acc_delta,cs_acc_n_test,cs_acc_n_excluded,"
        "avg_acc,avg_acc_sd,avg_acc_published,avg_acc_delta,avg_acc_n_test,avg_acc_n_excluded,"
        "seeds,data,weights,note"
    )
    assert ",".join(rows[0]) == "Ours,ours,true,no,75.00,,68.30,,4,1,62.50,,71.50,,8,2,1,synthetic,standin,"


def test_seeds_are_averaged_after_protocols() -> None:
    given = both("a", 4, 2, seed=0) + both("a", 2, 2, seed=1) + both("a", 0, 4, seed=7)
    row = line(tabulate(table(own("a")), given))
    assert (row["cs_acc"], row["cs_acc_sd"]) == ("50.00", "50.00")  # 100, 50, 0
    assert (row["avg_acc"], row["avg_acc_sd"]) == ("58.33", "14.43")  # 75, 50, 50: sd = 25 / sqrt(3)
    assert row["seeds"] == "3"


def test_the_difference_is_printed_for_real_data_only() -> None:
    row = line(tabulate(table(own("a", published={"cs_acc": 74.5})), both("a", 3, 2, data="real")))
    assert (row["cs_acc"], row["cs_acc_published"], row["cs_acc_delta"], row["data"]) == (
        "75.00",
        "74.50",
        "0.50",
        "real",
    )
    assert (row["avg_acc"], row["avg_acc_published"], row["avg_acc_delta"]) == ("62.50", "", "")


def test_a_fraction_has_four_decimals_and_zero_no_sign() -> None:
    row = line(tabulate(table(own("a", published={"cs_acc": 0.75004}), unit="fraction"), both("a", 3, 2, data="real")))
    assert (row["cs_acc"], row["cs_acc_published"], row["cs_acc_delta"]) == ("0.7500", "0.7500", "0.0000")


def test_rows_of_other_people_have_published_values_only() -> None:
    other = {"label": "DSSCA - SSLM [31]", "method_id": "dssca", "own_method": False, "published": {"cs_acc": 74.9}}
    made = tabulate(table(other, own("a")), both("a", 3, 2))
    filled = {name: text for name, text in line(made, 0).items() if text}
    assert filled == {
        "row_label": "DSSCA - SSLM [31]", "method_id": "dssca", "own_method": "false", "cs_acc_published": "74.90"
    }  # fmt: skip
    assert line(made, 1)["method_id"] == "ours"


def test_two_streams_are_added_up() -> None:
    pose, rgb = both("pose", 2, 2, weights="none"), both("rgb", 4, 4)
    pose = [one._replace(values=one.values * 0.9) for one in pose]
    row = line(tabulate(table(own("pose", "rgb")), pose + rgb))
    assert (row["cs_acc"], row["weights"]) == ("100.00", "none+standin")
    row = line(tabulate(table(own("rgb", "pose")), [one._replace(values=one.values * 2) for one in pose] + rgb))
    assert (row["cs_acc"], row["weights"]) == ("50.00", "standin+none")


def test_two_streams_are_added_up_with_weights() -> None:
    """The first stream is right twice, and surer by half than the second, which is right everywhere."""
    spatial, temporal = both("s", 2, 2), both("t", 4, 4)
    spatial = [one._replace(values=one.values * 1.5) for one in spatial]
    for weights, expected in (([1, 1], "50.00"), ([1, 2], "100.00"), ([4, 2], "50.00")):
        made = own("s", "t", fuse="weighted_sum", stream_weights=weights)
        assert line(tabulate(table(made), spatial + temporal))["cs_acc"] == expected


@pytest.mark.parametrize("seed", range(3))
def test_identical_streams_keep_their_ranking_whatever_their_weights(seed: int) -> None:
    values = np.random.default_rng(seed).dirichlet(np.ones(3), 4)
    streams = [scored(run, "cross_subject", 0)._replace(values=values) for run in ("s", "t")]
    columns = {"cs_acc": COLUMNS["cs_acc"]}
    one = line(tabulate(table(own("s"), columns=columns), streams))
    two = line(tabulate(table(own("s", "t", fuse="weighted_sum", stream_weights=[1, 2]), columns=columns), streams))
    assert one["cs_acc"] == two["cs_acc"]


def test_a_stream_that_lacks_clips_reduces_the_test_set() -> None:
    rgb = [scored("rgb", name, 4, n_clips=3, n_excluded=2) for name in ("cross_subject", "cross_view")]
    row = line(tabulate(table(own("pose", "rgb")), both("pose", 4, 4) + rgb))
    assert (row["cs_acc_n_test"], row["cs_acc_n_excluded"]) == ("3", "2")  # 5 clips: 4 scored + 1 excluded
    assert (row["avg_acc_n_test"], row["avg_acc_n_excluded"]) == ("6", "4")


def test_what_cannot_be_measured_is_empty_and_the_note_says_why() -> None:
    note = "stand-in; no test clip in cross_view"
    none = scored("a", "cross_view", 0, n_clips=0, n_excluded=3, note=note)
    row = line(tabulate(table(own("a")), [scored("a", "cross_subject", 3, note="stand-in"), none]))
    assert (row["cs_acc"], row["avg_acc"], row["avg_acc_sd"], row["avg_acc_delta"]) == ("75.00", "", "", "")
    assert (row["avg_acc_published"], row["avg_acc_n_test"], row["avg_acc_n_excluded"]) == ("71.50", "4", "4")
    assert row["note"] == "avg_acc not measured; stand-in; no test clip in cross_view"


def test_extra_columns_come_last_without_published_values() -> None:
    extra = {"avg_acc": COLUMNS["avg_acc"]}
    made = table(own("a"), columns={"cs_acc": COLUMNS["cs_acc"]}) | {"extra_columns": extra}
    header, row = tabulate(made, both("a", 3, 2))
    assert header[-5:] == ["note", "avg_acc", "avg_acc_sd", "avg_acc_n_test", "avg_acc_n_excluded"]
    assert row[-5:] == ["", "62.50", "", "8", "2"]


def test_a_class_without_positives_is_not_measured() -> None:
    column = {"dataset": "a", "protocols": ["cross_subject"], "split": "test", "metric": "mean_average_precision"}
    made = table(own("a", published={"cs_acc": 68.3}), columns={"cs_acc": column})
    row = line(tabulate(made, [scored("a", "cross_subject", 4)]))
    assert (row["cs_acc"], row["note"]) == ("100.00", "")
    row = line(tabulate(made, [scored("a", "cross_subject", 2, n_clips=2)]))
    assert (row["cs_acc"], row["cs_acc_n_test"]) == ("", "2")
    assert row["note"] == "cs_acc not measured; no clip of class 2 (from 0)"


def test_streams_without_a_common_clip() -> None:
    pose = both("pose", 4, 4)
    rgb = [one._replace(clip_ids=[f"other{clip}" for clip in one.clip_ids]) for one in both("rgb", 4, 4)]
    row = line(tabulate(table(own("pose", "rgb")), pose + rgb))
    assert (row["cs_acc"], row["cs_acc_n_test"], row["cs_acc_n_excluded"]) == ("", "0", "8")
    assert row["note"] == (
        "cs_acc, avg_acc not measured; no clip of cross_subject was scored by all of pose, rgb; "
        "no clip of cross_view was scored by all of pose, rgb"
    )


def test_the_note_counts_the_clips_that_protocols_exclude() -> None:
    """Once for all seeds and streams of a protocol, and added up over the protocols of a column."""
    given = [score for run in "ab" for seed in (0, 1) for score in both(run, 3, 3, seed, note="stand-in")]
    for score in given:
        score.attrs["n_protocol_excluded"] = {"cross_subject": 4, "cross_view": 3}[score.attrs["protocol"]]
    row = line(tabulate(table(own("a", "b")), given))
    assert row["note"] == "stand-in; cs_acc: protocol excludes 4; avg_acc: protocol excludes 7"
    assert (row["cs_acc_n_test"], row["cs_acc_n_excluded"]) == ("4", "1")


def test_the_note_counts_the_excluded_clips_without_a_file() -> None:
    given = [score for seed in (0, 1) for score in both("a", 3, 3, seed)]
    for score in given:
        score.attrs["n_missing"] = {"cross_subject": 0, "cross_view": 1}[score.attrs["protocol"]]
    assert line(tabulate(table(own("a")), given))["note"] == "avg_acc: 1 of the excluded have no file"


def test_the_note_says_when_the_paper_has_another_number_of_classes() -> None:
    made = table(own("a", published={"cs_acc": 40.9}), {"label": "b", "method_id": "b", "own_method": False} | OTHERS)
    rows = tabulate(made | {"published_classes": 203}, both("a", 3, 3, note="stand-in"))
    assert [line(rows, number)["note"] for number in (0, 1)] == ["stand-in; 3 classes, published with 203", ""]
    assert line(tabulate(made | {"published_classes": 3}, both("a", 3, 3)))["note"] == ""


def test_the_note_names_what_differs_between_the_inputs_of_a_row() -> None:
    older = json.dumps({"numpy": "2.3", "torch": "2.15"})
    given = [
        scored("a", "cross_subject", 3, note="small network", input_versions=json.dumps([VERSIONS, older])),
        scored("a", "cross_view", 3, note="small network", device="cuda"),
    ]
    row = line(tabulate(table(own("a")), given))
    assert row["note"] == "small network; inputs differ in device: cpu, cuda; inputs differ in numpy: 2.3, 2.4"


def test_columns_may_have_runs_of_their_own() -> None:
    row = own("a") | {"runs": {"cs_acc": ["a"], "avg_acc": ["b"]}}
    made = line(tabulate(table(row), both("a", 3, 3) + both("b", 1, 1)))
    assert (made["cs_acc"], made["avg_acc"], made["weights"]) == ("75.00", "25.00", "standin")
    made = line(tabulate(table(own("a") | {"runs": {"cs_acc": ["a"]}}), both("a", 3, 3)))
    assert (made["avg_acc"], made["avg_acc_published"], made["avg_acc_n_test"]) == ("", "71.50", "")


@pytest.mark.parametrize(
    ("made", "given", "message"),
    [
        (table(own("a")), both("a", 3, 3)[:1], "no scores of run a, cross_view test, seed 0 among the 1 given"),
        (table(own("a")), both("b", 3, 3), "no scores of a among the 2 given"),
        (table(own("a")), both("a", 3, 3) * 2, "scores of run a, cross_subject test, seed 0 are given twice"),
        (table(own("a", "b", fuse="max")), both("a", 3, 3), "row ours: fuse is 'max' for 2 runs, expected sum_logits"),
        (
            table(own("a", "b", fuse="weighted_sum", stream_weights=[1])),
            both("a", 3, 3) + both("b", 3, 3),
            "stream_weights: 1 weights for 2 streams",
        ),
        (table(own("a"), unit="permille"), [], "unit 'permille' is not one of percent, fraction"),
        (
            table(own("a")),
            both("a", 3, 3) + both("a", 3, 3, seed=1, n_excluded=0),
            r"row ours, cs_acc: scored and excluded clips differ by seed: \[\(4, 0\), \(4, 1\)\]",
        ),
    ],
)
def test_what_does_not_add_up_is_refused(made: dict[str, Any], given: list[Scores], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tabulate(made, given)


def test_a_row_may_have_protocols_of_its_own_and_columns_other_parts() -> None:
    """Four clips are right in training, one in testing; what the row does not name is not looked at."""
    columns = {
        f"{part}_acc": {"dataset": "ntu", "split": part, "metric": "accuracy"} for part in ("train", "val", "test")
    }
    scores = [
        scored("a", protocol, n_right, split=part, n_clips=n_clips)
        for protocol, rights in {"few": (4, 2, 1), "many": (0, 0, 0)}.items()
        for part, n_right, n_clips in zip(("train", "val", "test"), rights, (4, 3, 4), strict=True)
    ]
    found = line(tabulate(table(own("a", protocols=["few"], published={}), unit="fraction", columns=columns), scores))
    assert [found[f"{part}_acc"] for part in ("train", "val", "test")] == ["1.0000", "0.6667", "0.2500"]
    assert [found[f"{part}_acc_n_test"] for part in ("train", "val", "test")] == ["4", "3", "4"]
    with pytest.raises(ValueError, match="no scores of run a, few val, seed 0 among the 2 given"):
        tabulate(table(own("a", protocols=["few"]), columns=columns), [scores[0], scores[2]])
