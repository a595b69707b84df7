"""Budgets of stand-ins: worked by hand."""

from pathlib import Path
from typing import Any

import pytest

from poseattn.config.budgets import Budgets
from poseattn.config.placed import Place, Placed, place_all, plain

PAPER = {"epochs": 100, "batch": 32, "arguments": {"hidden": 512, "layers": 3}, "note": ""}
BUDGETS = {
    "small": {"epochs": 5, "arguments": {"hidden": 8, "match_size": 4}, "note": "small"},
    "wrong": {"epohcs": 5},
    "same": {},
}


def _placed(value: Any, line: int) -> Placed:
    return place_all(value, Place(Path("runs.yaml"), line))


def _standin(standin: Any, budgets: dict[str, Any] = BUDGETS) -> Any:
    run = Placed({"paper": _placed(PAPER, 1), "standin": _placed(standin, 2)}, Place(Path("runs.yaml"), 1))
    runs = Budgets(_placed(budgets, 3)).fill_in(Placed({"a": run}, run.place))
    assert runs is not None and plain(runs)["a"]["paper"] == PAPER
    return plain(runs)["a"]["standin"]


@pytest.mark.parametrize(
    ("standin", "expected"),
    [
        ("same", PAPER),
        # the model has no match_size
        ("small", {"epochs": 5, "batch": 32, "arguments": {"hidden": 8, "layers": 3}, "note": "small"}),
        (
            {"budget": "small", "batch": 2, "arguments": {"layers": 1}, "new": 0},
            {"epochs": 5, "batch": 2, "arguments": {"hidden": 8, "layers": 1}, "note": "small", "new": 0},
        ),
        ({"epochs": 1}, {"epochs": 1}),  # complete, as users write it
    ],
)
def test_a_stand_in_is_the_paper_s_run_with_a_budget(standin: Any, expected: dict[str, Any]) -> None:
    assert _standin(standin) == expected


@pytest.mark.parametrize(
    ("standin", "said"),
    [
        (
            "smal",
            "runs.yaml:2: runs.a.standin: no budget 'smal'; there are small and 2 more",
        ),
        ({"budget": 3}, "runs.yaml:2: runs.a.standin: no budget 3; there are same, small, wrong"),
        ("wrong", "runs.yaml:3: budgets.wrong.epohcs: the run a has no such setting"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(standin: Any, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        _standin(standin)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("budgets", "said"),
    [
        ([], "runs.yaml:3: budgets: expected names with settings"),
        ({"small": 5}, "runs.yaml:3: budgets.small: found 5, expected settings"),
    ],
)
def test_budgets_of_another_shape_are_refused(budgets: Any, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        Budgets(_placed(budgets, 3))
    assert str(caught.value) == said


def test_an_argument_that_no_run_has_is_refused() -> None:
    """A budget may serve models with other arguments, but a misspelt one serves none."""
    place = Place(Path("runs.yaml"), 1)
    small = {"arguments": Placed({"hiden": _placed(8, 7)}, place)}
    budgets = Budgets(Placed({"small": Placed(small, place)}, place))
    budgets.fill_in(_placed({"a": {"paper": PAPER, "standin": "small"}}, 1))
    with pytest.raises(ValueError) as caught:
        budgets.check_taken()
    assert str(caught.value) == "runs.yaml:7: budgets.small.arguments.hiden: no run of this budget has such a setting"


@pytest.mark.parametrize(
    "runs", [None, 3, {"a": 3}, {"a": {"paper": 1, "standin": "small"}}, {"a": {"standin": "small"}}]
)
def test_runs_of_another_shape_are_left_to_the_schemas(runs: Any) -> None:
    placed = _placed(runs, 1) if runs is not None else None
    found = Budgets(_placed(BUDGETS, 3)).fill_in(placed)
    assert (found if found is None else plain(found)) == runs
