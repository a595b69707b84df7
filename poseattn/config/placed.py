"""Values of the configuration that know where they were written: file, line and, in a table's CSV file, column."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from yaml.constructor import SafeConstructor

from poseattn.config.files import Keys, shown

_CONSTRUCTOR = SafeConstructor()


class Place(NamedTuple):
    """Where a value was written.

    Attributes:
        file: The file; None for the command line.
        line: Line, from 1.
        column: Name of the column in a CSV file, else empty.
    """

    file: Path | None
    line: int = 0
    column: str = ""

    def __str__(self) -> str:
        """Write the place as messages do."""
        if self.file is None:
            return "--config"
        return f"{shown(self.file)}:{self.line}" + (f", column {self.column}" if self.column else "")


@dataclass(frozen=True, slots=True)
class Placed:
    """A value and where it was written.

    Attributes:
        value: Text, a number, a truth value or None; a list of placed values; or placed values by key.
        place: Line of the key that names the value, or of the value where it has no key.
    """

    value: Any
    place: Place

    def get(self, key: str) -> "Placed | None":
        """Return the value of a key, None if there is none or if this has no keys."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def but(self, **changes: "Placed") -> "Placed":
        """Return the same keys and values with some added or replaced."""
        return Placed(self.value | changes, self.place)

    def without(self, *keys: str) -> "Placed":
        """Return the same keys and values without some."""
        return Placed({key: one for key, one in self.value.items() if key not in keys}, self.place)


def place_tree(node: yaml.Node, file: Path, place: Place | None = None) -> Placed:
    """Turn the tree of a file into placed values; a merged (`<<`) or repeated (`*`) value keeps the line of its own.

    Args:
        node: Tree, or a part of it, that `poseattn.config.files` has checked.
        file: Its file.
        place: Where its key is.

    Returns:
        The values.

    Raises:
        ValueError: Something is merged that has no keys.
    """
    place = place or _place(node, file)
    if isinstance(node, yaml.MappingNode):
        return Placed(_entries(node, file), place)
    if isinstance(node, yaml.SequenceNode):
        return Placed([place_tree(one, file) for one in node.value], place)
    return Placed(_scalar(node), place)


def _entries(node: yaml.Node, file: Path) -> dict[Any, Placed]:
    """Return keys and values of a node as PyYAML does: own keys before merged keys, and earlier bases before later."""
    if not isinstance(node, yaml.MappingNode):
        raise ValueError(f"{_place(node, file)}: `<<` takes keys and values of another part, found {node.value!r}")
    found: dict[Any, Placed] = {}
    for key, value in node.value:
        if key.tag.endswith(":merge"):
            for one in reversed(value.value if isinstance(value, yaml.SequenceNode) else [value]):
                found |= _entries(one, file)
    for key, value in node.value:
        if not key.tag.endswith(":merge"):
            found[_scalar(key)] = place_tree(value, file, _place(key, file))
    return found


def _scalar(node: yaml.Node) -> Any:
    return SafeConstructor.yaml_constructors[node.tag](_CONSTRUCTOR, node)


def _place(node: yaml.Node, file: Path) -> Place:
    return Place(file, node.start_mark.line + 1)


def place_all(value: Any, place: Place) -> Placed:
    """Give a value, and all that it holds, one place.

    Args:
        value: What a parser gave.
        place: Where it was written.

    Returns:
        The placed value.
    """
    if isinstance(value, dict):
        return Placed({key: place_all(one, place) for key, one in value.items()}, place)
    if isinstance(value, list):
        return Placed([place_all(one, place) for one in value], place)
    return Placed(value, place)


def plain(placed: Placed) -> Any:
    """Return a value without its places."""
    if isinstance(placed.value, dict):
        return {key: plain(one) for key, one in placed.value.items()}
    return [plain(one) for one in placed.value] if isinstance(placed.value, list) else placed.value


def merge(below: Placed, above: Placed) -> Placed:
    """Lay one value over another as Snakemake does: keys are merged at every depth, all else is replaced.

    Args:
        below: Value that counts less.
        above: Value that counts more.

    Returns:
        The merged value.
    """
    if not isinstance(above.value, dict):
        return above
    merged = dict(below.value) if isinstance(below.value, dict) else {}
    for key, one in above.value.items():
        merged[key] = merge(merged.get(key, Placed(None, one.place)), one)
    return Placed(merged, above.place)


def find_place(placed: Placed, keys: Keys) -> Place | None:
    """Find where a value was written.

    Args:
        placed: The whole configuration.
        keys: Way to the value; a row of a table is found by its number or by its `method_id`.

    Returns:
        Its place, or the place of the closest key above it that is there; None if not even the first is.
    """
    place = None
    for key in keys:
        found = _step(placed, key)
        if found is None:
            return place
        placed, place = found, found.place
    return place


def _step(placed: Placed, key: str | int) -> Placed | None:
    if isinstance(placed.value, dict):
        return placed.value.get(key)
    if not isinstance(placed.value, list):
        return None
    if isinstance(key, int):
        return placed.value[key] if key < len(placed.value) else None
    return next((one for one in placed.value if (name := one.get("method_id")) and name.value == key), None)
