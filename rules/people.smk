# Functions of rules that find people in pictures: the network's recipe, its weights, and the boxes of people.


def is_estimated(name):
    """Whether a recipe of poses names heatmaps, from which a network estimates joints that nobody annotated."""
    return "heatmaps" in config["poses"][name]["paper"]


def heatmaps_of_poses(wildcards):
    """Name of the recipe of heatmaps by which poses are estimated."""
    return block("poses", wildcards.recipe, wildcards.dataset)["heatmaps"]


def estimated_recipe(wildcards):
    """Recipe of estimated poses with that of their heatmaps spelt out."""
    chosen = block("poses", wildcards.recipe, wildcards.dataset)
    network = network_recipe("heatmaps", chosen["heatmaps"], wildcards.dataset)
    return network | {"min_confidence": chosen["min_confidence"]}


def heatmap_weights(name, wildcards):
    """Weights file of a pose network: published, trained by the pipeline on another data set, or none."""
    chosen = network_recipe("heatmaps", name, wildcards.dataset)
    weights = chosen["pretrained_by"]
    if chosen["weights"] == "random":
        return []
    if weights not in config["finetune"]:
        return [f"weights/{config['weights'][weights]['file']}"]
    which = "standin" if chosen["weights"] == "standin" else "paper"
    trained_on = config["finetune"][weights][which]["dataset"]
    network_of = trained_on + (STANDIN if which == "standin" else "")
    if network_of not in DATASETS:
        raise WorkflowError(
            f"{wildcards.dataset} needs the network {weights}, which is trained on {trained_on}: "
            f"datasets.{trained_on}.root must be a folder as well"
        )
    return [f"results/backbones/{network_of}/{weights}.pt"]


def heatmap_boxes(name, wildcards):
    """Poses whose boxes say where people are; none where the whole frame is looked at."""
    poses = block("heatmaps", name, wildcards.dataset).get("poses")
    return (
        [f"results/poses/{wildcards.dataset}/{poses}/{wildcards.shard}.h5"]
        if poses
        else []
    )


def joint_maps_code(stage, name, wildcards):
    chosen = network_recipe("heatmaps", name, wildcards.dataset)
    return source_hash(f"poseattn.stages.{stage}", backbone_module(chosen))
