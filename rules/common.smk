# What the rules share: the checked configuration, the names that wildcards may take, raw files and resources.
# Parameters are builtins, and recipes travel as one sorted JSON string, since Snakemake compares them by their text.
import json
import re
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError

from poseattn import config as checks
from poseattn import listing
from poseattn.provenance import source_hash

try:
    checks.check_all(config, Path(workflow.basedir) / "workflow/schemas")
except ValueError as error:
    raise WorkflowError(str(error)) from None

STANDIN = "_synthetic"
DATASETS = {
    name + (STANDIN if entry["root"] == "synthetic" else ""): name
    for name, entry in config["datasets"].items()
}


def names(*kinds):
    """Regular expression of the names that the configuration knows: a typo in a target fails at once."""
    return "|".join(
        sorted({re.escape(name) for kind in kinds for name in config[kind]})
    )


wildcard_constraints:
    dataset="|".join(map(re.escape, DATASETS)),
    name="|".join(map(re.escape, config["datasets"])),
    recipe=names("poses", "frames", "glimpses", "cubes", "pretrain"),
    images=names("images"),
    file="|".join(re.escape(entry["file"]) for entry in config["weights"].values()),
    run=names("runs"),
    table=names("tables"),
    figure=names("figures"),
    strips=names("strips"),
    protocol=r"[a-z0-9_]+",
    scope=r"(\.poses_only)?",
    shard=r"\d{3}",
    seed=r"\d+",


EVALUATION_ONLY = ("readout", "test_draws", "test_stride", "note", "checkpoint_of")


def is_standin(dataset):
    return dataset.endswith(STANDIN)


def entry_of(dataset):
    """What config.yaml says of a data set."""
    return config["datasets"][DATASETS[dataset]]


def weights_of(dataset):
    return entry_of(dataset).get(
        "weights", "standin" if is_standin(dataset) else "pretrained"
    )


def block(kind, name, dataset):
    """The `paper` or the `standin` block of a recipe or run: the root of the data set picks one."""
    return config[kind][name]["standin" if is_standin(dataset) else "paper"]


def as_json(value):
    return json.dumps(value, sort_keys=True)


def recipe(kind, wildcards):
    return as_json(block(kind, wildcards.recipe, wildcards.dataset))


# --- raw files -------------------------------------------------------------------------------------------------------
def raw_layout(dataset):
    """Where the raw files of a data set stand, and which stages read them."""
    return config["raw"][DATASETS[dataset]]


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


@cache
def shard_digests(dataset):
    """Shards that have clips, each with a digest of its raw files (of the recipe that makes them, for a stand-in)."""
    raw = raw_layout(dataset)
    if is_standin(dataset):
        made = synthetic_code(DATASETS[dataset]) + synthetic_recipe(DATASETS[dataset])
        return {f"{shard:03d}": made for shard in range(raw["standin_shards"])}
    files = listing.scan(Path(raw_root(dataset)), raw["files"])
    if not files:
        patterns = ", ".join(raw["files"].values())
        raise WorkflowError(
            f"config: datasets.{DATASETS[dataset]}.root: no file {patterns} in {raw_root(dataset)}"
        )
    lists = lists_digest(dataset)
    shards = listing.by_shard(files, entry_of(dataset)["shards"])
    return {
        f"{shard:03d}": listing.digest(files, lists) for shard, files in shards.items()
    }


@cache
def lists_digest(dataset):
    """Digest of the lists that the whole data set shares (of the recipe that makes them, for a stand-in)."""
    if is_standin(dataset):
        return synthetic_code(DATASETS[dataset]) + synthetic_recipe(DATASETS[dataset])
    root = Path(raw_root(dataset))
    names = listing.find_lists(root, raw_layout(dataset)["lists"])
    return listing.digest(
        [],
        "".join((root / name).read_text() for name in names if (root / name).is_file()),
    )


# A wrong or an empty root stops here, before anything is planned.
for dataset in DATASETS:
    raw_root(dataset)
    if not is_standin(dataset):
        shard_digests(dataset)


def n_shards(dataset):
    return (
        raw_layout(dataset)["standin_shards"]
        if is_standin(dataset)
        else entry_of(dataset)["shards"]
    )


def clips_digest(wildcards):
    return shard_digests(wildcards.dataset)[wildcards.shard]


def synthetic_recipe(name):
    return as_json(config["synthetic"][name])


def raw_files(wildcards):
    """What must exist before raw files are read: the stand-in's list of clips, written last; nothing for a real root."""
    return (
        [f"{raw_root(wildcards.dataset)}.txt"] if is_standin(wildcards.dataset) else []
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


def layout_code(stage, wildcards):
    return source_hash(
        f"poseattn.stages.{stage}", f"poseattn.datasets.{DATASETS[wildcards.dataset]}"
    )


# --- resources -------------------------------------------------------------------------------------------------------
def gpus(wildcards):
    return 0 if is_standin(wildcards.dataset) or config["device"] == "cpu" else 1


def device(wildcards):
    return "cpu" if is_standin(wildcards.dataset) else config["device"]


def torch_threads(wildcards):
    """Floats depend on the thread count, so it is a recorded parameter and not what --cores leaves over."""
    return 1 if is_standin(wildcards.dataset) else 4


def memory(standin, real):
    """MiB of a job, by the kind of its data set."""
    return lambda wildcards: standin if is_standin(wildcards.dataset) else real
