"""CONTRIBUTING.md: the floors are the ones that import-linter checks, and the glossary stays short."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_floors_are_those_that_are_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    floors = re.findall(r"^\| (\d) \| (.*?) \| [^`|]*\|$", TEXT, re.MULTILINE)
    assert [int(number) for number, _ in floors] == list(range(len(layers), 0, -1)) == list(range(9, 0, -1))
    for layer, (_, rooms) in zip(layers, floors, strict=True):
        assert re.findall(r"\w+", layer) == re.findall(r"`(\w+)`", rooms)
        assert ("|" in layer) == ("|" in rooms)


def test_the_glossary_has_at_most_twenty_words() -> None:
    rows = re.findall(r"^\| ([a-z, -]+) \| [^|]+\|$", TEXT.partition("## Words")[2], re.MULTILINE)
    words = [word for row in rows for word in row.split(", ")]
    assert words[0] == "word" and 10 < len(words) - 1 <= 20
    assert len(set(words)) == len(words)


def test_one_word_leads_from_a_rule_to_its_stage_and_its_test() -> None:
    """The rule finetune_backbone alone calls the stage of another rule."""
    stages = {path.stem for path in (ROOT / "poseattn/stages").glob("[!_]*.py")}
    texts = [path.read_text() for path in sorted((ROOT / "rules").glob("*.smk"))]
    assert {word for text in texts for word in re.findall(r"^rule (\w+):", text, re.MULTILINE)} == stages | {
        "finetune_backbone"
    }
    assert [stage for stage in sorted(stages) if not (ROOT / f"tests/stages/test_{stage}.py").exists()] == []
