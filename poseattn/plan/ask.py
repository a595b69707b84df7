"""Functions of wildcards, as rules need them, from methods of the plan, which take plain words."""

import inspect
from collections.abc import Callable
from typing import Any

from poseattn.plan.values import as_json

Ask = Callable[[Any], Any]


def ask(method: Callable[..., Any], **fixed: object) -> Ask:
    """Make an input or parameter function of a rule.

    Args:
        method: Method of the plan. Each argument that is not fixed has the name of a wildcard of the rule.
        **fixed: Arguments that do not come from wildcards.

    Returns:
        Function of the wildcards.
    """
    names = [
        name
        for name, parameter in inspect.signature(method).parameters.items()
        if name not in fixed and parameter.default is parameter.empty
    ]
    return lambda wildcards: method(**{name: getattr(wildcards, name) for name in names}, **fixed)


def ask_json(method: Callable[..., Any], **fixed: object) -> Ask:
    """Make a parameter function of a rule that gives one line of JSON with sorted keys.

    Args:
        method: As for `ask`.
        **fixed: As for `ask`.

    Returns:
        Function of the wildcards.
    """
    asked = ask(method, **fixed)
    return lambda wildcards: as_json(asked(wildcards))
