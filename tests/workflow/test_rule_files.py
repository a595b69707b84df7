"""Rule files hold rules: whatever decides something is in the package, where it has types and tests."""

import re

import pytest

from tests.pipeline import ROOT

FILES = {path.name: path.read_text() for path in [ROOT / "Snakefile", *sorted((ROOT / "rules").glob("*.smk"))]}
# Lines at the left margin.
DIRECTIVES = r"rule \w+:|wildcard_constraints:|include: \"[\w/.]+\"|container: \"[\w/.]+\"|report: \"[\w/.]+\"|onstart:"
SET_UP = r"min_version\(\"[\d.]+\"\)|preflight\.begin\(workflow\)|plan = preflight\.planned\(workflow\)"
IMPORTS = r"from [\w.]+ import [\w, ]+"


@pytest.mark.parametrize("name", FILES)
def test_no_function_is_defined(name: str) -> None:
    """`fetch_weights` alone has a lambda: Snakemake never compares what is derived from the input."""
    found = re.findall(r"\blambda\b.*|^\s*def .*", FILES[name], re.MULTILINE)
    allowed = (
        ['lambda wildcards, input: source_hash("poseattn.stages.fetch_weights"),'] if name == "weights.smk" else []
    )
    assert found == allowed


@pytest.mark.parametrize("name", FILES)
def test_nothing_runs_but_the_plan(name: str) -> None:
    lines = [line for line in FILES[name].splitlines() if line and not line.startswith((" ", "#"))]
    allowed = f"{DIRECTIVES}|{SET_UP}|{IMPORTS}" if name == "Snakefile" else DIRECTIVES
    assert [line for line in lines if not re.fullmatch(allowed, line)] == []


def test_the_plan_is_made_once() -> None:
    assert len(FILES) > 15 and FILES["Snakefile"].count("plan = ") == 1
    assert len(FILES["Snakefile"].splitlines()) <= 60
