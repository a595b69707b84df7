"""What tests of edits share: the paper files, predicates that name jobs, and the comparison with a dry run."""

from collections.abc import Callable, Iterable

from poseattn.clips.ids import shard_of
from poseattn.clips.listing import RawFile, scan
from tests import papers

from .made import RAW, Job, MadePipeline, name_of

CONFIG = {name: papers.paper(name) for name in papers.NAMES}
PATTERNS = {name: raw["files"] for paper in CONFIG.values() for name, raw in paper["raw"].items()}
USED = sorted(RAW.keys() - {"mpii"})  # where data sets are real, the network that MPII would train is published


def with_code(text: str) -> str:
    return f"{text}\n\n_NEW = 1\n"


def _runs_of(model: str) -> set[str]:
    return {name for paper in CONFIG.values() for name, run in paper["runs"].items() if run["paper"]["model"] == model}


def of_model(model: str) -> Callable[[Job], bool]:
    runs = _runs_of(model)
    return lambda job: job.rule in ("train", "evaluate") and job.outputs[0].split("/")[3] in runs


def of_recipe(kind: str, recipe: str) -> Callable[[Job], bool]:
    return lambda job: job.outputs[0].startswith(f"results/{kind}/") and job.outputs[0].split("/")[3] == recipe


def of_shard(made: MadePipeline, name: str, number: int) -> Callable[[Job], bool]:
    """Both tables of the shard of a clip, from which all of that shard is made."""
    files = scan(made.folder / "raw" / name, PATTERNS[name])
    shard = f"{shard_of(next(file.clip_id for file in files if _is_of(made, name, number, file)), 2):03d}"
    tables = [f"results/manifests/{name}/{shard}{kind}.tsv" for kind in ("", ".uses")]
    return lambda job: job.outputs[0] in tables


def _is_of(made: MadePipeline, name: str, number: int, file: RawFile) -> bool:
    path = made.folder / "raw" / name / file.path
    return any(path in (other, *other.parents) for other in made.files_of_clip(name, number))


def check(made: MadePipeline, wanted: Iterable[Callable[[Job], bool]], overlay: dict | None = None) -> set[str]:
    """The dry run plans exactly the wanted jobs and what is below; each of the wanted is there."""
    direct = [[job for job in made.jobs if matches(job)] for matches in wanted]
    assert all(direct), "an edit that nothing depends on shows nothing"
    expected = made.below(job for jobs in direct for job in jobs)
    planned = [name_of(job) for job in made.plan(overlay=overlay)]
    assert len(planned) == len(set(planned))
    assert set(planned) == expected
    return expected
