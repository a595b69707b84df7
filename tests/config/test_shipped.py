"""The shipped files: small, readable by a stranger, and with every name in one place."""

import fnmatch
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from poseattn.config.placed import plain
from poseattn.config.shipped import read_shipped, shipped_files
from tests import papers

FILES = sorted(path for path in papers.FOLDER.rglob("*") if path.is_file())
YAML = [path for path in FILES if path.suffix == ".yaml"]


def _id(path: Path) -> str:
    return str(path.relative_to(papers.FOLDER))


def test_papers_are_short() -> None:
    texts = {path: path.read_text() for path in FILES}
    assert {path.suffix for path in FILES} == {".yaml", ".csv"} and len(YAML) > 5 * len(papers.NAMES) - 1
    assert all(text.endswith("\n") for text in texts.values())
    assert sum(text.count("\n") for text in texts.values()) <= 2000
    assert [
        f"{_id(path)}: {line}" for path, text in texts.items() for line in text.split("\n") if len(line) > 120
    ] == []


@pytest.mark.parametrize("path", YAML, ids=_id)
def test_a_file_says_first_what_it_holds(path: Path) -> None:
    assert re.match(r"# [A-Z].*\w", path.read_text(), re.IGNORECASE)


@pytest.mark.parametrize("path", YAML, ids=_id)
def test_no_line_holds_more_than_four_keys(path: Path) -> None:
    for node in _nodes(yaml.compose(path.read_text())):
        if isinstance(node, yaml.MappingNode) and node.flow_style:
            assert len(node.value) <= 4, f"{_id(path)}:{node.start_mark.line + 1}"


@pytest.mark.parametrize("path", YAML, ids=_id)
def test_what_has_a_name_repeats_nothing(path: Path) -> None:
    """Who follows an alias is there: an anchored value holds no alias."""
    inside: list[bool] = []  # whether each open value has an anchor
    for event in yaml.parse(path.read_text()):
        if isinstance(event, yaml.CollectionStartEvent):
            inside.append(event.anchor is not None)
        elif isinstance(event, yaml.CollectionEndEvent):
            inside.pop()
        elif isinstance(event, yaml.AliasEvent):
            assert not any(inside), f"{_id(path)}:{event.start_mark.line + 1}"


@pytest.mark.parametrize("path", YAML, ids=_id)
def test_every_anchor_is_of_use(path: Path) -> None:
    events = list(yaml.parse(path.read_text()))
    named = {
        event.anchor for event in events if not isinstance(event, yaml.AliasEvent) and getattr(event, "anchor", None)
    }
    assert named == {event.anchor for event in events if isinstance(event, yaml.AliasEvent)}


def _nodes(node: yaml.Node) -> Iterator[yaml.Node]:
    yield node
    for one in node.value if not isinstance(node, yaml.ScalarNode) else ():
        for child in one if isinstance(one, tuple) else (one,):
            yield from _nodes(child)


def test_keys_that_can_be_told_are_not_written() -> None:
    for path in FILES:
        assert "own_method" not in path.read_text(), _id(path)
    for path in papers.FOLDER.rglob("*_table*.csv"):
        assert not re.search(r"rpan_\w+_(penn_action|sub_jhmdb)|_hollywood2$", path.read_text(), re.MULTILINE), _id(
            path
        )


def test_every_budget_is_of_use() -> None:
    """Each paper has one, and what differs is said where it differs."""
    raw = read_shipped(papers.ROOT / "workflow")
    named = set()
    for run in plain(raw.value["runs"]).values():
        standin = run["standin"]
        named.add(standin["budget"] if isinstance(standin, dict) else standin)
    assert named == raw.value["budgets"].value.keys() and len(named) == 7


@pytest.mark.parametrize("name", [*papers.shipped().value["tables"].value, *papers.shipped().value["joints"].value])
def test_the_name_of_a_table_leads_to_its_rule_its_stage_its_recipe_and_its_test(name: str) -> None:
    """What `grep -r NAME` finds in each folder; stages name families such as `ntu_*`."""
    for folder, ends in (("rules", "*.smk"), ("workflow/papers", "*.yaml"), ("tests", "test_*.py")):
        texts = [path.read_text() for path in sorted((papers.ROOT / folder).rglob(ends))]
        assert any(re.search(rf"\b{name}\b", text) for text in texts), f"{name} is in no file of {folder}/"
    stages = [(papers.ROOT / f"poseattn/stages/{stage}.py").read_text() for stage in ("tabulate", "measure_joints")]
    families = [set(re.findall(r"`(\w+\*?)`", stage.partition("def run(")[2])) for stage in stages]
    made_by = [any(fnmatch.fnmatchcase(name, family) for family in made) for made in families]
    assert made_by[0] or made_by[1], f"{name} is in no docstring of the stage that makes it"


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    """A folder of one paper, with one table."""
    (tmp_path / "standins").mkdir()
    (tmp_path / "papers/ours").mkdir(parents=True)
    (tmp_path / "papers/ours/runs.yaml").write_text(
        "standin: small\nbases: {a: &a {x: 1}}\nbudgets: {small: {}}\n"
        "runs:\n  first: {paper: *a}\n  second: {paper: *a, standin: other}\n"
    )
    (tmp_path / "papers/ours/tables.yaml").write_text("tables:\n  t:\n    columns: {m: {}}\n    source: s\n")
    (tmp_path / "papers/ours/t.csv").write_text("label,method_id,m\na,b,1.5\n")
    return tmp_path


def test_what_a_folder_says(workflow: Path) -> None:
    assert [path.name for path in shipped_files(workflow)] == ["runs.yaml", "tables.yaml"]
    assert plain(read_shipped(workflow)) == {
        "budgets": {"small": {}},
        "runs": {"first": {"paper": {"x": 1}, "standin": "small"}, "second": {"paper": {"x": 1}, "standin": "other"}},
        "tables": {
            "t": {
                "source": "s",
                "columns": {"m": {}},
                "rows": [{"method_id": "b", "label": "a", "published": {"m": 1.5}}],
            }
        },
    }


def test_hidden_files_of_editors_are_not_read(workflow: Path) -> None:
    (workflow / "papers/ours/.#runs.yaml").write_text("runs: {first: {}}\n")
    (workflow / "papers/ours/.t2.csv").write_text("")
    assert set(plain(read_shipped(workflow))["runs"]) == {"first", "second"}


def test_mistakes_are_one_line(workflow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workflow)
    folder = workflow / "papers/ours"
    (folder / "more.yaml").write_text("runs:\n  first: {}\n")
    with pytest.raises(ValueError, match="^papers/ours/runs.yaml:5: runs.first is in papers/ours/more.yaml:2 already$"):
        read_shipped(workflow)
    (folder / "more.yaml").write_text("runs: [1]\n")
    with pytest.raises(ValueError, match=r"^papers/ours/more.yaml:1: runs: expected names and their settings$"):
        read_shipped(workflow)
    (folder / "more.yaml").unlink()
    shutil.copy(folder / "t.csv", folder / "tt.csv")
    with pytest.raises(ValueError, match=r"^papers/ours/tt.csv: no table 'tt'; there are t$"):
        read_shipped(workflow)
    (folder / "tt.csv").unlink()
    (folder / "t.csv").unlink()
    with pytest.raises(
        ValueError, match="^papers/ours/tables.yaml:2: tables.t: its rows are missing: no file papers/ours/t.csv$"
    ):
        read_shipped(workflow)
    with pytest.raises(ValueError, match="nowhere: no standins/.*yaml and papers/.*yaml in this folder"):
        read_shipped(workflow / "nowhere")
