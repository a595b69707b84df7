"""What Snakemake logs of an error while it handles it."""

import logging
from collections.abc import Callable, Iterator

import pytest

from poseattn.plan.refusals import Refusal, say_sentences_alone

LOGGER = logging.getLogger("snakemake.logging")
MISSING = "MissingRuleException:\nNo rule to produce a/b.csv (if you use input functions make sure that ...)."


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[..., str]]:
    """Logs a message of an error as Snakemake does; what it has become."""
    say_sentences_alone(lambda target: f"nothing is called {target}" if target == "a/b.csv" else "")
    LOGGER.addHandler(caplog.handler)

    def log(message: str, level: int = logging.ERROR, exception: str = "WorkflowError") -> str:
        LOGGER.log(level, message, extra={"exception": exception})
        return caplog.messages[-1]

    yield log
    LOGGER.removeHandler(caplog.handler)
    for one in list(LOGGER.filters):
        LOGGER.removeFilter(one)


def test_a_refusal_is_its_sentence_alone(logged: Callable[..., str]) -> None:
    try:
        try:
            raise Refusal("films: no such folder")
        except Refusal as error:
            raise RuntimeError("in rule train, line 3:\nTraceback") from error
    except RuntimeError:
        assert logged("RuntimeError in rule train") == "films: no such folder"
        assert logged("a warning", logging.WARNING) == "a warning"


def test_a_refusal_of_an_input_of_an_input(logged: Callable[..., str]) -> None:
    """Snakemake raises it anew while it handles an error of its own."""
    told = "InputFunctionException in rule a in file x, line 3:\nError:\n  Refusal: no shard\nWildcards:\n  shard=777\n"
    try:
        raise KeyError("a/b.tsv")
    except KeyError:
        assert logged(told) == "no shard"
        other = told.replace("Refusal", "ValueError")
        assert logged(other) == other


def test_other_errors_stay_as_they_are(logged: Callable[..., str]) -> None:
    assert logged("AttributeError in rule train") == "AttributeError in rule train"
    try:
        raise ValueError("a mistake of ours")
    except ValueError:
        assert logged("ValueError in rule train") == "ValueError in rule train"


def test_a_target_that_no_rule_makes_is_answered(logged: Callable[..., str]) -> None:
    assert logged(MISSING, exception="MissingRuleException") == "nothing is called a/b.csv"
    other = MISSING.replace("a/b", "c/d")
    assert logged(other, exception="MissingRuleException") == other


def test_the_last_answer_counts(logged: Callable[..., str]) -> None:
    say_sentences_alone(lambda target: "later")
    assert logged(MISSING, exception="MissingRuleException") == "later"
    assert len(LOGGER.filters) == 1
