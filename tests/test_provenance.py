"""The source hash: what moves it and what does not, on a small package of its own."""

import json
from pathlib import Path

import pytest

from poseattn import provenance

FILES = {
    "__init__.py": "",
    "stage.py": '"""Stage."""\nfrom poseattn.low import helper\n\n\ndef run():\n    """Run."""\n    return helper()\n',
    "low.py": "def helper():\n    return 1\n",
    "other.py": "from poseattn import low\n",
    "alone.py": "import json\n",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(provenance, "_ROOT", tmp_path)
    return tmp_path


def _hash(*modules: str) -> str:
    for function in (provenance._tree, provenance._imports, provenance._digest):
        function.cache_clear()
    return provenance.source_hash(*modules)


def test_an_edited_import_moves_the_stages_that_reach_it_and_no_other(package: Path) -> None:
    before = {name: _hash(f"poseattn.{name}") for name in ("stage", "other", "alone")}
    (package / "low.py").write_text("def helper():\n    return 2\n")
    after = {name: _hash(f"poseattn.{name}") for name in before}
    assert [name for name in before if before[name] != after[name]] == ["stage", "other"]
    (package / "low.py").write_text(FILES["low.py"])
    assert _hash("poseattn.stage") == before["stage"]


@pytest.mark.parametrize(
    "text",
    [
        FILES["stage.py"].replace('"""Run."""', '"""Run the stage, at last."""'),
        FILES["stage.py"].replace('    """Run."""\n', ""),
        FILES["stage.py"] + "# a comment\n",
        FILES["stage.py"].replace("return helper()", "return (\n        helper()\n    )"),
    ],
)
def test_comments_docstrings_and_layout_move_nothing(package: Path, text: str) -> None:
    before = _hash("poseattn.stage")
    (package / "stage.py").write_text(text)
    assert _hash("poseattn.stage") == before


def test_a_module_named_beside_the_stage_counts(package: Path) -> None:
    assert _hash("poseattn.stage") != _hash("poseattn.stage", "poseattn.alone")


def test_a_package_that_stops_being_empty_counts(package: Path) -> None:
    before = _hash("poseattn.stage")
    (package / "__init__.py").write_text("import os\n")
    assert _hash("poseattn.stage") != before


def test_an_unknown_module_is_named(package: Path) -> None:
    with pytest.raises(ValueError, match="no module 'poseattn.nothing'"):
        _hash("poseattn.nothing")


def test_versions_name_the_software_that_moves_numbers() -> None:
    versions = json.loads(provenance.versions())
    assert {"poseattn", "torch", "opencv-python"} <= set(versions)
    assert all(versions.values())
