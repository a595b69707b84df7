# Functions of rules that read raw files: where these are, and digests of what each shard is made from.
from functools import cache

from poseattn.clips.ids import shard_of
from poseattn.clips.listing import find_root
from poseattn.messages import one_line
from poseattn.clips.raw_digests import NO_DIGEST, RawDigests, digest_of_classes


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
            find_root(
                Path(entry_of(dataset)["root"]),
                raw_layout(dataset)["files"],
                raw_layout(dataset)["lists"],
            )
        )
    except (ValueError, OSError) as error:
        raise WorkflowError(
            f"config: datasets.{name}.root: {one_line(error)}"
        ) from None


@cache
def raw_digests(dataset):
    """Digests of a real root, in which there is at least one raw file."""
    raw = raw_layout(dataset)
    where = f"config: datasets.{DATASETS[dataset]}"
    try:
        found = RawDigests(
            Path(raw_root(dataset)),
            layout_of(dataset),
            raw["files"],
            raw["lists"],
            n_shards(dataset),
        )
    except (ValueError, OSError) as error:
        raise WorkflowError(f"{where}: {one_line(error)}") from None
    if not found.files:
        looked_for = ", ".join(
            pattern if "*" in pattern else f"of those that {pattern} lists"
            for pattern in raw["files"].values()
        )
        raise WorkflowError(
            f"{where}.root: no file {looked_for} in {raw_root(dataset)}"
        )
    return found


@cache
def shards_of(dataset):
    """Shards that have clips, as they are named in paths."""
    if is_standin(dataset):
        numbers = range(raw_layout(dataset)["standin_shards"])
    else:
        numbers = raw_digests(dataset).shards
    return [f"{number:03d}" for number in numbers]


def clips_digest(wildcards):
    """Digest of the raw files of a shard and of what makes clips of them; of the recipe that makes them, for a stand-in."""
    return shard_digest(wildcards, RawDigests.of_clips)


def uses_digest(wildcards):
    """Digest of what divisions and classes of the clips of a shard depend on."""
    return shard_digest(wildcards, RawDigests.of_uses)


def shard_digest(wildcards, digest):
    """A digest of a shard, one of those that `RawDigests` makes."""
    if is_standin(wildcards.dataset):
        return standin_digest(wildcards.dataset)
    try:
        return digest(raw_digests(wildcards.dataset), int(wildcards.shard))
    except (ValueError, OSError) as error:
        name = DATASETS[wildcards.dataset]
        raise WorkflowError(f"config: datasets.{name}: {one_line(error)}") from None


def classes_digest(dataset):
    """Digest of what classes depend on."""
    return (
        standin_digest(dataset) if is_standin(dataset) else raw_digests(dataset).classes
    )


def planned(digest, wildcards):
    """The digest that a stage compares with its own; the record of a stand-in answers for its files."""
    return NO_DIGEST if is_standin(wildcards.dataset) else digest


@cache
def standin_digest(dataset):
    return synthetic_code(DATASETS[dataset]) + synthetic_recipe(DATASETS[dataset])


def with_missing(wildcards):
    """Whether a shard also has the clips that have no file: the first one does."""
    return int(wildcards.shard == shards_of(wildcards.dataset)[0])


def n_shards(dataset):
    return (
        raw_layout(dataset)["standin_shards"]
        if is_standin(dataset)
        else entry_of(dataset).get("shards", 8)
    )


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
        raw_digests(dataset)
