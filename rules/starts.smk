# Functions of rules for runs that start from the model of another run, perhaps on another data set.


def can_start(dataset, start):
    """Whether clips of a data set and those of the run to start from are both real, or both of stand-ins."""
    name = start["dataset"]
    return name in config["datasets"] and is_standin(dataset) == is_standin(
        dataset_id(name)
    )


def start_of(wildcards):
    """The run to start from, its data set by the id that it has in paths; none if a run starts from random weights."""
    start = run_block(wildcards).get("start")
    if start is None:
        return None
    if not can_start(wildcards.dataset, start):
        raise WorkflowError(
            f"run {wildcards.run} on {wildcards.dataset} starts from run {start['run']} on {start['dataset']}: "
            f"datasets.{start['dataset']}.root must be a folder if that of {wildcards.dataset} is, else `synthetic`"
        )
    return start | {"dataset": dataset_id(start["dataset"])}


def run_start(wildcards):
    """Checkpoint that a run starts from."""
    start = start_of(wildcards)
    if start is None:
        return []
    return f"results/runs/{start['dataset']}/{start['run']}/{start['protocol']}/seed{wildcards.seed}/checkpoint.pt"


def starts_are_there(table):
    """Whether all runs of a table that start from another one can do so."""
    blocks = [
        config["runs"][run]["paper"]
        for row in config["tables"].get(table, {"rows": ()})["rows"]
        for metric in config["tables"][table]["columns"]
        for run in runs_of_cell(row, metric)
        if run in config["runs"]
    ]
    return all(
        can_start(dataset_id(entry["dataset"]), entry["start"])
        for entry in blocks
        if "start" in entry
    )
