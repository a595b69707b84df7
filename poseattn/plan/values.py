"""The configuration as the plan gets it, and recipes as rules pass them on."""

import json
from typing import Any

Config = dict[str, Any]
Recipe = dict[str, Any]


def as_json(value: object) -> str:
    """Write a recipe as one line with sorted keys: Snakemake compares parameters by their text."""
    return json.dumps(value, sort_keys=True)
