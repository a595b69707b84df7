"""Budgets: settings by name with which a run is small enough for the stand-in of its data set."""

from poseattn.config.placed import Place, Placed, merge
from poseattn.config.unknown import no_such


class Budgets:
    """The budgets of a configuration, and what runs have taken from them.

    Args:
        budgets: Settings by the name of the budget.

    Raises:
        ValueError: A budget is not made of keys and values.
    """

    def __init__(self, budgets: Placed) -> None:
        if not isinstance(budgets.value, dict):
            raise ValueError(f"{budgets.place}: budgets: expected names with settings")
        for name, budget in budgets.value.items():
            if not isinstance(budget.value, dict):
                raise ValueError(f"{budget.place}: budgets.{name}: found {budget.value!r}, expected settings")
        self._budgets = budgets.value
        self._taken: set[Place] = set()
        self._left: dict[Place, str] = {}

    def fill_in(self, runs: Placed | None) -> Placed | None:
        """Replace every `standin` that names a budget by the settings that it means.

        A `standin` is the name of a budget, or settings of which the key `budget` names one. The budget changes the
        settings of `paper`, and the other settings of `standin` change the result. A `standin` without that key is
        complete and stays.

        Args:
            runs: Runs by name.

        Returns:
            The same with complete blocks. What has another shape stays, for the schemas to refuse.

        Raises:
            ValueError: There is no such budget, or it changes a setting that the run does not have.
        """
        if runs is None or not isinstance(runs.value, dict):
            return runs
        return Placed({name: self._fill_in(name, run) for name, run in runs.value.items()}, runs.place)

    def _fill_in(self, run: str, entry: Placed) -> Placed:
        paper, standin = entry.get("paper"), entry.get("standin")
        if paper is None or standin is None or not isinstance(paper.value, dict):
            return entry
        own = Placed({}, standin.place)
        name = standin
        if isinstance(standin.value, dict):
            if (name := standin.get("budget")) is None:
                return entry
            own = standin.without("budget")
        where = f"runs.{run}.standin"
        if not isinstance(name.value, str) or name.value not in self._budgets:
            raise ValueError(f"{name.place}: {where}: {no_such('budget', name.value, self._budgets)}")
        small = self._change(paper, self._budgets[name.value], f"budgets.{name.value}", run)
        return entry.but(standin=merge(small, own))

    def _change(self, block: Placed, budget: Placed, where: str, run: str, inside: bool = False) -> Placed:
        """Change the settings that a block has; of `arguments`, those that the model has."""
        changed = dict(block.value)
        for key, one in budget.value.items():
            if key not in changed:
                if not inside:
                    raise ValueError(f"{one.place}: {where}.{key}: the run {run} has no such setting")
                self._left.setdefault(one.place, f"{where}.{key}: no run of this budget has such a setting")
                continue
            self._taken.add(one.place)
            both = isinstance(one.value, dict) and isinstance(changed[key].value, dict)
            changed[key] = self._change(changed[key], one, f"{where}.{key}", run, True) if both else one
        return Placed(changed, block.place)

    def check_taken(self) -> None:
        """Refuse settings inside others, such as arguments of a model, that no run of the budget has.

        Raises:
            ValueError: There is one.
        """
        for place, said in self._left.items():
            if place not in self._taken:
                raise ValueError(f"{place}: {said}")
