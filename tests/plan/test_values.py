"""Recipes as rules pass them on: Snakemake compares them by their text."""

import json

from poseattn.plan.values import as_json


def test_equal_recipes_have_equal_texts() -> None:
    """Keys in another order, at any depth."""
    first = {"size": 224, "arguments": {"width": 0.5, "joints": 16}}
    second = {"arguments": {"joints": 16, "width": 0.5}, "size": 224}
    assert as_json(first) == as_json(second) == '{"arguments": {"joints": 16, "width": 0.5}, "size": 224}'


def test_other_recipes_have_other_texts() -> None:
    """The order of a list counts, and so does the type of a value."""
    texts = [as_json(value) for value in ([1, 2], [2, 1], 1, 1.0, True, "1", None)]
    assert texts == ["[1, 2]", "[2, 1]", "1", "1.0", "true", '"1"', "null"]


def test_a_text_is_one_line_of_ascii_that_reads_back() -> None:
    value = {"note": "é\nb", "drops": [40]}
    assert as_json(value) == '{"drops": [40], "note": "\\u00e9\\nb"}'
    assert json.loads(as_json(value)) == value
