"""The parts of Snakemake that have no public interface and that `poseattn.plan.engine` uses all the same."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from snakemake.api import SnakemakeApi
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, Quietness, ResourceSettings

from poseattn.plan.engine import (
    Job,
    all_jobs,
    folder_of_snakefile,
    given,
    is_main_process,
    jobs_to_run,
    log,
    maker_of,
    target_without_rule,
)
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
    SEEN.update(main=is_main_process(workflow), folder=folder_of_snakefile(workflow))


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
    assert (SEEN["main"], SEEN["folder"]) == (True, folder)


class _Targets(logging.Filter):
    """Keeps what the lines of errors say of targets."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno >= logging.ERROR:
            self.found.append(target_without_rule(record))
        return True


@pytest.mark.parametrize(("target", "found"), [("third/b.txt", "third/b.txt"), ("unread/b.txt", "")])
def test_the_log_says_which_target_no_rule_makes(folder: Path, target: str, found: str) -> None:
    """By the name of the logger, the attribute `exception` and the text; another mistake names no target."""
    (folder / "Snakefile").write_text(
        SNAKEFILE + 'rule unread:\n    input: lambda wildcards: {}["x"]\n    output: "unread/{name}.txt"\n'
    )
    targets = _Targets()
    log().addFilter(targets)
    try:
        with SnakemakeApi(OutputSettings(dryrun=True)) as api:
            workflow = api.workflow(ResourceSettings(cores=1), snakefile=folder / "Snakefile", workdir=folder)
            with pytest.raises(Exception) as raised:
                workflow.dag(DAGSettings(targets={target})).execute_workflow(executor="dryrun")
            api.print_exception(raised.value)
    finally:
        log().removeFilter(targets)
    assert targets.found == [found]


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
