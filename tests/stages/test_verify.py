"""Tool verify: finds every broken file of a folder and nothing else."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from poseattn.__main__ import main
from poseattn.contents import write_contents
from poseattn.files import write_sealed
from poseattn.shards import ShardWriter
from poseattn.stages.verify import MADE

TABLE = 'row_label,method_id,cs_acc\n"A, and B",a_b,80.00\n'


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A small sound results folder."""
    folder = tmp_path / "results"
    for path in ("glimpses/000.h5", "glimpses/001.h5"):
        with ShardWriter(
            folder / path, kind="glimpses", axes="frame channel", units="1", recipe="{}", code="c0de"
        ) as writer:
            writer.append("clip", np.arange(6000, dtype=np.float32).reshape(300, 20))
    for name in ("runs/a", "benchmarks/train", "logs/tabulate"):
        (folder / name).mkdir(parents=True)
    torch.save({"weight": torch.arange(900)}, folder / "runs/a/checkpoint.pt")
    (folder / "logs/tabulate/ntu_table1.log").touch()
    (folder / "ntu_table1.csv").write_text(TABLE, encoding="utf-8")
    (folder / "benchmarks/train/log.tsv").write_text("clip_id\tpath\nS001\ta b.avi\n", encoding="utf-8")
    write_sealed(folder / "manifests/ntu.tsv", "clip_id\tpath\nS001\ta b.avi\n")
    write_sealed(folder / "frames/ntu/hand crops/000.status.tsv", "clip_id\n")
    (folder / "synthetic/ntu/rgb").mkdir(parents=True)
    (folder / "synthetic/ntu/rgb/a.avi").write_bytes(b"video")
    (folder / "synthetic/ntu/rgb/foreign.h5").write_bytes(b"of the data set, no shard")
    write_contents(folder / "synthetic/ntu.txt", ["rgb"])
    (folder / "video.avi").write_bytes(b"not looked at")
    return folder


def _verify(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str], str]:
    code = main(["verify", str(folder)])
    said = capsys.readouterr()
    return code, said.out.splitlines(), said.err


def test_a_sound_folder(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _verify(results, capsys) == (0, ["sound: shards 2, tables 4, checkpoints 1, stand-ins 1"], "")


def test_the_list_of_accepted_files_has_a_checksum(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_sealed(results / "accepted.tsv", "file\twhat\told\tnew\n")
    assert _verify(results, capsys)[0] == 0
    _flip(results / "accepted.tsv", 3)
    code, lines, _ = _verify(results, capsys)
    assert code == 1 and "accepted.tsv: truncated, or changed since it was written" in lines[0]
    assert lines[1].startswith("repair") and lines[1].endswith("accepted.tsv")


def _flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "damage", "reason"),
    [
        ("glimpses/001.h5", lambda path: _flip(path, path.stat().st_size // 2), "data has changed since"),
        ("glimpses/001.h5", lambda path: path.write_bytes(path.read_bytes()[:9000]), "truncated HDF5 file: 9000 bytes"),
        ("glimpses/001.h5", lambda path: path.write_bytes(b""), "is empty"),
        (
            "runs/a/checkpoint.pt",
            lambda path: _flip(path, path.read_bytes().index(bytes(range(5, 6)) + b"\0" * 7)),
            "changed",
        ),
        ("runs/a/checkpoint.pt", lambda path: path.write_bytes(path.read_bytes()[:900]), "truncated or no checkpoint"),
        ("ntu_table1.csv", lambda path: path.write_text(TABLE + "A\n"), "line 3 has 1 fields, the header 3"),
        ("ntu_table1.csv", lambda path: path.write_text(TABLE + '"A,b,3\n'), "line 3: unexpected end of data"),
        ("ntu_table1.csv", lambda path: path.write_text(""), r"header \[\], expected distinct names"),
        ("ntu_table1.csv", lambda path: path.write_text("a,a\n"), "expected distinct names of columns"),
        ("ntu_table1.csv", lambda path: path.write_bytes(b"a,b\n\xff,2\n"), "codec can't decode byte 0xff"),
        (
            "benchmarks/train/log.tsv",
            lambda path: path.write_text("a\tb\n1\t2\t3\n"),
            "line 2 has 3 fields, the header 2",
        ),
        ("manifests/ntu.tsv", lambda path: _flip(path, 5), "changed since it was written"),
        ("frames/ntu/hand crops/000.status.tsv", lambda path: _flip(path, 5), "changed since it was written"),
        ("synthetic/ntu.txt", lambda path: _flip(path, 5), "changed since it was written"),
        ("synthetic/ntu.txt", lambda path: _flip(path.with_suffix("") / "rgb/a.avi", 2), "a.avi has changed since it"),
        ("synthetic/ntu.txt", lambda path: (path.with_suffix("") / "rgb/a.avi").unlink(), "a.avi is missing"),
        ("glimpses/002.h5", lambda path: path.symlink_to("nowhere.h5"), "No such file"),
    ],
)
def test_one_broken_file_is_one_line(
    results: Path, capsys: pytest.CaptureFixture[str], name: str, damage: object, reason: str
) -> None:
    damage(results / name)
    code, lines, error = _verify(results, capsys)
    assert code == 1 and len(lines) == 3 and lines[1].startswith("repair, with the same --configfile as before: rm -f ")
    assert lines[0].startswith("broken: ") and name in lines[0]
    assert re.search(reason, lines[0])
    assert error.startswith(f"poseattn verify: error: {results}: 1 of ")


def test_leftovers_are_listed_but_break_nothing(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (results / "glimpses/003.h5.part").write_bytes(b"half")
    code, lines, _ = _verify(results, capsys)
    assert code == 0
    assert lines[0] == f"left over: {results}/glimpses/003.h5.part: of a job that was killed, or is running"


def test_a_missing_folder_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _verify(tmp_path / "nowhere", capsys)[2].endswith("nowhere is not a folder\n")


def test_the_repair_names_all_that_is_broken_and_makes_what_a_rule_makes(
    results: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(results.parent)
    damaged = ("frames/ntu/hand crops/000.status.tsv", "glimpses/001.h5", "ntu_table1.csv")
    for name in (*damaged, "benchmarks/train/x.tsv", "runs/a/resume.pt"):
        (results / name).write_bytes(b"\xff")
    _, lines, _ = _verify(Path("results/"), capsys)
    assert lines[-2] == (
        "repair, with the same --configfile as before: rm -f results/benchmarks/train/x.tsv"
        " 'results/frames/ntu/hand crops/000.status.tsv' results/glimpses/001.h5 results/ntu_table1.csv"
        " results/runs/a/resume.pt && snakemake --cores all 'results/frames/ntu/hand crops/000.status.tsv'"
        " results/glimpses/001.h5 results/ntu_table1.csv"
    )


def test_files_of_others_are_named_and_never_removed(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (results / "mine").mkdir()
    for name in ("notes.csv", "mine/x.h5"):
        (results / name).write_bytes(b"\xff")
    code, lines, _ = _verify(results, capsys)
    assert code == 1 and not any(line.startswith("repair") for line in lines)
    left = [line for line in lines if line.startswith("no file of this pipeline, left as it is: ")]
    assert [line.partition(": ")[2] for line in left] == [f"{results}/mine/x.h5", f"{results}/notes.csv"]


def test_what_the_system_does_not_give_is_not_called_broken(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (results / "glimpses/002.h5").symlink_to("/proc/self/mem")  # whose first byte is an error of input
    code, lines, error = _verify(results, capsys)
    assert code == 1 and lines[0] == f"not read: {results}/glimpses/002.h5: Input/output error" and len(lines) == 2
    assert error.endswith("1 of 9 files could not be read\n")


def test_standins_are_repaired_by_a_command_of_their_own(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One configuration has either the real data set or its stand-in."""
    for name in ("cubes/ntu/googlenet/000.h5", "cubes/ntu_synthetic/googlenet/000.h5"):
        (results / name).parent.mkdir(parents=True)
        (results / name).write_bytes(b"\xff")
    _, lines, _ = _verify(results, capsys)
    repairs = [line for line in lines if line.startswith("repair")]
    assert ["synthetic" in line for line in repairs] == [False, True]


def test_folders_above_do_not_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files in `manifests` have a checksum in their last line; these are below another folder of that name."""
    folder = tmp_path / "manifests/results"
    folder.mkdir(parents=True)
    (folder / "ntu_table1.csv").write_text(TABLE)
    assert _verify(folder, capsys)[0] == 0


def test_the_folders_that_rules_make_are_those_that_the_repair_asks_for() -> None:
    """Outputs stand in the rules in full; logs and benchmarks are none."""
    rules = "".join(path.read_text() for path in (Path(__file__).parents[2] / "rules").glob("*.smk"))
    outputs = re.findall(r"^    output:\n((?:        .*\n)+)", rules, re.MULTILINE)
    assert {kind for output in outputs for kind in re.findall(r'"results/(\w+)/', output)} == set(MADE)
