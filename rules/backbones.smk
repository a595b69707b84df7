# Functions of rules that use a backbone: its recipe, its weights and its code.


def backbone_recipe(kind, wildcards):
    """Recipe of an extraction; a data set's `weights` key may ask for the other network, or for random weights."""
    weights = weights_of(wildcards.dataset)
    which = {"pretrained": "paper", "standin": "standin"}.get(weights)
    chosen = (
        config[kind][wildcards.recipe][which]
        if which
        else block(kind, wildcards.recipe, wildcards.dataset)
    )
    return chosen | {"weights": weights}


def backbone_weights(kind, wildcards):
    """Weights file of an extraction, downloaded or trained by the pipeline; none for random weights."""
    chosen = backbone_recipe(kind, wildcards)
    if chosen["weights"] == "random":
        return []
    if chosen["weights"] == "standin":
        return [f"results/backbones/{chosen['pretrained_by']}.pt"]
    return [f"weights/{config['weights'][chosen['pretrained_by']]['file']}"]


def weights_entry(file):
    """Address and published digest of a weights file."""
    return next(entry for entry in config["weights"].values() if entry["file"] == file)


def images_of_pretraining(wildcards):
    return f"results/synthetic/{config['pretrain'][wildcards.recipe]['standin']['images']}.h5"


def backbone_module(recipe):
    """File of a backbone: `timm:resnet18` is one of the networks of `timm`."""
    return f"poseattn.backbones.{recipe['backbone'].partition(':')[0]}"


def pretrain_code(wildcards):
    chosen = config["pretrain"][wildcards.recipe]["standin"]
    return source_hash("poseattn.stages.pretrain_backbone", backbone_module(chosen))


def backbone_code(stage, kind, wildcards):
    chosen = backbone_recipe(kind, wildcards)
    return source_hash(f"poseattn.stages.{stage}", backbone_module(chosen))
