"""What reruns after each edit by itself: every model, stage, recipe and run, and a clip of every data set."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from poseattn.config.names import FIGURES
from tests.pipeline import ROOT

from .edits import CONFIG, USED, check, of_model, of_recipe, of_shard, with_code
from .made import Job, MadePipeline, StandinPipeline, name_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("edits")]
MODELS = sorted({run["paper"]["model"] for paper in CONFIG.values() for run in paper["runs"].values()})


def _sampled(edits: Iterable[Sequence[str]], every: int) -> list:
    """All edits; CI makes the first of so many, the first of the next so many, and so on."""
    chosen = [pytest.mark.ci]
    return [pytest.param(*edit, marks=[] if number % every else chosen) for number, edit in enumerate(edits)]


def _alone() -> Iterable[tuple[str, str]]:
    """Every recipe of every paper that a real data set uses, by its section."""
    kinds = ("poses", "frames", "flow", "glimpses", "cubes", "pieces", "heatmaps", "finetune", "snippet_scores", "runs")
    for paper in CONFIG.values():
        yield from ((kind, name) for kind in kinds for name in paper.get(kind, {}))


def _number_of(recipe: dict) -> str:
    """A setting of a recipe that may take any other number."""
    known = ("batch", "quality", "bound", "min_confidence", "min_track", "size")
    return next(key for key in known if key in recipe)


def _spelt(kind: str, name: str) -> Callable[[Job], bool]:
    """Jobs that have a recipe among their parameters: those that make it, and those that are told how it was made."""
    if kind == "runs":
        return lambda job: job.rule in ("train", "evaluate") and job.outputs[0].split("/")[3] == name
    if kind == "snippet_scores":
        return lambda job: job.rule == "score_snippets" and job.outputs[0].split("/")[3] == name
    if kind == "finetune":
        return lambda job: job.rule == "finetune_backbone" and Path(job.outputs[0]).stem == name
    users = {(kind, name)}
    for paper in CONFIG.values():
        for section in ("cubes", "poses"):
            users |= {
                (section, user) for user, recipe in paper.get(section, {}).items() if recipe["paper"].get(kind) == name
            }
    return lambda job: any(of_recipe(*user)(job) for user in users)


@pytest.mark.parametrize(("model",), _sampled(([model] for model in MODELS), 8))
def test_a_model_reruns_its_runs_and_what_is_below(made: MadePipeline, model: str) -> None:
    with made.edited_all([f"poseattn/models/{model}.py"], with_code):
        check(made, [of_model(model)])


STAGES = sorted(path.stem for path in (ROOT / "poseattn/stages").glob("[!_]*.py"))


@pytest.mark.parametrize(("stage",), _sampled(([stage] for stage in STAGES), 12))
def test_a_stage_reruns_its_jobs_and_what_is_below(made: MadePipeline, stage: str) -> None:
    """Two rules call pretrain_backbone. What fetches weights reruns nothing: whoever uses them checks their digests."""
    rules = {"pretrain_backbone": "finetune_backbone", "fetch_weights": ""}
    jobs = [job for job in made.jobs if job.rule == rules.get(stage, stage)]
    with made.edited_all([f"poseattn/stages/{stage}.py"], with_code):
        assert {name_of(job) for job in made.plan()} == made.below(jobs)


@pytest.mark.parametrize("kind", FIGURES)
def test_a_kind_of_figure_reruns_its_figures_and_the_report(made: MadePipeline, kind: str) -> None:
    figures = {name for paper in CONFIG.values() for name in paper.get(kind, {})}
    with made.edited_all([f"poseattn/figures/{kind}.py"], with_code):
        check(made, [lambda job: job.rule == "draw_figure" and Path(job.outputs[0]).stem in figures])


@pytest.fixture(scope="module")
def standins(tmp_path_factory: pytest.TempPathFactory) -> StandinPipeline:
    return StandinPipeline(tmp_path_factory.mktemp("standins") / "pipeline")


def test_every_stage_of_the_pipeline_has_a_job(made: MadePipeline, standins: StandinPipeline) -> None:
    stages = {path.stem for path in (ROOT / "poseattn/stages").glob("[!_]*.py")}
    assert stages - {job.rule for job in (*made.jobs, *standins.jobs)} == set()


@pytest.mark.parametrize(
    ("stage", "rules"),
    [
        ("synthesize_dataset", {"synthesize_dataset"}),
        ("render_objects", {"render_objects"}),
        ("pretrain_backbone", {"pretrain_backbone", "finetune_backbone"}),
        ("estimate_poses", {"estimate_poses"}),
        ("draw_overlay", {"draw_overlay"}),
    ],
)
def test_a_stage_of_standins_reruns_its_jobs_and_what_is_below(
    standins: StandinPipeline, stage: str, rules: set[str]
) -> None:
    jobs = [job for job in standins.jobs if job.rule in rules]
    assert {job.rule for job in jobs} == rules
    with standins.edited_all([f"poseattn/stages/{stage}.py"], with_code):
        assert {name_of(job) for job in standins.plan()} == standins.below(jobs)


@pytest.mark.parametrize(("name",), _sampled(([name] for name in USED), 8))
def test_a_data_set_reruns_what_reads_its_files(made: MadePipeline, name: str) -> None:
    """Names of clips of sub-JHMDB are those of HMDB-51, whose module reads them."""
    names = {name, "sub_jhmdb"} if name == "hmdb51" else {name}

    def reads(job: Job) -> bool:
        return (
            job.rule in ("build_manifest", "list_uses", "list_classes")
            and job.outputs[0].split("/")[2].split(".")[0] in names
        )

    with made.edited_all([f"poseattn/datasets/{name}.py"], with_code):
        check(made, [reads])


@pytest.mark.parametrize(("name",), _sampled(([name] for name in reversed(USED)), 8))
def test_a_replaced_clip_reruns_its_shard_and_what_is_below(made: MadePipeline, name: str) -> None:
    stats = {path: path.stat() for path in made.files_of_clip(name, 1)}
    for path in stats:
        os.utime(path)
    try:
        check(made, [of_shard(made, name, 1)])
    finally:
        for path, stat in stats.items():
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize(("kind", "name"), _sampled(_alone(), 31))
def test_a_recipe_reruns_what_it_tells_how_to_make_and_what_is_below(made: MadePipeline, kind: str, name: str) -> None:
    recipe = next(paper[kind][name]["paper"] for paper in CONFIG.values() if name in paper.get(kind, {}))
    jobs = [job for job in made.jobs if _spelt(kind, name)(job)]
    if kind == "poses" and not recipe:
        pytest.skip("annotated joints are read without a setting")
    key = _number_of(recipe)
    overlay = {kind: {name: {"paper": {key: recipe[key] + 1}}}}
    assert {name_of(job) for job in made.plan(overlay=overlay)} == made.below(jobs)
