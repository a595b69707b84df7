"""CITATION.cff: the software, and one reference for each paper of which there is a configuration."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FIRST_AUTHORS = {"sta_hands": "Baradel", "soft_attention": "Sharma", "rpan": "Du", "alstm": "Torabi"}


@pytest.fixture(scope="module")
def citation() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_what_the_format_asks_for_is_there(citation: dict[str, Any]) -> None:
    """Citation File Format 1.2.0 requires these keys of the software and of each reference."""
    assert citation["cff-version"] == "1.2.0" and citation["type"] == "software"
    assert {"message", "title", "authors"} <= citation.keys()
    for reference in citation["references"]:
        assert {"authors", "title", "type"} <= reference.keys()
        assert reference["type"] in ("conference-paper", "generic", "report")


def test_every_paper_is_cited(citation: dict[str, Any]) -> None:
    papers = {path.stem for path in (ROOT / "workflow/papers").iterdir()}
    assert papers == {*FIRST_AUTHORS, "pose_lstm"} and len(citation["references"]) == len(papers)
    names = [reference["authors"][0].get("family-names") for reference in citation["references"]]
    assert sorted(filter(None, names)) == sorted(FIRST_AUTHORS.values())
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [reference["url"] for reference in citation["references"] if "url" in reference]
    assert len(links) == 3 and all(link in readme for link in links)


def test_version_and_licence_are_stated_once(citation: dict[str, Any]) -> None:
    assert "version" not in citation and "doi" not in citation and citation["license"] == "MIT"
