"""Stage draw_figure: one module for each kind of figure, and kinds or names that it refuses."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from poseattn.config.names import FIGURES
from tests.drawn import draw

ROOT = Path(__file__).parents[2]


def test_each_kind_has_a_section_a_schema_and_a_module() -> None:
    modules = {path.stem for path in (ROOT / "poseattn/figures").glob("[!_]*.py")}
    assert modules == set(FIGURES)
    for kind in FIGURES:
        assert callable(importlib.import_module(f"poseattn.figures.{kind}").draw)
        assert (ROOT / f"workflow/schemas/{kind}.schema.yaml").exists()
        assert (ROOT / f"tests/figures/test_{kind}.py").exists()


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="^kind: found 'hand', expected one of cells, confusions, gains, hands, "):
        draw("hand", {}, root=tmp_path, classes=tmp_path, out=tmp_path / "a.png")


def test_a_video_is_refused_where_the_kind_draws_images(tmp_path: Path) -> None:
    said = "a.mp4: figures of the kind gains are images, expected a name with .png"
    with pytest.raises(ValueError, match=said):
        draw("gains", {}, root=tmp_path, classes=tmp_path, out=tmp_path / "a.mp4")


def test_the_stage_imports_no_kind_before_it_is_asked() -> None:
    code = "import sys, poseattn.stages.draw_figure; print([m for m in sys.modules if 'torch' in m or 'figures.' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "['poseattn.figures._inputs']"
