"""What reruns after an edit, over all papers: exact lists of jobs, from dry runs of a pipeline that seems to be made.

Expected are the jobs that the edit names, told from the paper files alone, and all that reads what these write. These
tests make one edit of a kind in every paper at a time; those in `test_edits_alone.py` make each edit by itself.
"""

import os
import re
from contextlib import ExitStack

import pytest
import yaml

from .edits import CONFIG, USED, check, of_model, of_recipe, of_shard, with_code
from .made import CLIPS, MadePipeline, name_of

pytestmark = pytest.mark.xdist_group("edits")

MODELS = ("alstm", "pose_lstm", "rpan", "soft_attention", "sta_hands")  # one of each paper
# One recipe of each paper, a number of it, and what it is in the paper file.
RECIPES = [
    ("alstm", "pieces", "c3d_fc6", "batch"),
    ("pose_lstm", "heatmaps", "stanford40_whole", "batch"),
    ("rpan", "flow", "penn_action_flow", "bound"),
    ("soft_attention", "cubes", "googlenet", "batch"),
    ("sta_hands", "glimpses", "hands", "batch"),
]


WORDINGS = {
    "poseattn/files.py": ("no text in UTF-8: ", "this is no text in UTF-8: "),
    "poseattn/video/flow.py": ("flow between frames of shapes", "flow between two frames of shapes"),
    "poseattn/extraction/statuses.py": ('"%d of %d clips"', '"%d of %d clips so far"'),
    "poseattn/messages.py": ("_HEAD, _TAIL = 600, 300", "_HEAD, _TAIL = 500, 400"),
    "poseattn/provenance/versions.py": ('"timm",', '"timm", "scipy",'),
    "poseattn/provenance/source_digest.py": ("_DIGITS = 12", "_NEW = 1\n_DIGITS = 12"),
}


def test_what_moves_no_number_reruns_nothing(made: MadePipeline) -> None:
    """Every source file gets a comment, every paper file another layout of the same content, and some other words."""
    sources = [*(made.folder / "poseattn").rglob("*.py"), *(made.folder / "rules").glob("*.smk")]
    papers = (made.folder / "workflow/papers").rglob("*.yaml")
    with ExitStack() as stack:
        for path, (old, new) in WORDINGS.items():
            stack.enter_context(made.edited(path, old, new))
        stack.enter_context(made.edited_all(map(str, sources), lambda text: f"{text}\n\n# a comment\n"))
        other = made.edited_all(map(str, papers), lambda text: yaml.safe_dump(yaml.safe_load(text), sort_keys=False))
        stack.enter_context(other)
        assert made.plan() == []


def test_models_rerun_their_runs_and_what_is_below(made: MadePipeline) -> None:
    with made.edited_all([f"poseattn/models/{model}.py" for model in MODELS], with_code):
        expected = check(made, map(of_model, MODELS))
    rules = {name.partition(" ")[0] for name in expected}
    assert not rules & {"extract_cubes", "extract_glimpses", "extract_pieces", "finetune_backbone", "gather_manifest"}
    assert len([name for name in expected if name.startswith("train ")]) < sum(job.rule == "train" for job in made.jobs)


def test_recipes_rerun_their_shards_and_what_is_below(made: MadePipeline) -> None:
    overlay: dict = {}
    for paper, kind, recipe, key in RECIPES:
        value = CONFIG[paper][kind][recipe]["paper"][key]
        overlay.setdefault(kind, {})[recipe] = {"paper": {key: value + 1}}
    expected = check(made, (of_recipe(kind, recipe) for _, kind, recipe, _ in RECIPES), overlay)
    assert not any(re.match("build_manifest|read_poses|fetch_weights", name) for name in expected)


def test_labels_rerun_their_tables_alone(made: MadePipeline) -> None:
    """And the report, which shows them."""
    overlay: dict = {"tables": {}}
    for paper in CONFIG.values():
        for name, table in paper["tables"].items():
            *rows, last = table["rows"]
            overlay["tables"][name] = {"rows": [*rows, last | {"label": f"{last['label']} (ours)"}]}
    planned = {name_of(job) for job in made.plan(overlay=overlay)}
    tables = {f"tabulate results/{name}.csv" for name in overlay["tables"]}
    assert len(tables) == 19
    assert planned == tables | {"build_report results/report.html"}


def test_replaced_weights_of_an_old_date_rerun_what_reads_them(made: MadePipeline) -> None:
    """Weights without a published digest, whose line in SHA256SUMS was removed, as the refusal of the new file asks."""
    name = CONFIG["rpan"]["weights"]["ucf101_tsn_rgb"]["file"]
    file = made.folder / "weights" / name
    content, stat = file.read_bytes(), file.stat()
    file.write_bytes(b"others")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    try:
        check(made, [lambda job: f"weights/{name}" in job.inputs])
    finally:
        file.write_bytes(content)
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_replaced_clips_rerun_their_shard_and_what_is_below(made: MadePipeline) -> None:
    """One of each data set."""
    stats = {path: path.stat() for name in USED for path in made.files_of_clip(name, 0)}
    for path in stats:
        os.utime(path)
    try:
        expected = check(made, [of_shard(made, name, 0) for name in USED])
    finally:
        for path, stat in stats.items():
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    _check_shards(made, expected)


def test_added_clips_rerun_their_shard_and_what_is_below(made: MadePipeline) -> None:
    for name in USED:
        made.add_clip(name, CLIPS)
    try:
        expected = check(made, [of_shard(made, name, CLIPS) for name in USED])
    finally:
        for name in USED:
            made.remove_clip(name, CLIPS)
    _check_shards(made, expected)


def _check_shards(made: MadePipeline, expected: set[str]) -> None:
    """What is read of single clips reruns for one of the two shards."""
    for rule in ("build_manifest", "read_poses", "decode_frames", "compute_flow"):
        all_of_rule = sum(job.rule == rule for job in made.jobs)
        assert len([name for name in expected if name.startswith(f"{rule} ")]) == all_of_rule / 2 > 0
