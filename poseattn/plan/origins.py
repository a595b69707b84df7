"""Which code, recipe and weights the plan wants of input files; and files that are accepted as they are."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from poseattn.checks import origins
from poseattn.plan.engine import MakerOf
from poseattn.plan.values import as_json


class Origins:
    """Origins that the rules plan for the files that they make.

    Args:
        maker_of: Finds the rule that makes a file.
    """

    def __init__(self, maker_of: MakerOf) -> None:
        self._maker_of = maker_of
        self._of_groups: dict[str, dict[str, str]] = {}

    def made_by(self, wildcards: Any, input: Iterable[str]) -> str:
        """Parameter of rules: what the plan wants of each group of input files, as JSON.

        Snakemake never compares it, because it is derived from the input.

        Args:
            wildcards: Wildcards of the job.
            input: Input files of the job.

        Returns:
            Origins by group; files of one group differ in seed or shard alone.
        """
        groups = {origins.group_of(path): path for path in input if origins.has_origin(path)}
        wanted = {group: self._of_group(group, path) for group, path in groups.items()}
        return as_json({group: origin for group, origin in wanted.items() if origin})

    def accept(self, paths: Iterable[str]) -> None:
        """Take files as they are, list the digests that are not those of the plan, and say so.

        Args:
            paths: Output files of jobs.

        Raises:
            ValueError: A file, or the list of accepted ones, is damaged.
            OSError: A file cannot be read.
        """
        found = []
        for path in filter(origins.has_origin, paths):
            if Path(path).exists():
                found += origins.differences(path, self._of_group(origins.group_of(path), path))
        for one in found:
            print(f"accepted: {one.file}: {one.what} {one.old or 'none'} -> {one.new}")
        if found:
            origins.add_accepted(found)

    def _of_group(self, group: str, path: str) -> dict[str, str]:
        """Return the planned origin of a group of files, by one of them; nothing where the rule has no recipe."""
        if group not in self._of_groups:
            self._of_groups[group] = self._wanted(path)
        return self._of_groups[group]

    def _wanted(self, path: str) -> dict[str, str]:
        maker = self._maker_of(path)
        if maker is None or not (recipe := maker.parameter("recipe") or maker.parameter("run")):
            return {}
        return origins.planned_origin(maker.parameter("code"), recipe, maker.parameter("weights"))
