# Functions of rules that draw or measure attention: which run, poses, cubes and scores a picture or table is made from.


def figure_run(wildcards):
    """Path and wildcards of the run that a figure shows: its first seed."""
    figure = config["figures"][wildcards.figure]
    dataset = dataset_id(figure["dataset"])
    return (
        dataset,
        f"results/runs/{dataset}/{figure['run']}/{figure['protocol']}/seed{config['seeds'][0]}",
    )


def figure_poses(wildcards):
    figure = config["figures"][wildcards.figure]
    dataset = dataset_id(figure["dataset"])
    return [
        f"results/poses/{dataset}/{figure['poses']}/{shard}.h5"
        for shard in shard_digests(dataset)
    ]


def overlay_run(wildcards):
    """Folder of the run that an overlay shows: its first seed."""
    folder = f"results/runs/{wildcards.dataset}/{wildcards.run}/{wildcards.protocol}"
    return f"{folder}/seed{config['seeds'][0]}"


def cubes_of_clip(wildcards):
    """The one cube shard that has a clip, if it is a clip."""
    recipe = run_block(wildcards)["inputs"].get("cubes")
    number = listing.shard_of(wildcards.clip, n_shards(wildcards.dataset))
    if recipe is None or f"{number:03d}" not in shard_digests(wildcards.dataset):
        raise WorkflowError(
            f"{wildcards.clip}: no clip of {wildcards.dataset} with cubes for run {wildcards.run}"
        )
    return f"results/cubes/{wildcards.dataset}/{recipe}/{number:03d}.h5"


def strips_dataset(wildcards):
    return dataset_id(config["strips"][wildcards.strips]["dataset"])


def strips_scores(wildcards):
    """Scores of every run that a figure of strips shows: their first seed."""
    figure = config["strips"][wildcards.strips]
    folder = f"results/runs/{strips_dataset(wildcards)}"
    runs = sorted({strip["run"] for strip in figure["strips"]})
    return [
        f"{folder}/{run}/{figure['protocol']}/seed{config['seeds'][0]}/scores.h5"
        for run in runs
    ]


def joints_scores(wildcards):
    """Scores of all seeds of the run whose joints are measured."""
    entry = config["joints"][wildcards.joints]
    folder = f"results/runs/{dataset_id(entry['dataset'])}/{entry['run']}/{entry['protocol']}"
    return [f"{folder}/seed{seed}/scores.h5" for seed in config["seeds"]]


def joints_poses(wildcards):
    entry = config["joints"][wildcards.joints]
    dataset = dataset_id(entry["dataset"])
    return [
        f"results/poses/{dataset}/{entry['annotated']}/{shard}.h5"
        for shard in shard_digests(dataset)
    ]
