"""Values with their places: the same values as PyYAML and Snakemake give, and the line where each is written."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from snakemake.utils import update_config

from poseattn.config.files import read_checked
from poseattn.config.placed import Place, Placed, find_place, merge, place_all, place_tree, plain

MERGED = """\
bases:
  small: &small {hidden: 3, dropout: 0.5}
  wide: &wide
    hidden: 9
    nested: {a: 1}
runs:
  first: {<<: [*small, *wide], layers: 2}
  second:
    hidden: 7
    <<: *wide
  third: *small
"""


def _read(folder: Path, text: str, name: str = "a.yaml") -> Placed:
    (folder / name).write_text(text)
    return place_tree(read_checked(folder / name), folder / name)


@pytest.mark.parametrize("text", [MERGED, 'a: [1, 2.5, yes, ~, "no", 1e-3, 010, text]\nb: {}\nc: []\n', "1: x\n"])
def test_values_are_those_of_pyyaml(tmp_path: Path, text: str) -> None:
    found, expected = plain(_read(tmp_path, text)), yaml.safe_load(text)
    assert json.dumps(found) == json.dumps(expected)  # in the same order too


def test_numbers_of_json_are_those_of_json(tmp_path: Path) -> None:
    text = '{"a": 1e-3,\n\t"b": [-2.5E+2, 3, true, null, "1e5"]}'
    assert plain(_read(tmp_path, text, "a.json")) == {"a": 0.001, "b": [-250.0, 3, True, None, "1e5"]}


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("runs", "first", "hidden"), 2),  # the earlier of two bases counts
        (("runs", "first", "nested"), 5),
        (("runs", "first", "nested", "a"), 5),
        (("runs", "first", "layers"), 7),
        (("runs", "second", "hidden"), 9),  # its own counts more
        (("runs", "third"), 11),
        (("runs", "third", "dropout"), 2),
        (("runs", "third", "missing"), 11),  # the closest that is there
    ],
)
def test_a_merged_value_has_the_line_where_it_is_written(tmp_path: Path, keys: tuple[str, ...], line: int) -> None:
    assert find_place(_read(tmp_path, MERGED), keys) == Place(tmp_path / "a.yaml", line)


def test_what_has_no_keys_cannot_be_merged(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a.yaml:1: `<<` takes keys and values of another part, found '3'"):
        _read(tmp_path, "a: {<<: 3}\n")


@pytest.mark.parametrize(
    ("below", "above"),
    [
        ({"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 4}, "e": 5}),
        ({"a": [1, 2]}, {"a": [3]}),
        ({"a": [1, 2]}, {"a": {"b": 3}}),
        ({"a": {"b": 3}}, {"a": None}),
        ({"a": 1}, {"a": {"b": {"c": 1}}}),
        ({}, {"a": {}}),
    ],
)
def test_files_are_merged_as_snakemake_does(below: dict[str, Any], above: dict[str, Any]) -> None:
    low, high = place_all(below, Place(Path("low"), 1)), place_all(above, Place(Path("high"), 2))
    found = plain(merge(low, high))
    update_config(below, above)
    assert found == below


def test_a_value_is_found_where_it_was_written_last(tmp_path: Path) -> None:
    paper = _read(tmp_path, "runs:\n  a:\n    x: {y: 1,\n      z: 2}\nseeds:\n  - 0\n  - 1\n", "paper.yaml")
    mine = _read(tmp_path, "runs:\n  a:\n    x:\n      z: 5\n", "mine.yaml")
    merged = merge(paper, mine)
    places = {
        ("runs", "a", "x", "z"): "mine.yaml:4",
        ("runs", "a", "x", "y"): "paper.yaml:3",
        ("seeds", 1): "paper.yaml:7",
        ("runs", "a", "missing"): "mine.yaml:2",
    }
    assert {keys: str(find_place(merged, keys)) for keys in places} == {
        keys: f"{tmp_path}/{place}" for keys, place in places.items()
    }
    assert find_place(merged, ("nothing",)) is None


def test_a_place_is_written_as_seen_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert str(Place(tmp_path / "a/b.csv", 3, "map")) == "a/b.csv:3, column map"
    assert str(Place(Path("/elsewhere/c.yaml"), 2)) == "/elsewhere/c.yaml:2"
    assert str(Place(None)) == "--config"
