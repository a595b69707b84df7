# Functions of rules that refuse a run before any job starts.
from poseattn.clips.excluded import refuse_gathered


def check_inputs(wildcards):
    """Refuse a run that a data set cannot feed, before any job starts."""
    layout = layout_of(wildcards.dataset)
    reader = Path(workflow.basedir) / f"poseattn/datasets/{layout}_poses.py"
    if not run_block(wildcards)["epochs"] and weights_of(wildcards.dataset) == "random":
        raise WorkflowError(
            f"run {wildcards.run} trains nothing, so that its network must know the classes of {wildcards.dataset}: "
            f"datasets.{DATASETS[wildcards.dataset]}.weights: random has none that does; ask for other runs"
        )
    poses = run_block(wildcards)["inputs"].get("poses")
    if poses and not is_estimated(poses) and not reader.exists():
        raise WorkflowError(
            f"run {wildcards.run} needs poses, data set {DATASETS[wildcards.dataset]} has videos only"
        )


def max_excluded(dataset):
    """Largest share of bad clips that training accepts."""
    return entry_of(dataset).get("max_excluded", 0.01)


@cache
def gathered(dataset, scope=""):
    """The clips of a data set for training, unless too many of those that were gathered before are bad by now."""
    manifest = f"results/manifests/{dataset}{scope}.tsv"
    try:
        refuse_gathered(Path(manifest), max_excluded(dataset))
    except (ValueError, OSError) as error:
        raise WorkflowError(
            f"config: datasets.{DATASETS[dataset]}.max_excluded: {one_line(error)}"
        ) from None
    return manifest
