"""What reruns after an edit of a list or a limit: exact lists of jobs, from dry runs of a pipeline that seems made."""

import os
from collections.abc import Callable

import pytest

from .edits import check
from .made import Job, MadePipeline, OwnPipeline, name_of

pytestmark = pytest.mark.xdist_group("edits")
SELDOM = [pytest.mark.slow, pytest.mark.ci]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> OwnPipeline:
    return OwnPipeline(tmp_path_factory.mktemp("own") / "pipeline")


TABLES, USES = ["mine/000.tsv", "mine/001.tsv"], ["mine/000.uses.tsv", "mine/001.uses.tsv"]
TWO = [TABLES[0], USES[0]]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        pytest.param([2, 1, "./0.avi,run,train,,"], [], id="another order and another spelling"),
        pytest.param([0, 1, 2, "5.avi,run,test,,"], TWO, id="a clip added"),
        pytest.param([0, 1, 2, "no.avi,run,test,,"], TWO, id="a clip without a video", marks=SELDOM),
        pytest.param(
            [0, "4,sit,test,1,"],
            [*TWO, "mine/001.tsv", "mine/001.uses.tsv"],
            id="a clip less, and a start",
            marks=SELDOM,
        ),
        pytest.param(
            ["0.avi,sit,train,,", "4,sit,val,,", "2.avi,run,train,3,ann"], USES, id="label, split and subject"
        ),
        pytest.param([0, 1, "2.avi,jump,train,3,"], [*USES, "mine.classes.txt"], id="other classes"),
    ],
)
def test_an_edited_list_reruns_the_shards_of_its_lines(
    own: OwnPipeline, lines: list[int | str], wanted: list[str]
) -> None:
    """What is said of classes, divisions and subjects remakes no feature."""
    own.list_clips(*(own.lines[line] if isinstance(line, int) else line for line in lines))
    files = [f"results/manifests/{name}" for name in wanted]
    try:
        planned = {name_of(job) for job in own.plan()}
    finally:
        own.list_clips(*own.lines)
    assert planned == own.below(job for job in own.jobs if job.outputs[0] in files)
    assert {name.split()[1] for name in planned if name.startswith(("build_", "list_"))} == set(files)
    assert any(name.startswith("extract_") for name in planned) == any(name in wanted for name in TABLES)


def test_edited_pictures_of_an_own_folder_rerun_its_shard(own: OwnPipeline) -> None:
    picture = own.folder / "raw/4/000002.jpg"
    stat = picture.stat()
    os.utime(picture)
    try:
        planned = {name_of(job) for job in own.plan()}
    finally:
        os.utime(picture, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert planned == own.below(job for job in own.jobs if job.outputs[0] in [f"results/manifests/{t}" for t in TWO])


def test_a_limit_of_bad_clips_reruns_nothing_and_is_kept_to(own: OwnPipeline) -> None:
    """A limit that the clips gathered before exceed ends the command before any job."""
    manifest = own.folder / "results/manifests/mine.tsv"
    rows = "a\t\nb\tprotocol: too short\nc\textract_cubes: cut off\n"
    assert own.plan(overlay={"datasets": {"mine": {"max_excluded": 0.6}}}) == []
    manifest.write_text(f"clip_id\texcluded\n{rows}# crc32 00000000\n")
    try:
        (own.folder / "overlay.yaml").write_text("datasets: {mine: {max_excluded: 0.4}}")
        said = own.run(*own.targets, "--dry-run", configs=["overlay.yaml"], code=1)
    finally:
        manifest.write_text("")
    assert "max_excluded: 0.4, but 1 of 2 clips are bad in results/manifests/mine.tsv: allow more, or repair" in said


def test_an_overlay_whose_name_is_too_long_for_a_file_is_refused(own: OwnPipeline) -> None:
    clip = "".join(str(number) for number in range(100, 183))  # 249 characters
    target = f"results/figures/overlays/mine/soft_attention_ucf11/listed/{clip}.mp4"
    said = own.run(target, "--dry-run", configs=["overlay.yaml"], code=1)
    assert f"{clip}: its overlay would have a log with a name of 286 bytes, no file may have more than 255" in said


# Lists of protocols -> what is edited there; each clip stays the clip that it was.
PROTOCOL_EDITS = {
    "hmdb51": ("testTrainMulti_7030_splits/wave_test_split1.txt", "film_wave_0.avi 1", "film_wave_0.avi 2"),
    "hollywood2": ("ClipSets/Kiss_test.txt", "actioncliptest00000  1", "actioncliptest00000  -1"),
    "sub_jhmdb": ("sub_splits/golf_test_split1.txt", "clip0.avi 1", "clip0.avi 0"),
}


def test_edited_protocols_remake_no_feature(made: MadePipeline) -> None:
    """Uses, classes and what is below: nothing that opens a video, unless it wants the clips that train alone."""
    edited = {f"raw/{name}/{path}": (old, new) for name, (path, old, new) in PROTOCOL_EDITS.items()}
    texts = {path: (made.folder / path).read_text() for path in edited}
    moved = [made.folder / f"raw/stanford40/ImageSplits/reading_{part}.txt" for part in ("train", "test")]
    train, test = (path.read_text() for path in moved)
    try:
        for path, (old, new) in edited.items():
            assert old in texts[path]
            (made.folder / path).write_text(texts[path].replace(old, new))
        first, rest = test.split("\n", 1)
        moved[0].write_text(f"{train}{first}\n")
        moved[1].write_text(rest)
        names = (*PROTOCOL_EDITS, "stanford40")
        expected = check(made, [_of_lists(name) for name in names])
    finally:
        for path, text in texts.items():
            (made.folder / path).write_text(text)
        moved[0].write_text(train)
        moved[1].write_text(test)
    read_clips = ("build_manifest", "read_poses", "compute_flow", "extract_glimpses", "estimate_heatmaps")
    assert not [name for name in expected if name.startswith(read_clips)]
    frames = [name for name in expected if name.startswith("decode_frames")]
    assert frames and all("_pieces/" in name or "_pictures/" in name for name in frames)
    cubes = [name_of(job) for job in made.jobs if job.rule == "extract_cubes" and "/hmdb51/" in job.outputs[0]]
    assert cubes and expected.isdisjoint(cubes)


def _of_lists(name: str) -> Callable[[Job], bool]:
    """What reads the lists of a data set and opens no clip."""
    return lambda job: job.rule in ("list_uses", "list_classes") and job.outputs[0].split("/")[2].split(".")[0] == name
