"""Results whose records are elsewhere are refused."""

from pathlib import Path

import pytest

from poseattn.checks.records import OF_RECORDS, OF_RESULTS, check_records, name_records


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with results, and records that the workflow named."""
    monkeypatch.chdir(tmp_path)
    for path in ("results/runs", "results/logs", ".snakemake/metadata"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / ".snakemake/metadata/x").touch()
    name_records()
    return tmp_path


def test_named_results_are_taken_and_keep_their_name(folder: Path) -> None:
    name = OF_RESULTS.read_text()
    check_records()
    name_records()
    assert OF_RESULTS.read_text() == OF_RECORDS.read_text() == name


@pytest.mark.parametrize("lost", [OF_RECORDS, OF_RESULTS])
def test_results_with_other_records_are_refused_until_they_are_named(folder: Path, lost: Path) -> None:
    (folder / ".snakemake/metadata/x").unlink()
    lost.write_text("another\n")
    with pytest.raises(ValueError, match="^results/ was made elsewhere, .*`poseattn accept`"):
        check_records()
    name_records()
    check_records()


def test_results_without_any_record_are_refused(folder: Path) -> None:
    for path in (OF_RECORDS, OF_RESULTS, folder / ".snakemake/metadata/x"):
        path.unlink()
    with pytest.raises(ValueError, match="^results/ was made elsewhere"):
        check_records()


def test_results_from_before_there_were_names_are_taken(folder: Path) -> None:
    OF_RECORDS.unlink()
    OF_RESULTS.unlink()
    check_records()


def test_a_folder_without_results_is_no_fault(folder: Path) -> None:
    OF_RECORDS.unlink()
    (folder / "results/runs").rmdir()
    check_records()
