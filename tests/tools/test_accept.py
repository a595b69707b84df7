"""Tool accept: targets that it refuses before it calls Snakemake."""

import shutil
from pathlib import Path

import pytest

from poseattn.config import load as loading
from poseattn.tools import accept
from tests import papers


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder beside which Snakemake works in another, where one table is made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(loading, "read_shipped", lambda workflow: papers.files())
    (tmp_path / "work/results").mkdir(parents=True)
    (tmp_path / "work/results/ntu_table1.csv").touch()
    shutil.copy(papers.ROOT / "config.yaml", tmp_path / "work")


@pytest.mark.parametrize("options", ["--directory work", "--directory=work", "-d work", "-n -dwork"])
def test_files_are_looked_for_where_snakemake_works(options: str) -> None:
    with pytest.raises(ValueError, match="^results/ntu_table2.csv is missing: only files that are there can be"):
        accept.run(targets=["results/ntu_table1.csv", "results/ntu_table2.csv"], snakemake=options)


def test_a_misspelt_target_is_answered_by_what_is_near() -> None:
    with pytest.raises(ValueError, match="^no table 'ntu_tabel1'; there are ntu_table1, ntu_table2, ntu_table3"):
        accept.run(targets=["results/ntu_tabel1.csv"], snakemake="--directory=work")


def test_a_folder_that_is_not_named() -> None:
    with pytest.raises(ValueError, match="^--snakemake: argument -d/--directory: expected one argument$"):
        accept.run(targets=["results/ntu_table1.csv"], snakemake="--directory")
