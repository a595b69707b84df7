"""The tables and settings of `workflow/papers/rpan/` against what is printed in the paper, typed from its pages."""

from typing import Any

import pytest

from tests import papers

COLUMNS = ("sub_jhmdb_acc", "penn_action_acc")

# Label, method, sub-JHMDB, Penn Action, and the runs whose streams are fused 1 : 2.
TABLES = {
    "rpan_table1": """
Without        | rpan_t_without        | 68.5 95.0 | rpan_t_without
Share-All      | rpan_t_share_all      | 71.7 96.4 | rpan_t_share_all
Separate-Joint | rpan_t_separate_joint | 78.3 96.5 | rpan_t_separate_joint
Human-Part     | rpan_t                | 80.0 97.1 | rpan_t
""",
    "rpan_table2": """
Max    | rpan_t_max  | 82.6 96.6 | rpan_t_max
Mean   | rpan_t_mean | 81.5 96.2 | rpan_t_mean
Concat | rpan_t      | 80.0 97.1 | rpan_t
""",
    "rpan_table3": """
Good-Practice CNN | rpan_t_good_practice | 69.5 88.6 | rpan_t_good_practice
TSN               | rpan_t               | 80.0 97.1 | rpan_t
""",
    "rpan_table4": """
TSN-S      | tsn_s   | 55.6 80.4 | tsn_s
TSN-T      | tsn_t   | 72.2 93.3 | tsn_t
TSN-(S+T)  | tsn_st  | 72.2 93.8 | tsn_s tsn_t
RPAN-S     | rpan_s  | 60.0 84.8 | rpan_s
RPAN-T     | rpan_t  | 80.0 97.1 | rpan_t
RPAN-(S+T) | rpan_st | 81.1 97.4 | rpan_s rpan_t
""",
    "rpan_table5": """
Dense+Pose [15]   | 2013 | 52.9 -    |
STIP [53]         | 2013 | - 82.9    |
Action Bank [53]  | 2013 | - 83.9    |
MST [43]          | 2014 | 45.3 74.0 |
AOG [25]          | 2015 | 61.2 85.5 |
P-CNN [6]         | 2015 | 66.8 -    |
Hierarchical [22] | 2016 | 77.5 -    |
C3D [3]           | 2016 | - 86.0    |
JDD [3]           | 2016 | 77.7 87.4 |
idt-fv [14]       | 2017 | 60.9 92.0 |
Pose+ idt-fv [14] | 2017 | 74.6 92.9 |
Our RPAN          |      | 78.6 97.4 | rpan_s rpan_t
""",
}


@pytest.fixture(scope="module")
def paper() -> dict[str, Any]:
    return papers.paper("rpan")


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_those_of_the_paper(paper: dict[str, Any], name: str) -> None:
    table = paper["tables"][name]
    lines = [[part.strip() for part in line.split("|")] for line in TABLES[name].strip().splitlines()]
    assert tuple(table["columns"]) == COLUMNS
    assert [row["label"] for row in table["rows"]] == [line[0] for line in lines]
    for row, (label, word, values, runs) in zip(table["rows"], lines, strict=True):
        numbers = zip(COLUMNS, values.split(), strict=True)
        published = {column: float(value) for column, value in numbers if value != "-"}
        assert row["published"] == published, label
        if name == "rpan_table5":
            assert str(row["conditions"].get("year", "")) == word, label
        else:
            assert row["method_id"] == word
        assert row["own_method"] == bool(runs), label
        expected = {
            f"{dataset}_acc": [f"{run}_{dataset}" for run in runs.split()] for dataset in ("sub_jhmdb", "penn_action")
        }
        assert row.get("runs", dict.fromkeys(COLUMNS, [])) == expected, label
        assert row.get("stream_weights") == ([1, 2] if " " in runs else None), label


def test_gaussians_of_the_text(paper: dict[str, Any]) -> None:
    """Sec. 4.2: of 1, 5 and 10 pixels, on split 1 of sub-JHMDB."""
    table = paper["tables"]["rpan_std"]
    assert table["columns"] == {
        "sub_jhmdb_acc": {"dataset": "sub_jhmdb", "protocols": ["split1"], "split": "test", "metric": "accuracy"}
    }
    found = [(row["conditions"]["std"], row["runs"], row["published"]["sub_jhmdb_acc"]) for row in table["rows"]]
    assert found == [(1, ["rpan_t_std1"], 78.3), (5, ["rpan_t_sub_jhmdb"], 80.0), (10, ["rpan_t_std10"], 79.3)]


def test_splits_of_the_tables(paper: dict[str, Any]) -> None:
    """Tables 1 to 4 are of split 1 of sub-JHMDB, Table 5 is the mean of all three."""
    for name in TABLES:
        columns, all_splits = paper["tables"][name]["columns"], ["split1", "split2", "split3"]
        assert columns["sub_jhmdb_acc"]["protocols"] == (all_splits if name == "rpan_table5" else ["split1"])
        assert columns["penn_action_acc"]["protocols"] == ["official"]


def test_hyper_parameters_of_section_4(paper: dict[str, Any]) -> None:
    sizes = {"sub_jhmdb": (512, 32, [40]), "penn_action": (1024, 128, [50])}
    runs = {name: entry["paper"] for name, entry in paper["runs"].items() if entry["paper"]["model"].startswith("rpan")}
    assert len(runs) == 8 + 8 + 2
    for name, run in runs.items():
        hidden, attention, drops = sizes[run["dataset"]]
        assert run["arguments"]["hidden"] == hidden and run["drops"] == drops, name
        assert run["arguments"].get("attention_size", attention) == attention, name
        assert run["arguments"].get("parts", run["dataset"]) == run["dataset"], name
        assert (run["optimizer"], run["momentum"], run["learning_rate"]) == ("sgd", 0.9, 0.1), name
        assert (run["batch"], run["epochs"], run["frames"], run["sampling"]) == (16, 100, 8, "even"), name
        assert 2 * run["weight_decay"] == 5e-4 and run["loss_steps"] == "sum" and run["grad_clip"] is None, name
        assert (run["mirror"], run["readout"], run["average"], run["validation"]) == (
            True,
            "last",
            "probabilities",
            0,
        ), name
        guided = name.removesuffix("_" + run["dataset"]) not in ("rpan_t_without", "rpan_t_share_all")
        assert ("pose_guidance" in run) == guided, name
        if guided:
            deviation = {"rpan_t_std1": 1, "rpan_t_std10": 10}.get(name, 5)
            assert run["pose_guidance"] == {
                "joints": "annotated",
                "factor": 1,
                "deviation": deviation,
                "occluded": True,
            }


def test_variants_differ_in_what_their_name_says(paper: dict[str, Any]) -> None:
    for dataset in ("sub_jhmdb", "penn_action"):
        runs = {name: paper["runs"][f"{name}_{dataset}"]["paper"] for name in ("rpan_t", "rpan_s", "rpan_t_max")}
        base = runs["rpan_t"]
        assert (base["arguments"]["sharing"], base["arguments"]["pooling"]) == ("part", "concat")
        assert runs["rpan_s"] == base | {"inputs": runs["rpan_s"]["inputs"]} and runs["rpan_s"] != base
        assert runs["rpan_t_max"]["arguments"] == base["arguments"] | {"pooling": "max"}
        for name, sharing in {"rpan_t_share_all": "all", "rpan_t_separate_joint": "joint"}.items():
            arguments = paper["runs"][f"{name}_{dataset}"]["paper"]["arguments"]
            assert arguments == base["arguments"] | {"sharing": sharing}
        assert paper["runs"][f"rpan_t_mean_{dataset}"]["paper"]["arguments"]["pooling"] == "mean"
        vgg = paper["runs"][f"rpan_t_good_practice_{dataset}"]["paper"]
        assert vgg["arguments"] == base["arguments"] and "vgg" in vgg["inputs"]["cubes"]


def test_joint_accuracy_of_the_text(paper: dict[str, Any]) -> None:
    entry = paper["joints"]["rpan_joint_accuracy"]
    assert (entry["threshold"], entry["published"], entry["run"]) == (0.2, 0.68, "rpan_t_penn_action")


def test_the_table_that_is_ours_has_nothing_published(paper: dict[str, Any]) -> None:
    table = paper["tables"]["penn_action_pose"]
    (row,) = table["rows"]
    assert (row["runs"], row.get("published", {})) == (["deep_gru_penn_action"], {})
    assert table["columns"]["accuracy"]["dataset"] == "penn_action" and row["own_method"]
