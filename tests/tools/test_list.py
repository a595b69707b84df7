"""Tool list: a line for each data set, table, figure and run."""

import json
import shutil
from pathlib import Path

import pytest

from poseattn.__main__ import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Snakemake would run: one table is made, of a run one file of two; UCF-11 should be real."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "config.yaml", tmp_path)
    (tmp_path / "mine.yaml").write_text("datasets: {ucf11: {root: /nowhere}}\n")
    for file in ("results/ntu_table2.csv", "results/runs/ntu_synthetic/deep_gru/cross_view/seed0/scores.h5"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    return tmp_path


def test_a_line_for_each(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--configfile", "mine.yaml"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["data", "sets", "made", "root"] in lines and ["tables", "made", "data", "sets", "weights"] in lines
    assert ["ntu_synthetic", "no", "stand-in"] in lines and ["ucf11", "no", "missing"] in lines
    assert "config: datasets.ucf11.root: root /nowhere is not a folder".split() in lines
    assert ["ntu_table1", "no", "ntu*"] in lines and ["ntu_table2", "yes", "ntu*"] in lines
    assert ["soft_attention_fig2", "no", "ucf11!", "googlenet-1378be20.pth"] in lines
    assert ["deep_gru", "1", "of", "2", "ntu*"] in lines
    assert lines[-1][0] == "*"


def test_columns_are_aligned(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    tables = capsys.readouterr().out.split("\n\n")[1].split("\n")
    assert len(tables) == 1 + 20
    assert {line.index(word) for line in tables for word in ("made", "no ", "yes") if word in line} == {
        tables[0].index("made")
    }


def test_json_has_every_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json", "--configfile", "mine.yaml"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["data sets", "tables", "figures", "runs"]
    (figure,) = [item for item in found["figures"] if item["name"] == "soft_attention_fig2"]
    assert figure == {
        "name": "soft_attention_fig2",
        "files": {"results/figures/soft_attention_fig2.png": False},
        "datasets": {"ucf11": "missing"},
        "weights": {"weights/googlenet-1378be20.pth": False},
        "fault": "",
    }


def test_a_wrong_configuration_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mine.yaml").write_text("datasets: {ucf11: {rot: /nowhere}}\n")
    assert main(["list", "--configfile", "mine.yaml"]) == 1
    assert "error: mine.yaml:1: " in (said := capsys.readouterr().err) and said.count("\n") == 1
