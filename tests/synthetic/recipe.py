"""The shipped recipes of the stand-in, and versions of them that are quick to make."""

import json
from copy import deepcopy
from pathlib import Path

import yaml

_FILE = Path(__file__).parents[2] / "workflow" / "standins" / "ntu.yaml"
_MOVING = _FILE.with_name("moving.yaml")
_PEOPLE = _FILE.with_name("people.yaml")
_STILL = _FILE.with_name("still_people.yaml")
_UNTRIMMED = _FILE.with_name("untrimmed.yaml")


def shipped() -> dict:
    """Recipe of the stage synthesize_dataset."""
    return yaml.safe_load(_FILE.read_text(encoding="utf-8"))["synthetic"]["ntu"]


def pictures(number: int) -> dict:
    """Recipe of the stage render_objects, for a few pictures."""
    return yaml.safe_load(_FILE.read_text(encoding="utf-8"))["images"]["held_objects"] | {"images": number}


def quick(subjects: list[int], repetitions: list[int], actions: list[int] | None = None) -> dict:
    """The shipped recipe with fewer and shorter clips in a quarter of the pixels."""
    recipe = deepcopy(shipped())
    recipe["frames"] = [6, 9]
    image = recipe["scene"]["image"]
    image |= {"size": [320, 180], "focal": image["focal"] / 2, "extent": [4, 30]}
    first, *others = recipe["grid"]["setups"].values()
    first["subjects"] = subjects
    for setup in others:
        setup["subjects"] = []
    recipe["grid"]["repetitions"] = repetitions
    if actions:
        kept = {str(action): recipe["grid"]["actions"][str(action)] for action in actions}
        recipe["grid"]["actions"] = kept
    return recipe


def moving_recipe(name: str) -> dict:
    """Recipe of the stage synthesize_dataset for one of the stand-ins that share the renderer of moving objects."""
    return yaml.safe_load(_MOVING.read_text(encoding="utf-8"))["synthetic"][name]


def stills(number: int) -> dict:
    """Recipe of the stage render_objects, for a few pictures as those stand-ins show them."""
    return yaml.safe_load(_MOVING.read_text(encoding="utf-8"))["images"]["moving_objects"] | {"images": number}


def people_recipe(name: str) -> dict:
    """Recipe of the stage synthesize_dataset for one of the stand-ins that show people whose joints are labelled.

    Keys are sorted as the workflow sorts them, since bodies are drawn in the order of their segments.
    """
    recipe = yaml.safe_load(_PEOPLE.read_text(encoding="utf-8"))["synthetic"][name]
    return json.loads(json.dumps(recipe, sort_keys=True))


def still_recipe(name: str) -> dict:
    """Recipe of the stage synthesize_dataset for one of the stand-ins that show people in still images; keys sorted."""
    recipe = yaml.safe_load(_STILL.read_text(encoding="utf-8"))["synthetic"][name]
    return json.loads(json.dumps(recipe, sort_keys=True))


def untrimmed_recipe() -> dict:
    """Recipe of the stage synthesize_dataset for ActivityNet; keys are sorted as the workflow sorts them."""
    recipe = yaml.safe_load(_UNTRIMMED.read_text(encoding="utf-8"))["synthetic"]["activitynet"]
    return json.loads(json.dumps(recipe, sort_keys=True))


def aspects(name: str, number: int) -> dict:
    """Recipe of the stage render_objects, for a few shots of which one aspect is labelled."""
    recipe = yaml.safe_load(_UNTRIMMED.read_text(encoding="utf-8"))["images"][name] | {"images": number}
    return json.loads(json.dumps(recipe, sort_keys=True))
