"""The parts of Snakemake that have no public interface and that `poseattn.plan.engine` uses all the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from snakemake.api import SnakemakeApi
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, Quietness, ResourceSettings

from poseattn.plan.engine import Job, all_jobs, given, jobs_to_run, maker_of
from tests.pipeline import Pipeline

SNAKEFILE = """
rule second:
    input: "first/{name}.txt"
    output: "second/{name}.txt"
    log: "logs/{name}.log"
    benchmark: "marks/{name}.tsv"
    params: recipe=lambda wildcards: wildcards.name.upper(), code="c0de"
    shell: "cp {input} {output}"


rule first:
    output: "first/{name}.txt"
    shell: "echo {wildcards.name} > {output}"


onstart:
    from tests.workflow.test_engine import record
    record(workflow)
"""
SEEN: dict[str, Any] = {}


def record(workflow: Any) -> None:
    """What `onstart` sees of a workflow."""
    SEEN.update(given=given(workflow), all=all_jobs(workflow), to_run=jobs_to_run(workflow), find=maker_of(workflow))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    yield tmp_path
    SEEN.clear()


def test_jobs_and_rules_look_as_the_plan_expects(folder: Path) -> None:
    """A file that is there is of a job that need not run."""
    (folder / "mine.yaml").write_text("device: cpu\n")
    (folder / "first").mkdir()
    (folder / "first/a.txt").write_text("a\n")
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        said = ConfigSettings(config={"seeds": [1]}, configfiles=[folder / "mine.yaml"])
        workflow = api.workflow(ResourceSettings(cores=1), said, snakefile=folder / "Snakefile", workdir=folder)
        workflow.dag(DAGSettings(targets={"second/a.txt"})).execute_workflow()
    assert (folder / "second/a.txt").read_text() == "a\n"
    assert SEEN["given"] == ([folder / "mine.yaml"], {"seeds": [1]})
    (job,) = SEEN["to_run"]
    assert isinstance(job, Job) and {one.rule.name for one in SEEN["all"]} >= {"second"}
    assert (list(job.input), list(job.output)) == (["first/a.txt"], ["second/a.txt"])
    assert (list(job.log), str(job.benchmark)) == (["logs/a.log"], "marks/a.tsv")
    maker = SEEN["find"]("second/b.txt")
    assert (maker.parameter("recipe"), maker.parameter("code"), maker.parameter("weights")) == ("B", "c0de", "")
    assert SEEN["find"]("third/b.txt") is None


def test_snakemake_logs_errors_where_the_sentence_takes_their_place(folder: Path) -> None:
    """The name of its logger, and an error that is being handled while it is logged; see `poseattn.plan.refusals`."""
    text = 'raise __import__("poseattn.plan.refusals").plan.refusals.Refusal("that is all")\n'
    begin = "from poseattn.plan.refusals import say_sentences_alone\nsay_sentences_alone(lambda target: '')\n"
    elsewhere = Pipeline.__new__(Pipeline)
    elsewhere.folder = folder
    (folder / "Snakefile").write_text(begin + text)
    (folder / "tiny.yaml").write_text("{}\n")
    output = elsewhere.run("--dry-run", "--quiet", "all", code=1, PYTHONPATH=str(Path(__file__).parents[2]))
    assert output.strip().splitlines()[-1] == "that is all" and "Refusal" not in output
