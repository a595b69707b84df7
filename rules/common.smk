# What the rules share: the names that wildcards may take, and resources.
# Parameters are builtins, and recipes travel as one sorted JSON string, since Snakemake compares them by their text.
import json
import os
import re
from pathlib import Path

from snakemake.exceptions import WorkflowError

from poseattn.provenance import source_digest
from poseattn.inputs.roles import SCORING_ONLY, kind_of
from poseattn.provenance.source_digest import PLANNED_IN, source_hash

# Jobs compare their code with the planned one, and say where that is.
os.environ[PLANNED_IN] = str(Path(source_digest.__file__).parents[1])

STANDIN = "_synthetic"
DATASETS = {
    name + (STANDIN if entry["root"] == "synthetic" else ""): name
    for name, entry in config["datasets"].items()
}
# Stand-ins are seen by networks that were trained on the stand-ins of these, also where their own root is real.
DATASETS |= {
    recipe["standin"]["dataset"] + STANDIN: recipe["standin"]["dataset"]
    for recipe in config["finetune"].values()
    if recipe["standin"]["method"] == "heatmaps"
}


def names(*kinds):
    """Regular expression of the names that the configuration knows: a typo in a target fails at once."""
    return "|".join(
        sorted({re.escape(name) for kind in kinds for name in config[kind]})
    )


wildcard_constraints:
    dataset="|".join(map(re.escape, DATASETS)),
    name="|".join(map(re.escape, config["datasets"])),
    recipe=names(
        "poses",
        "frames",
        "flow",
        "glimpses",
        "cubes",
        "pieces",
        "heatmaps",
        "pretrain",
        "finetune",
    ),
    images=names("images"),
    file="|".join(re.escape(entry["file"]) for entry in config["weights"].values()),
    run=names("runs", "snippet_scores"),
    table=names("tables"),
    figure=names("hands"),
    strips=names("strips"),
    confusions=names("confusions"),
    states=names("states"),
    pose_attention=names("pose_attention"),
    moments=names("moments"),
    gains=names("gains"),
    joints=names("joints"),
    pose_maps=names("pose_maps"),
    cells=names("cells"),
    suffix=r"\.png|\.mp4",
    clip=r"[^/]+",
    protocol=r"[a-z0-9_]+",
    scope=r"(\.poses_only)?",
    shard=r"\d{3}",
    seed=r"\d+",


# Sections of figures, one PNG file an entry.
PICTURES = (
    "hands",
    "strips",
    "confusions",
    "states",
    "pose_attention",
    "moments",
    "gains",
    "pose_maps",
    "cells",
)


def is_standin(dataset):
    return dataset.endswith(STANDIN)


def entry_of(dataset):
    """What config.yaml says of a data set."""
    return config["datasets"][DATASETS[dataset]]


def weights_of(dataset):
    return entry_of(dataset).get(
        "weights", "standin" if is_standin(dataset) else "pretrained"
    )


def damaged(wildcards):
    """What becomes of damaged videos, as one word that no other parameter can be: these are compared as a set."""
    entry = entry_of(wildcards.dataset)
    if entry.get("damaged", "refuse") == "refuse":
        return "refuse"
    return f"keep {entry.get('max_damaged_frames', 0.1)}"


def block(kind, name, dataset):
    """The `paper` or the `standin` block of a recipe or run: the root of the data set picks one."""
    return config[kind][name]["standin" if is_standin(dataset) else "paper"]


def as_json(value):
    return json.dumps(value, sort_keys=True)


def recipe(kind, wildcards):
    return as_json(block(kind, wildcards.recipe, wildcards.dataset))


# --- resources -------------------------------------------------------------------------------------------------------
LONGEST = 2880  # minutes of the GPU partition in profiles/slurm/partitions.yaml


def gpus(wildcards):
    return 0 if is_standin(wildcards.dataset) or config["device"] == "cpu" else 1


def device(wildcards):
    return "cpu" if is_standin(wildcards.dataset) else config["device"]


def torch_threads(wildcards):
    """Floats depend on the thread count, so it is a recorded parameter and not what --cores leaves over."""
    return 1 if is_standin(wildcards.dataset) else 4


# A job that a cluster ended for want of memory or time is tried again with more of it (`retries` of the profile).
def growing(amount):
    """MiB of a job: twice as many in the second attempt, three times in the third."""
    return lambda wildcards, attempt: attempt * amount


def longer(minutes):
    """Minutes of a job, likewise, but no more than partitions have."""
    return lambda wildcards, attempt: min(attempt * minutes, LONGEST)


def memory(standin, real):
    """MiB of a job, by the kind of its data set; more in later attempts."""
    return lambda wildcards, attempt: attempt * (
        standin if is_standin(wildcards.dataset) else real
    )
