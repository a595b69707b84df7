"""Digests of source: what moves them and what does not, on a small package of its own."""

from pathlib import Path

import pytest

from poseattn.provenance import source_digest
from poseattn.provenance.source_digest import PLANNED_IN, check_code, digest_of, read_code

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
    monkeypatch.setattr(source_digest, "_ROOT", tmp_path)
    return tmp_path


def _hash(*modules: str) -> str:
    return digest_of(modules)


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


@pytest.mark.parametrize(
    ("importer", "line"),
    [
        ("stage.py", "from .low import helper"),
        ("stage.py", "from . import low"),
        ("part/__init__.py", "from ..low import helper"),
        ("part/inner.py", "from ..low import helper"),
        ("stage.py", "from poseattn.low import *"),
    ],
)
def test_every_way_to_import_counts(package: Path, importer: str, line: str) -> None:
    (package / "part").mkdir()
    (package / "part/__init__.py").touch()
    (package / "stage.py").write_text("import poseattn.part.inner\n")
    (package / "part/inner.py").touch()
    (package / importer).write_text(f"import poseattn.part.inner\n{line}\n")
    before = _hash("poseattn.stage")
    (package / "low.py").write_text("def helper():\n    return 2\n")
    assert _hash("poseattn.stage") != before


def test_a_job_takes_the_code_that_was_planned_and_no_other(package: Path) -> None:
    code = read_code(f"{_hash('poseattn.stage', 'poseattn.alone')}:stage,alone")
    assert code.modules == ("poseattn.stage", "poseattn.alone")
    check_code(code)
    (package / "low.py").write_text("def helper():\n    return 2  # twice as much\n")
    with pytest.raises(ValueError, match=r"changed after Snakemake had planned this job: give the same command again"):
        check_code(code)
    (package / "low.py").write_text(FILES["low.py"] + "# back again\n")
    check_code(code)


def test_the_code_of_another_checkout_is_named(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLANNED_IN, "/elsewhere/poseattn")
    with pytest.raises(ValueError, match=f"planned with the code in /elsewhere/poseattn, but .* code in {tmp_path}"):
        check_code(read_code("0123456789ab:stage"))


def test_a_digest_without_modules_is_a_label() -> None:
    check_code(read_code("c0de"))
    assert read_code("c0de").digest == "c0de"
