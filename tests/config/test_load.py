"""The whole configuration: what counts more, what a user may write, and mistakes with the place of the value."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from poseattn.config import load as loading
from poseattn.config.load import load
from poseattn.config.placed import find_place, plain
from tests import papers

WORKFLOW = papers.ROOT / "workflow"
TABLE = {
    "source": "",
    "unit": "percent",
    "row_columns": ["year"],
    "columns": {"acc": {"dataset": "penn_action", "protocols": ["official"], "split": "test", "metric": "accuracy"}},
    "rows": [{"label": "a", "method_id": "b", "own_method": True, "runs": ["deep_gru_penn_action"], "published": {}}],
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the shipped config.yaml; other shipped files are read once."""
    read = loading.read_shipped
    monkeypatch.setattr(loading, "read_shipped", lambda given: papers.files() if given == WORKFLOW else read(given))
    shutil.copy(papers.ROOT / "config.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _load(*files: dict[str, Any] | str, command: dict[str, Any] | None = None) -> dict[str, Any]:
    given = []
    for number, content in enumerate(files):
        given.append(Path(f"mine{number}.yaml").absolute())
        given[-1].write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return plain(load(WORKFLOW, Path("config.yaml"), given, command or {}))


def _refused(*files: dict[str, Any] | str, command: dict[str, Any] | None = None) -> str:
    with pytest.raises(ValueError) as caught:
        _load(*files, command=command)
    assert "\n" not in str(caught.value)
    return str(caught.value)


SHIPPED = plain(papers.shipped())


def test_later_files_count_more() -> None:
    assert _load() == SHIPPED
    found = _load({"seeds": [1], "device": "cuda"}, {"seeds": [2, 3]}, command={"device": "cpu"})
    assert found == SHIPPED | {"seeds": [2, 3], "device": "cpu"}
    Path("config.yaml").write_text(Path("config.yaml").read_text().replace("seeds: [0]", "seeds: [4]"))
    assert _load() == SHIPPED | {"seeds": [4]}


def test_nothing_but_sections_is_left() -> None:
    """Bases, budgets and shorthands are written out."""
    schema = yaml.safe_load((WORKFLOW / "schemas/config.schema.yaml").read_text())
    assert SHIPPED.keys() == set(schema["required"])
    assert all(
        set(run) == {"paper", "standin"} and run["paper"].keys() <= run["standin"].keys()
        for run in SHIPPED["runs"].values()
    )
    rows = [row for table in SHIPPED["tables"].values() for row in table["rows"]]
    assert len(rows) == 132 and all(row["own_method"] == ("runs" in row) for row in rows)
    assert sum(not row["own_method"] for row in rows) == 36


def test_a_stand_in_worked_by_hand() -> None:
    """Sec. 4 of Du et al. with the budget of its file; the first has no attention_size to make smaller."""
    runs = SHIPPED["runs"]
    without, parts = (runs[f"rpan_t{name}_penn_action"] for name in ("_without", ""))
    changed = {
        "epochs": 60,
        "patience": 60,
        "learning_rate": 0.01,
        "drops": [45],
        "grad_clip": 5,
        "note": "stand-in with small networks and its own learning rate, epochs and gradient clipping",
    }
    assert without["standin"] == without["paper"] | changed | {"arguments": {"hidden": 64, "dropout": 0.0}}
    smaller = parts["paper"]["arguments"] | {"hidden": 64, "attention_size": 32}
    assert parts["standin"] == parts["paper"] | changed | {"arguments": smaller}
    assert runs["deep_gru_penn_action"]["standin"] == runs["deep_gru_penn_action"]["paper"]
    assert runs["c3d_fc8"]["standin"]["epochs"] == 0 and runs["alstm_obj_fc8"]["standin"]["epochs"] == 40


def test_a_change_of_a_run_changes_nothing_else() -> None:
    """A user's change of `paper` is for real data alone, one of `standin` for the stand-in."""
    found = _load(
        {"runs": {"deep_gru": {"paper": {"epochs": 7}}, "sum_hands": {"standin": {"arguments": {"hidden": 8}}}}}
    )
    runs = SHIPPED["runs"]
    assert found["runs"]["deep_gru"] == runs["deep_gru"] | {"paper": runs["deep_gru"]["paper"] | {"epochs": 7}}
    arguments = runs["sum_hands"]["standin"]["arguments"] | {"hidden": 8}
    assert found["runs"]["sum_hands"]["standin"] == runs["sum_hands"]["standin"] | {"arguments": arguments}
    same = found["runs"].keys() - {"deep_gru", "sum_hands"}
    assert {name: found["runs"][name] for name in same} == {name: runs[name] for name in same}
    assert {key: found[key] for key in found if key != "runs"} == {key: SHIPPED[key] for key in found if key != "runs"}


def test_a_change_of_a_budget_changes_its_runs() -> None:
    found = _load({"budgets": {"small_cells": {"epochs": 3}}})["runs"]
    changed = {name for name in found if found[name] != SHIPPED["runs"][name]}
    assert changed == {name for name in found if name.startswith("pose_lstm")}
    assert all(
        found[name] == SHIPPED["runs"][name] | {"standin": SHIPPED["runs"][name]["standin"] | {"epochs": 3}}
        for name in changed
    )


@pytest.mark.parametrize(
    "standin",
    [
        {**SHIPPED["runs"]["deep_gru"]["standin"], "dataset": "penn_action", "protocols": ["official"]},
        "small_gru",
        {"budget": "mine", "batch": 4},
    ],
)
def test_a_run_of_ones_own(standin: Any) -> None:
    """As a block, as all runs once were, or by a budget."""
    paper = SHIPPED["runs"]["deep_gru"]["paper"] | {"dataset": "penn_action", "protocols": ["official"]}
    found = _load({"runs": {"own": {"paper": paper, "standin": standin}}, "budgets": {"mine": {"epochs": 2}}})["runs"][
        "own"
    ]
    small = {
        "epochs": 80,
        "patience": 30,
        "learning_rate": 0.003,
        "note": "stand-in with its own learning rate and epochs",
    }
    small = {"epochs": 2, "batch": 4} if isinstance(standin, dict) and "budget" in standin else small
    assert found == {"paper": paper, "standin": paper | small}


@pytest.mark.parametrize(
    ("standin", "changes"), [("as_paper", {}), ({"budget": "as_paper", "epochs": 9}, {"epochs": 9})]
)
def test_a_shipped_run_with_another_budget(standin: Any, changes: dict[str, int]) -> None:
    found = _load({"runs": {"deep_gru": {"standin": standin}}})["runs"]["deep_gru"]
    assert found["standin"] == found["paper"] | changes


def test_a_table_of_ones_own() -> None:
    """In YAML as it always was, and with less: the data set of a column ends the name of a run."""
    assert _load({"tables": {"own": TABLE}})["tables"]["own"] == TABLE
    shorter = TABLE | {"rows": [{"label": "a", "method_id": "b", "runs": ["tsn_s"], "published": {}}]}
    row = TABLE["rows"][0] | {"runs": ["tsn_s_penn_action"]}
    assert _load({"tables": {"own": shorter}})["tables"]["own"] == TABLE | {"rows": [row]}
    # deep_gru is a run, whatever the column; deep_gru_penn_action is another
    longer = TABLE | {"rows": [TABLE["rows"][0] | {"runs": ["deep_gru"]}]}
    assert _load({"tables": {"own": longer}})["tables"]["own"] == longer


def test_rows_of_a_shipped_table_are_replaced() -> None:
    found = _load({"tables": {"rpan_table1": {"rows": TABLE["rows"]}}})["tables"]["rpan_table1"]
    assert found == SHIPPED["tables"]["rpan_table1"] | {"rows": TABLE["rows"]}


def test_mistakes_of_a_user_have_their_line() -> None:
    assert _refused("seeds: [0]\nruns:\n  deep_gru:\n    paper: {epochs: x}\n").startswith(
        "mine0.yaml:4: runs.deep_gru.paper.epochs: 'x' is"
    )
    assert _refused({"seeds": [1]}, "seeds: [1.5]\n").startswith(
        "mine1.yaml:1: config.seeds.0: 1.5 is not of type 'integer'"
    )
    assert _refused(command={"seeds": ["1"]}).startswith("--config: config.seeds.0: '1' is not of type 'integer'")
    assert _refused("runs:\n  sum_hands:\n    standin: smal_hands\n").startswith(
        "mine0.yaml:3: runs.sum_hands.standin: no budget 'smal_hands'; there are "
    )
    assert (
        _refused("budgets:\n  small_gru:\n    epohcs: 3\n")
        == "mine0.yaml:3: budgets.small_gru.epohcs: the run deep_gru has no such setting"
    )
    assert _refused("budgets:\n  small_gru:\n    epochs: x\n").startswith(
        "mine0.yaml:3: runs.deep_gru.standin.epochs: 'x' is not of type"
    )
    assert _refused("bases: {}\n").startswith("mine0.yaml:1: config: unknown key 'bases'")
    assert _refused("runs: 3\n").startswith("mine0.yaml:1: config.runs: 3 is not of type 'object'")
    assert _refused("tables: {a: {rows: 3}}\n").startswith("mine0.yaml:1: tables.a")
    for content, said in {
        "seeds: [0]\nseeds: [1]\n": "mine0.yaml:2: the key 'seeds' is there twice, first in line 1",
        "seeds: [.nan]\n": "mine0.yaml:1: found .nan, expected a finite number",
        "__use_yte__: true\n": "mine0.yaml:1: __use_yte__ asks Snakemake to run code (it was not run): remove it",
    }.items():
        assert _refused(content).replace(str(Path.cwd()) + "/", "") == said


def _edited(workflow: Path, path: str, old: str, new: str) -> str:
    """What is said of a copy of the shipped files with one text replaced."""
    shutil.rmtree(workflow, ignore_errors=True)
    shutil.copytree(WORKFLOW, workflow)
    file = workflow / "papers" / path
    text = file.read_text()
    assert text.count(old) == 1, text.count(old)
    file.write_text(text.replace(old, new))
    with pytest.raises(ValueError) as caught:
        load(workflow, Path("config.yaml"))
    return str(caught.value)


def test_mistakes_in_shipped_files_have_their_line(folder: Path) -> None:
    """Also where the value is used elsewhere than written: behind an alias, in a budget, in a table's CSV file."""
    copy = folder / "workflow"
    line = {
        path: (WORKFLOW / "papers" / path).read_text().split("\n") for path in ("rpan/runs.yaml", "sta_hands/runs.yaml")
    }
    said = _edited(copy, "rpan/rpan_table4.csv", "tsn_s+tsn_t", "tsn_s+tns_t")
    assert said.startswith(
        "workflow/papers/rpan/rpan_table4.csv:4, column runs: tables.rpan_table4.rows.tsn_st.runs: "
        "no run 'tns_t'; there are tsn_s, tsn_t and "
    )
    said = _edited(copy, "rpan/rpan_table4.csv", ",1 2\nRPAN-S", ",1\nRPAN-S")
    assert said.startswith(
        "workflow/papers/rpan/rpan_table4.csv:4, column stream_weights: tables.rpan_table4.rows.2.stream_weights: [1] "
    )
    said = _edited(copy, "sta_hands/ntu_table1.csv", "82.5", "82,5")
    assert said == "workflow/papers/sta_hands/ntu_table1.csv:16: found 9 cells, expected 8"
    number = 1 + line["sta_hands/runs.yaml"].index("    optimizer: adam")
    said = _edited(copy, "sta_hands/runs.yaml", "    optimizer: adam", "    optimizer: adm")
    assert (
        said.startswith(f"workflow/papers/sta_hands/runs.yaml:{number}: runs.")
        and "optimizer: 'adm' is not one of" in said
    )
    number = 1 + line["rpan/runs.yaml"].index("    drops: [45]")
    said = _edited(copy, "rpan/runs.yaml", "drops: [45]", "drops: [4.5]")
    assert (
        said.startswith(f"workflow/papers/rpan/runs.yaml:{number}: runs.rpan_")
        and "standin.drops.0: 4.5 is not of type" in said
    )


def test_one_number_of_one_run_is_one_line_of_one_file() -> None:
    """The places that a change of each of these would be made at are the only ones that know the number."""
    config = papers.shipped()
    for keys, file, text in [
        (
            ("runs", "deep_gru", "paper", "arguments", "hidden"),
            "sta_hands/runs.yaml",
            "arguments: {hidden: 150, layers: 3, dropout: 0.5}",
        ),
        (
            ("runs", "rpan_t_std10", "standin", "pose_guidance", "deviation"),
            "rpan/runs.yaml",
            "deviation: 10, occluded: true}",
        ),
        (
            ("tables", "rpan_table4", "rows", 2, "published", "penn_action_acc"),
            "rpan/rpan_table4.csv",
            "TSN-(S+T),tsn_st,72.2,93.8,",
        ),
        (("runs", "deep_gru", "standin", "learning_rate"), "sta_hands/runs.yaml", "learning_rate: 0.003"),
    ]:
        place = find_place(config, keys)
        assert place is not None and place.file == papers.FOLDER / file
        assert text in place.file.read_text().split("\n")[place.line - 1]
