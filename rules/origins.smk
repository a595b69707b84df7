# Functions that tell jobs which code, recipe and weights the plan wants of their inputs, and that accept other ones.
from types import SimpleNamespace


def parameter(name, maker, wildcards):
    """A parameter that a rule has for a file; empty if it has none of that name."""
    value = getattr(maker.params, name, "")
    return value(wildcards) if callable(value) else value


@cache
def origin_of_group(group, path):
    """What the plan wants of a file and of all that differ from it in seed or shard alone; nothing without a recipe."""
    maker = next((one for one in workflow.rules if one.is_producer(path)), None)
    if maker is None:
        return {}
    wildcards = SimpleNamespace(**maker.get_wildcards(path))
    recipes = [parameter(name, maker, wildcards) for name in ("recipe", "run")]
    if not any(recipes):
        return {}
    code, weights = (parameter(name, maker, wildcards) for name in ("code", "weights"))
    return origins.planned_origin(code, next(filter(None, recipes)), weights)


def made_by(wildcards, input):
    """Origins of the input files by their groups. Derived from the input, so that Snakemake never compares them."""
    groups = {
        origins.group_of(path): path for path in input if origins.has_origin(path)
    }
    return as_json(
        {
            group: planned
            for group, path in groups.items()
            if (planned := origin_of_group(group, path))
        }
    )


def accept(jobs):
    """Take the files of jobs as they are, and list the digests that are not those of the plan."""
    found = []
    for job in jobs:
        for path in filter(origins.has_origin, job.output):
            if Path(path).exists():
                planned = origin_of_group(origins.group_of(path), path)
                found += origins.differences(path, planned)
    for one in found:
        print(f"accepted: {one.file}: {one.what} {one.old or 'none'} -> {one.new}")
    if found:
        origins.add_accepted(found)
