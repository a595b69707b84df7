# Functions of rules that train networks on the clips of a data set, and score clips by them.


def shards_of_pictures(chosen, wildcards):
    """All shards of the frames or of the flow that a recipe names."""
    kind = "frames" if "frames" in chosen else "flow"
    return per_shard(
        f"results/{kind}/{{dataset}}/{chosen[kind]}/{{shard}}.h5", wildcards
    )


def finetune_recipe(wildcards):
    """Recipe of a training on clips; `weights` is the kind of those from which it starts."""
    chosen = backbone_recipe("finetune", wildcards)
    none = {} if chosen["start"] else {"weights": "random"}
    return chosen | {"dataset": wildcards.dataset} | none


def finetune_start(wildcards):
    """Weights file from which a training on clips starts; none for random weights."""
    chosen = finetune_recipe(wildcards)
    if chosen["weights"] == "random":
        return []
    if chosen["weights"] == "standin":
        return [f"results/backbones/{chosen['start']}.pt"]
    return [f"weights/{config['weights'][chosen['start']]['file']}"]


def tuned_network(name, dataset):
    """Weights that were trained on clips, of this data set or of another, which then must be real or a stand-in too."""
    trained_on = block("finetune", name, dataset)["dataset"]
    known = [other for other, entry in DATASETS.items() if entry == trained_on]
    if not known or is_standin(known[0]) != is_standin(dataset):
        raise WorkflowError(
            f"{dataset} needs the network {name}, which is trained on {trained_on}: datasets.{trained_on}.root must be "
            f"{'`synthetic`' if is_standin(dataset) else 'a folder'} as well"
        )
    return f"results/backbones/{known[0]}/{name}.pt"


def finetune_poses(wildcards):
    """Joints of the people in the pictures, for a network that learns to find them."""
    name = finetune_recipe(wildcards).get("poses")
    return (
        per_shard(f"results/poses/{{dataset}}/{name}/{{shard}}.h5", wildcards)
        if name
        else []
    )


def snippet_scores(wildcards):
    return block("snippet_scores", wildcards.run, wildcards.dataset)


def snippet_network(wildcards):
    """Recipe of the network that was trained on the training clips of a protocol."""
    return snippet_scores(wildcards)["network"].replace(
        "{protocol}", wildcards.protocol
    )


def snippet_scores_code(wildcards):
    chosen = block("finetune", snippet_network(wildcards), wildcards.dataset)
    return source_hash("poseattn.stages.score_snippets", backbone_module(chosen))
