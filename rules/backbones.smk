# Functions of rules that use a backbone: its recipe, its weights and its code.
from functools import cache

from poseattn.checks import origins


def network_recipe(kind, name, dataset):
    """Recipe of an extraction; a data set's `weights` key may ask for the other network, or for random weights."""
    weights = weights_of(dataset)
    which = {"pretrained": "paper", "standin": "standin"}.get(weights)
    chosen = config[kind][name][which] if which else block(kind, name, dataset)
    return chosen | {"weights": weights}


def backbone_recipe(kind, wildcards):
    return network_recipe(kind, wildcards.recipe, wildcards.dataset)


def backbone_weights(kind, wildcards):
    """Weights file of an extraction, downloaded or trained by the pipeline; none for random weights."""
    chosen = backbone_recipe(kind, wildcards)
    if chosen["weights"] == "random":
        return []
    if chosen["pretrained_by"] in config["finetune"]:
        return [tuned_network(chosen["pretrained_by"], wildcards.dataset)]
    if chosen["weights"] == "standin":
        return [f"results/backbones/{chosen['pretrained_by']}.pt"]
    return [f"weights/{config['weights'][chosen['pretrained_by']]['file']}"]


def flow_is_learnt(wildcards):
    """Whether a network computes flow: only then do threads and device move a number."""
    method = block("flow", wildcards.recipe, wildcards.dataset)["method"]
    return method.startswith("raft")


def flow_weights(wildcards):
    """Published weights of RAFT, for which there is no stand-in; none for other methods."""
    if not flow_is_learnt(wildcards):
        return []
    name = block("flow", wildcards.recipe, wildcards.dataset)["pretrained_by"]
    return [f"weights/{config['weights'][name]['file']}"]


def flow_threads(wildcards):
    return torch_threads(wildcards) if flow_is_learnt(wildcards) else 1


def flow_code(wildcards):
    learnt = ["poseattn.extraction.learnt_flow"] if flow_is_learnt(wildcards) else []
    return source_hash("poseattn.stages.compute_flow", *learnt)


@cache
def weights_digest(file):
    """First digits of the SHA-256 of published weights; none of weights that the pipeline trains."""
    if not file.startswith("weights/"):
        return ""
    stated = stated_digest(weights_entry(Path(file).name))
    return origins.known_digest(Path(file), stated, SUMS)


def digests_of(files):
    """Digests of the weights files of a job, of which there is one at most."""
    return "".join(map(weights_digest, files))


def images_of_pretraining(wildcards):
    return f"results/synthetic/{config['pretrain'][wildcards.recipe]['standin']['images']}.h5"


def backbone_module(recipe):
    """File of a backbone: `timm:resnet18` is one of the networks of `timm`."""
    return f"poseattn.backbones.{recipe['backbone'].partition(':')[0]}"


def training_code(recipe):
    """Code of a training: its stage, its method and its backbone."""
    method = f"poseattn.pretraining.{recipe['method']}"
    return source_hash(
        "poseattn.stages.pretrain_backbone", method, backbone_module(recipe)
    )


def pretrain_recipe(wildcards):
    return config["pretrain"][wildcards.recipe]["standin"]


def backbone_code(stage, kind, wildcards):
    chosen = backbone_recipe(kind, wildcards)
    return source_hash(f"poseattn.stages.{stage}", backbone_module(chosen))
