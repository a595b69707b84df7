# Functions of rules that read raw files: where these are, which there are, and a digest of those of each shard.
from functools import cache

from poseattn import listing
from poseattn.clip_list import class_names, read_clip_list


def layout_of(dataset):
    """Name of the module that knows a data set: its own, or `csv` for a user's list of clips."""
    return entry_of(dataset).get("layout", DATASETS[dataset])


def raw_layout(dataset):
    """Where the raw files of a data set stand, and which stages read them."""
    entry = entry_of(dataset)
    chosen = {key: entry[key] for key in ("read_by", "min_frames") if key in entry}
    if "layout" not in entry:
        return config["raw"][DATASETS[dataset]] | chosen
    listed = {"files": {"video": entry["manifest"]}, "lists": [entry["manifest"]]}
    return listed | {"read_by": {"cubes": "googlenet"}} | chosen


@cache
def raw_root(dataset):
    """Folder of the raw files in their genuine layout."""
    name = DATASETS[dataset]
    if is_standin(dataset):
        return f"results/synthetic/{name}"
    try:
        return str(
            listing.find_root(
                Path(entry_of(dataset)["root"]),
                raw_layout(dataset)["files"],
                raw_layout(dataset)["lists"],
            )
        )
    except ValueError as error:
        raise WorkflowError(f"config: datasets.{name}.root: {error}") from None


def scanned(dataset):
    """Raw files of a real root, at least one."""
    root, patterns = Path(raw_root(dataset)), raw_layout(dataset)["files"]
    try:
        files = listing.scan(root, patterns)
    except ValueError as error:
        raise WorkflowError(f"config: datasets.{DATASETS[dataset]}: {error}") from None
    if not files:
        looked_for = ", ".join(
            pattern if "*" in pattern else f"of those that {pattern} lists"
            for pattern in patterns.values()
        )
        raise WorkflowError(
            f"config: datasets.{DATASETS[dataset]}.root: no file {looked_for} in {root}"
        )
    return files


@cache
def shard_digests(dataset):
    """Shards that have clips, each with a digest of its raw files (of the recipe that makes them, for a stand-in)."""
    raw = raw_layout(dataset)
    if is_standin(dataset):
        made = synthetic_code(DATASETS[dataset]) + synthetic_recipe(DATASETS[dataset])
        return {f"{shard:03d}": made for shard in range(raw["standin_shards"])}
    files, n = scanned(dataset), n_shards(dataset)
    own = listing.lines_by_shard(own_clips(dataset), files, n)
    shared = lists_digest(dataset)
    return {
        f"{shard:03d}": listing.digest(of_shard, shared + own.get(shard, ""))
        for shard, of_shard in listing.by_shard(files, n).items()
    }


@cache
def own_clips(dataset):
    """What a user's list says, of which each shard depends on its own lines; other data sets have none."""
    entry = entry_of(dataset)
    return (
        read_clip_list(Path(raw_root(dataset)) / entry["manifest"])
        if "layout" in entry
        else []
    )


@cache
def lists_digest(dataset):
    """Digest of the lists that all shards share: of the classes of a user's list, of the recipe of a stand-in."""
    if is_standin(dataset):
        return synthetic_code(DATASETS[dataset]) + synthetic_recipe(DATASETS[dataset])
    if "layout" in entry_of(dataset):
        return listing.digest([], "\n".join(class_names(own_clips(dataset))))
    root = Path(raw_root(dataset))
    names = listing.find_lists(root, raw_layout(dataset)["lists"])
    return listing.digest(
        [],
        # Latin-1 can read any file, also a list that is no text
        "".join(
            (root / name).read_text("latin-1")
            for name in names
            if (root / name).is_file()
        ),
    )


def n_shards(dataset):
    return (
        raw_layout(dataset)["standin_shards"]
        if is_standin(dataset)
        else entry_of(dataset).get("shards", 8)
    )


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


def clips_digest(wildcards):
    return shard_digests(wildcards.dataset)[wildcards.shard]


def synthetic_recipe(name):
    return as_json(config["synthetic"][name])


def raw_files(wildcards):
    """What must exist before raw files are read: the list of the stand-in's files, written last; nothing for a real root."""
    return (
        [local(f"{raw_root(wildcards.dataset)}.txt")]
        if is_standin(wildcards.dataset)
        else []
    )


def synthetic_code(name):
    return source_hash(
        "poseattn.stages.synthesize_dataset", f"poseattn.synthetic.{name}"
    )


def images_code(name):
    drawn_by = config["images"][name]["drawn_by"]
    return source_hash(
        "poseattn.stages.render_objects", f"poseattn.synthetic.{drawn_by}"
    )


def poses_code(wildcards):
    return source_hash(
        "poseattn.stages.read_poses",
        f"poseattn.datasets.{layout_of(wildcards.dataset)}_poses",
    )


def layout_code(stage, wildcards):
    return source_hash(
        f"poseattn.stages.{stage}", f"poseattn.datasets.{layout_of(wildcards.dataset)}"
    )


# A wrong or an empty root stops here, before anything is planned.
for dataset in DATASETS:
    raw_root(dataset)
    if not is_standin(dataset):
        shard_digests(dataset)
