# Functions of rules that draw or measure attention: which run, poses, cubes and scores a picture or table is made from.
from poseattn.clips.ids import shard_of
from poseattn.plan.refusals import Refusal
from poseattn.plan.values import as_json


def figure_run(wildcards):
    """Path and wildcards of the run that a figure shows: its first seed."""
    figure = config["figures"][wildcards.figure]
    dataset = plan.datasets.id_of(figure["dataset"])
    return (
        dataset,
        f"results/runs/{dataset}/{figure['run']}/{figure['protocol']}/seed{config['seeds'][0]}",
    )


def figure_poses(wildcards):
    figure = config["figures"][wildcards.figure]
    dataset = plan.datasets.id_of(figure["dataset"])
    return [
        f"results/poses/{dataset}/{figure['poses']}/{shard}.h5"
        for shard in plan.raw.shards(dataset)
    ]


def overlay_run(wildcards):
    """Folder of the run that an overlay shows: its first seed."""
    folder = f"results/runs/{wildcards.dataset}/{wildcards.run}/{wildcards.protocol}"
    return f"{folder}/seed{config['seeds'][0]}"


def cubes_of_clip(wildcards):
    """The one cube shard that has a clip, if it is a clip; file systems hold names of 255 bytes."""
    log = (
        f"{wildcards.dataset}.{wildcards.run}.{wildcards.protocol}.{wildcards.clip}.log"
    )
    if (n_bytes := len(log.encode())) > 255:
        raise Refusal(
            f"{wildcards.clip}: its overlay would have a log with a name of {n_bytes} bytes, no file may have more "
            "than 255: give the video a shorter name"
        )
    chosen = plan.runs.resolved(wildcards.run, wildcards.dataset, wildcards.protocol)
    recipe = chosen["inputs"].get("cubes")
    number = shard_of(wildcards.clip, plan.datasets.n_shards(wildcards.dataset))
    if recipe is None or f"{number:03d}" not in plan.raw.shards(wildcards.dataset):
        raise Refusal(
            f"{wildcards.clip}: no clip of {wildcards.dataset} with cubes for run {wildcards.run}"
        )
    return f"results/cubes/{wildcards.dataset}/{recipe}/{number:03d}.h5"


def strips_dataset(wildcards):
    return plan.datasets.id_of(config["strips"][wildcards.strips]["dataset"])


def strips_scores(wildcards):
    """Scores of every run that a figure of strips shows: their first seed."""
    figure = config["strips"][wildcards.strips]
    folder = f"results/runs/{strips_dataset(wildcards)}"
    runs = sorted({strip["run"] for strip in figure["strips"]})
    return [
        f"{folder}/{run}/{figure['protocol']}/seed{config['seeds'][0]}/scores.h5"
        for run in runs
    ]


def picture_dataset(section, wildcards):
    return plan.datasets.id_of(config[section][wildcards[section]]["dataset"])


def picture_folder(section, run, wildcards):
    """Folder of a run that a picture shows: its first seed."""
    protocol = config[section][wildcards[section]]["protocol"]
    dataset = picture_dataset(section, wildcards)
    return f"results/runs/{dataset}/{run}/{protocol}/seed{config['seeds'][0]}"


def picture_shards(section, kind, name, wildcards):
    """All shards of a kind of the data set of a picture or table."""
    dataset = picture_dataset(section, wildcards)
    return [
        f"results/{kind}/{dataset}/{name}/{shard}.h5"
        for shard in plan.raw.shards(dataset)
    ]


def confusions_scores(wildcards):
    runs = config["confusions"][wildcards.confusions]["runs"]
    return [
        f"{picture_folder('confusions', entry['run'], wildcards)}/scores.h5"
        for entry in runs
    ]


def states_run(number, wildcards):
    """The first or the second run of a picture of states, as its stage gets it."""
    entry = config["states"][wildcards.states]
    dataset = picture_dataset("states", wildcards)
    return plan.runs.passed_on(entry["runs"][number], dataset, entry["protocol"], True)


def states_file(number, name, wildcards):
    run = config["states"][wildcards.states]["runs"][number]
    return f"{picture_folder('states', run, wildcards)}/{name}"


def states_cubes(number, wildcards):
    cubes = states_run(number, wildcards)["inputs"]["cubes"]
    return picture_shards("states", "cubes", cubes, wildcards)


def guided_shards(key, kind, wildcards):
    name = config["guided"][wildcards.guided][key]
    return picture_shards("guided", kind, name, wildcards)


def pose_maps_heatmaps(wildcards):
    name = config["pose_maps"][wildcards.pose_maps]["heatmaps"]
    return picture_shards("pose_maps", "heatmaps", name, wildcards)


def cells_run(wildcards):
    """The run whose cells a picture shows, as its stage gets it."""
    entry = config["cells"][wildcards.cells]
    dataset = picture_dataset("cells", wildcards)
    return plan.runs.passed_on(entry["run"], dataset, entry["protocol"])


def cells_file(name, wildcards):
    return f"{picture_folder('cells', config['cells'][wildcards.cells]['run'], wildcards)}/{name}"


def cells_inputs(kind, wildcards):
    return picture_shards(
        "cells", kind, cells_run(wildcards)["inputs"][kind], wildcards
    )


def moments_scores(wildcards):
    """Scores of every run that a picture of moments shows: their first seed."""
    panels = config["moments"][wildcards.moments]["panels"]
    return [
        f"{picture_folder('moments', run, wildcards)}/scores.h5"
        for run in sorted({run for panel in panels for run in panel["runs"]})
    ]


def gains_scores(wildcards):
    """Scores of the baseline, then of the runs in their order."""
    entry = config["gains"][wildcards.gains]
    runs = [entry["baseline"], *(one["run"] for one in entry["runs"])]
    return [f"{picture_folder('gains', run, wildcards)}/scores.h5" for run in runs]


# Sections of figures, one PNG file an entry.
PICTURES = (
    "figures",
    "strips",
    "confusions",
    "states",
    "guided",
    "moments",
    "gains",
    "pose_maps",
    "cells",
)


def figures_of_config():
    figures = {
        name: entry
        for section in PICTURES
        for name, entry in config[section].items()
        if entry["dataset"] in config["datasets"]
    }
    return [f"results/figures/{name}.png" for name in figures]
