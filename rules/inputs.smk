# Input and parameter functions of the rules: which files and which recipe an artefact is made from.


# --- what an extraction reads ----------------------------------------------------------------------------------------
def poses_of_frame_recipe(wildcards):
    """Poses that tell where to cut; whole frames need none."""
    name = block("frames", wildcards.recipe, wildcards.dataset).get("poses")
    return (
        f"results/poses/{wildcards.dataset}/{name}/{wildcards.shard}.h5" if name else []
    )


def uses_of_frame_recipe(wildcards):
    """What the protocols do with the clips: only those that train or validate are cut into pieces."""
    store = block("frames", wildcards.recipe, wildcards.dataset)["store"]
    return uses_of_shard(wildcards) if store == "pieces" else []


def uses_of_cube_recipe(wildcards):
    """What the protocols do with the clips: only those that train have mirrored twins."""
    return (
        uses_of_shard(wildcards)
        if backbone_recipe("cubes", wildcards)["mirror"]
        else []
    )


def uses_of_shard(wildcards):
    return f"results/manifests/{wildcards.dataset}/{wildcards.shard}.uses.tsv"


def frames_of_glimpse_recipe(wildcards):
    name = block("glimpses", wildcards.recipe, wildcards.dataset)["frames"]
    return f"results/frames/{wildcards.dataset}/{name}/{wildcards.shard}.h5"


def pictures_of_cube_recipe(chosen):
    """Section and name of what cubes are made of: frames or flow."""
    return next((kind, chosen[kind]) for kind in ("frames", "flow") if kind in chosen)


def cube_recipe(wildcards):
    """Recipe of cubes with that of their pictures spelt out: without a file of frames nothing else would tell."""
    chosen = backbone_recipe("cubes", wildcards)
    kind, name = pictures_of_cube_recipe(chosen)
    spelt = {kind: block(kind, name, wildcards.dataset)}
    if "heatmaps" in chosen:
        spelt["heatmaps"] = network_recipe(
            "heatmaps", chosen["heatmaps"], wildcards.dataset
        )
    return chosen | spelt


def pictures_are_stored(kind, name, dataset):
    """Whether a stage of its own made the pictures; extraction may also decode the videos itself."""
    return kind == "flow" or block(kind, name, dataset)["store"] == "jpeg"


def files_of_cube_recipe(wildcards):
    """Stored frames or flow; none where extraction decodes the videos itself."""
    kind, name = pictures_of_cube_recipe(backbone_recipe("cubes", wildcards))
    if not pictures_are_stored(kind, name, wildcards.dataset):
        return []
    return f"results/{kind}/{wildcards.dataset}/{name}/{wildcards.shard}.h5"


def heatmaps_of_cube_recipe(wildcards):
    """Heatmaps of the joints that pictures show as well; none for most recipes."""
    name = backbone_recipe("cubes", wildcards).get("heatmaps")
    return (
        f"results/heatmaps/{wildcards.dataset}/{name}/{wildcards.shard}.h5"
        if name
        else []
    )


# --- what a run reads ------------------------------------------------------------------------------------------------
def per_shard(pattern, wildcards):
    """One file for every shard of the data set."""
    return [
        pattern.format(dataset=wildcards.dataset, shard=shard)
        for shard in shards_of(wildcards.dataset)
    ]


def stored_pictures(kinds, dataset):
    """Frames or flow that a stage of its own made of the videos for the cubes among some kinds."""
    pictures = [
        pictures_of_cube_recipe(block("cubes", name, dataset))
        for kind, name in kinds.items()
        if kind == "cubes"
    ]
    return [
        (kind, name)
        for kind, name in pictures
        if pictures_are_stored(kind, name, dataset)
    ]


def statuses(wildcards):
    """Status files of the stages that may exclude a clip: reading its skeleton and, unless poses are enough, its video."""
    stages = raw_layout(wildcards.dataset)["read_by"]
    wanted = {
        kind: name
        for kind, name in stages.items()
        if kind == "poses" or not wildcards.scope
    }
    read = dict.fromkeys(stored_pictures(wanted, wildcards.dataset))
    patterns = [
        f"results/{kind}/{{dataset}}/{name}/{{shard}}.status.tsv"
        for kind, name in read | dict.fromkeys(wanted.items())
    ]
    return [path for pattern in patterns for path in per_shard(pattern, wildcards)]


def run_block(wildcards):
    """A run; where features differ by protocol, as those of fine-tuned networks do, their names have it."""
    chosen = block("runs", wildcards.run, wildcards.dataset)
    inputs = {
        role: name.replace("{protocol}", wildcards.protocol)
        for role, name in chosen["inputs"].items()
    }
    return chosen | {"inputs": inputs}


def run_features(role, wildcards):
    """Feature shards that a run reads in one role; none if it has no such input."""
    name = run_block(wildcards)["inputs"].get(role)
    return (
        per_shard(f"results/{kind_of(role)}/{{dataset}}/{name}/{{shard}}.h5", wildcards)
        if name
        else []
    )


def run_joints(wildcards):
    """Pose shards with the joints that guide the attention of a run in training."""
    guidance = run_block(wildcards).get("pose_guidance")
    if guidance is None:
        return []
    return per_shard(
        f"results/poses/{{dataset}}/{guidance['joints']}/{{shard}}.h5", wildcards
    )


def run_manifest(wildcards):
    """Clips of a run: a run on poses alone does not care whether a video is broken."""
    check_inputs(wildcards)
    inputs = run_block(wildcards)["inputs"]
    alone = set(inputs) == {"poses"} and not is_estimated(inputs["poses"])
    return gathered(wildcards.dataset, ".poses_only" if alone else "")


def run_json(wildcards, evaluation=False):
    """The run as its stage gets it; what only evaluation uses is kept from `train`, so that it retrains nothing."""
    chosen = run_block(wildcards)
    kept = {
        key: value
        for key, value in chosen.items()
        if evaluation or key not in SCORING_ONLY
    }
    if "start" in kept:
        kept["start"] = start_of(wildcards)
    return as_json(kept | {"run": wildcards.run, "dataset": wildcards.dataset})


def run_checkpoint(wildcards):
    trained = run_block(wildcards).get("checkpoint_of", wildcards.run)
    return f"results/runs/{wildcards.dataset}/{trained}/{wildcards.protocol}/seed{wildcards.seed}/checkpoint.pt"


def run_code(stage, wildcards):
    model = run_block(wildcards)["model"]
    return source_hash(f"poseattn.stages.{stage}", f"poseattn.models.{model}")


# --- tables ----------------------------------------------------------------------------------------------------------
def dataset_id(name):
    """Data set id in intermediate paths: stand-ins have their own, so that they never touch what real data made."""
    return next(dataset for dataset, entry in DATASETS.items() if entry == name)


def tables_of_config():
    used = {
        name: {column["dataset"] for column in columns_of(table).values()}
        for name, table in config["tables"].items()
    }
    used |= {name: {entry["dataset"]} for name, entry in config["joints"].items()}
    return [
        f"results/{name}.csv"
        for name, datasets in used.items()
        if datasets <= set(config["datasets"]) and starts_are_there(name)
    ]


def figures_of_config():
    figures = {
        name: entry
        for section in PICTURES
        for name, entry in config[section].items()
        if entry["dataset"] in config["datasets"]
    }
    return [f"results/figures/{name}.png" for name in figures]


def columns_of(table):
    """Columns of a table, those that are not in the paper last."""
    return table["columns"] | table.get("extra_columns", {})


def runs_of_cell(row, metric):
    """Runs that a cell is made from; a row may name others for each column."""
    runs = row.get("runs", [])
    return runs.get(metric, []) if isinstance(runs, dict) else runs


def seeds_of(run):
    """Seeds of a run; a network that was trained on clips once scores snippets once."""
    return [0] if run in config["snippet_scores"] else config["seeds"]


def scores_file(split):
    return "scores.h5" if split == "test" else f"scores.{split}.h5"


def table_scores(wildcards):
    """Scores of every run, protocol and seed that a table names."""
    table = config["tables"][wildcards.table]
    scores = {
        f"results/runs/{dataset_id(column['dataset'])}/{run}/{protocol}/seed{seed}/{scores_file(column['split'])}"
        for metric, column in columns_of(table).items()
        for row in table["rows"]
        for run in runs_of_cell(row, metric)
        for protocol in (row if "protocols" in row else column)["protocols"]
        for seed in seeds_of(run)
    }
    return sorted(scores)
