"""The only place that looks into Snakemake: rules, settings, jobs and log, which have no public interface.

`tests/workflow/test_engine.py` says what is used, so that the next Snakemake breaks that test first.
"""

import logging
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol, runtime_checkable

_LOGGER = "snakemake.logging"
_MISSING = "MissingRuleException"
_NO_RULE = re.compile(r"No rule to produce (.+?) \(if you use input functions")
_REFUSED = re.compile(r"Error:\n +Refusal: (.+?)\nWildcards:", re.DOTALL)


@runtime_checkable
class Job(Protocol):
    """A job as Snakemake has it: its files by kind."""

    input: Iterable[str]
    output: Iterable[str]
    log: Iterable[str]
    benchmark: str | None


class Maker(NamedTuple):
    """The rule that makes a file, asked about this file.

    Attributes:
        params: Parameters of the rule by name; some are functions of the wildcards.
        wildcards: Wildcards of the file.
    """

    params: Any
    wildcards: SimpleNamespace

    def parameter(self, name: str) -> str:
        """A parameter that the rule has for the file; empty if the rule has none of that name."""
        value = getattr(self.params, name, "")
        return value(self.wildcards) if callable(value) else value


MakerOf = Callable[[str], Maker | None]


def maker_of(workflow: Any) -> MakerOf:
    """Find rules by the files that they make.

    Args:
        workflow: Snakemake's workflow, whose rules may be added later.

    Returns:
        Function from a path to the rule that makes it; None where no rule does.
    """

    def find(path: str) -> Maker | None:
        rule = next((one for one in workflow.rules if one.is_producer(path)), None)
        return Maker(rule.params, SimpleNamespace(**rule.get_wildcards(path))) if rule else None

    return find


def given(workflow: Any) -> tuple[list[Path], dict[str, Any]]:
    """Read what a command line says of the configuration.

    Args:
        workflow: Snakemake's workflow.

    Returns:
        Files of `--configfile`, and keys and values of `--config`.
    """
    settings = workflow.config_settings
    return list(settings.configfiles), dict(settings.config)


def is_main_process(workflow: Any) -> bool:
    """Tell whether this is the process of the command, and not the process of one of its jobs."""
    return bool(workflow.is_main_process)


def folder_of_snakefile(workflow: Any) -> Path:
    """Folder of the Snakefile, which has the other files of the workflow."""
    return Path(workflow.basedir)


def log() -> logging.Logger:
    """The log in which Snakemake writes an error while it handles the error."""
    return logging.getLogger(_LOGGER)


def refusal_of_input(record: logging.LogRecord) -> str:
    """Find the sentence of a refusal that an input function raised for an input of an input.

    The chain of errors then ends with an error of Snakemake's own, whose text has the sentence.

    Args:
        record: An error in Snakemake's log.

    Returns:
        The sentence; empty for another error.
    """
    refused = _REFUSED.search(str(record.msg))
    return refused[1] if refused else ""


def target_without_rule(record: logging.LogRecord) -> str:
    """The target that no rule makes, as a line of the log says; empty for any other line."""
    if getattr(record, "exception", "") != _MISSING:
        return ""
    found = _NO_RULE.search(str(record.msg))
    return found[1] if found else ""


def all_jobs(workflow: Any) -> list[Job]:
    """Every job that the targets depend on."""
    return list(workflow.dag.jobs)


def jobs_to_run(workflow: Any) -> list[Job]:
    """Every job that will run."""
    return list(workflow.dag.needrun_jobs())
