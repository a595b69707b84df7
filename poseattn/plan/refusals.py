"""A command that ends while it is planned ends with one sentence, without the stack lines of Snakemake."""

import logging
import sys
from collections.abc import Callable, Iterator

from poseattn.plan.engine import log, refusal_of_input, target_without_rule


class Refusal(ValueError):
    """A command that cannot be planned; its text is all that the user sees."""


def say_sentences_alone(about_target: Callable[[str], str]) -> None:
    """Make Snakemake end with the sentence of a refusal alone, and with help where no rule makes a target.

    Args:
        about_target: Says why there is no such target, and which targets are near; empty where it knows nothing.
    """
    logger = log()
    for old in [one for one in logger.filters if isinstance(one, _SentenceAlone)]:
        logger.removeFilter(old)
    logger.addFilter(_SentenceAlone(about_target))


class _SentenceAlone(logging.Filter):
    """Replaces the message that Snakemake logs about an error while it handles the error."""

    def __init__(self, about_target: Callable[[str], str]) -> None:
        super().__init__()
        self._about_target = about_target

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the message of an error; every record passes."""
        if record.levelno >= logging.ERROR and (said := self._sentence(record)):
            record.msg, record.args = said, ()
        return True

    def _sentence(self, record: logging.LogRecord) -> str:
        if refusal := next((one for one in _chain(sys.exception()) if isinstance(one, Refusal)), None):
            return str(refusal)
        if refused := refusal_of_input(record):
            return refused
        target = target_without_rule(record)
        return self._about_target(target) if target else ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and the errors that it was raised for."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
