"""Tool inspect: it says what it can of any file, never with a traceback."""

import os
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from poseattn.__main__ import main
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.tools import _hdf5_lines

HEADER = {"kind": "glimpses", "axes": "frame hand channel", "units": "1", "recipe": '{"size": 64}', "code": "c0de"}


def _shard(path: Path, n_clips: int = 12) -> Path:
    side = {"mask": SideArray("frame hand", "1")}
    with ShardWriter(path, **HEADER, side=side, attrs={"weights": "standin"}) as writer:
        for number in range(n_clips):
            n = number + 1
            writer.append(f"clip{number}", np.ones((n, 4, 2), np.float16), mask=np.ones((n, 4), np.uint8))
    return path


def _inspect(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(["inspect", str(path)])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out, said.err


def test_a_shard_is_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = _inspect(_shard(tmp_path / "000.h5"), capsys)
    assert (code, err) == (0, "")
    for text in (
        "shard of glimpses",
        "clips     12",
        "rows      78, 1 to 12 in a clip, median 6.5",
        '{"size": 64}',
        "c0de",
        "weights   standin",
        "float16 (78, 4, 2)  axes: frame hand channel  units: 1  1.25 kB",
        "uint8 (78, 4)  axes: frame hand",
        "h5py 3.",
        "first 10 of 12 clips",
        "clip2  rows 3 to 5",
    ):
        assert text in out
    assert "clip10" not in out


def test_a_shard_without_clips_is_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "clips     0\n  rows      0\n" in _inspect(_shard(tmp_path / "b.h5", n_clips=0), capsys)[1]


def test_foreign_hdf5_is_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "valid.h5"
    with h5py.File(path, "w") as file:
        file.attrs["name"] = "mpii"
        file["annot/part"] = np.zeros((7, 16, 2))
    code, out, _ = _inspect(path, capsys)
    assert code == 0
    assert "HDF5 file, no sound shard" in out and "/annot/part  float64 (7, 16, 2)" in out and "name: mpii" in out


def test_a_damaged_shard_is_described_as_far_as_possible(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _shard(tmp_path / "000.h5")
    with h5py.File(path, "r+") as file:
        del file["mask"]
        file["mask"] = np.zeros(5)
    code, out, err = _inspect(path, capsys)
    assert code == 1 and "/mask  float64 (5,)" in out and err.count("\n") == 1 and str(path) in err


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.999])
def test_a_truncated_shard_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], share: float) -> None:
    path = _shard(tmp_path / "000.h5")
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    code, _, err = _inspect(path, capsys)
    assert code == 1 and err.count("\n") == 1
    assert err.startswith(f"poseattn inspect: error: {path}: truncated")


def test_a_checkpoint_is_described_without_running_its_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    content = {
        "state_dict": model.state_dict(),
        "weight": model[0].weight,
        "half": torch.zeros(2, 5, dtype=torch.float16),
        "epoch": 7,
        "run": OrderedDict(lr=0.5),
    }
    torch.save(content, tmp_path / "checkpoint.pt")
    code, out, _ = _inspect(tmp_path / "checkpoint.pt", capsys)
    assert code == 0
    n_numbers = 12 + 4 + 4 + 4 + 4 + 4 + 1 + 12 + 10
    for text in (
        f"checkpoint of {n_numbers} numbers",
        "state_dict.0.weight  float32 (4, 3)",
        "state_dict.1.num_batches_tracked  int64 ()",
        "weight  float32 (4, 3)",
        "half  float16 (2, 5)",
        "epoch  7",
        "run.lr  0.5",
    ):
        assert text in out


def test_broken_checkpoints_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "checkpoint.pt"
    torch.save({"weight": torch.ones(500)}, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    code, _, err = _inspect(path, capsys)
    assert (code, err) == (1, f"poseattn inspect: error: {path}: damaged, or no file of PyTorch\n")
    at = whole.index(bytes(np.ones(500, "f4")))
    path.write_bytes(whole[:at] + b"\1" + whole[at + 1 :])
    code, _, err = _inspect(path, capsys)
    assert code == 1 and err.count("\n") == 1 and "changed since it was written" in err
    torch.save({"path": tmp_path}, path)
    code, _, err = _inspect(path, capsys)
    assert code == 1 and f"{path}: holds a pathlib.PosixPath, expected tensors, numbers and texts\n" in err


def test_no_other_file_waits_for_torch(tmp_path: Path) -> None:
    path = _shard(tmp_path / "000.h5")
    code = "import sys; from poseattn.__main__ import main; main(sys.argv[1:]); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code, "inspect", path], check=True, capture_output=True)


def test_tables_and_other_texts_are_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.tsv").write_text("clip_id\tlabel\nS001\t3\nS002\t4\n")
    assert "table of 2 rows and 2 columns\n  clip_id\tlabel\n  S001\t3\n" in _inspect(tmp_path / "a.tsv", capsys)[1]
    (tmp_path / "notes.txt").write_text("one\ntwo\n")
    assert "text of 2 lines\n  one\n" in _inspect(tmp_path / "notes.txt", capsys)[1]
    (tmp_path / "latin.csv").write_bytes("Stra\xdfe\n".encode("latin-1"))
    assert "neither UTF-8 text" in _inspect(tmp_path / "latin.csv", capsys)[1]
    (tmp_path / "video.avi").write_bytes(b"RIFF\0\0\0\0AVI ")
    assert "begins with the bytes 52 49 46 46" in _inspect(tmp_path / "video.avi", capsys)[1]


def test_no_file_an_empty_file_and_a_folder_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.h5").touch()
    for path, reason in (
        (tmp_path / "empty.h5", "is empty"),
        (tmp_path / "missing.h5", "No such file"),
        (tmp_path, "is a folder; `verify` checks folders"),
    ):
        code, out, err = _inspect(path, capsys)
        assert (code, out) == (1, "")
        assert reason in err and str(path) in err and err.count("\n") == 1


@pytest.mark.data
def test_real_foreign_files_are_described(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _inspect(samples / "mpii/annot/valid.h5", capsys)
    assert code == 0 and "/part  float64 (2958, 16, 2)" in out
    code, out, _ = _inspect(samples / "ntu_rgbd/label_map_ntu60.txt", capsys)
    assert code == 0 and "text of 60 lines" in out


def _scores(path: Path, values: np.ndarray, label: np.ndarray) -> Path:
    header = {"kind": "scores", "axes": "clip class", "units": "logits", "recipe": "{}", "code": "c0de"}
    with ShardWriter(path, **header, side={"label": SideArray("clip class", "1")}) as writer:
        for number, (row, classes) in enumerate(zip(values, label, strict=True)):
            writer.append(f"clip{number}", row[None].astype(np.float32), label=classes[None].astype(np.uint8))
    return path


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (lambda values, label: None, "0.6667\n"),
        (
            lambda values, label: values.fill(np.nan),
            "none: the scores of 3 of 3 clips are not finite numbers\n",
        ),
        (
            lambda values, label: values[1:].fill(np.inf),
            "none: the scores of 2 of 3 clips are not finite numbers\n",
        ),
        (lambda values, label: label[0].fill(1), "none: 1 of 3 clips have several classes or none\n"),
        (lambda values, label: label.fill(0), "none: 3 of 3 clips have several classes or none\n"),
    ],
)
def test_no_accuracy_is_shown_of_scores_that_have_none(
    change: object, shown: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    values, label = np.array([[3.0, 1], [2, 1], [0, 1]]), np.array([[1, 0], [0, 1], [0, 1]])
    change(values, label)
    for rows in (1, 4096):
        monkeypatch.setattr(_hdf5_lines, "_ROWS", rows)
        code, out, _ = _inspect(_scores(tmp_path / f"{rows}.h5", values, label), capsys)
        assert code == 0 and f"accuracy  {shown}" in out


def test_fifos_and_devices_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "x.h5")
    for path, kind in ((tmp_path / "x.h5", "a FIFO"), (Path("/dev/zero"), "a device")):
        code, _, error = _inspect(path, capsys)
        assert code == 1 and error.count("\n") == 1 and f"{path.name} is {kind}, expected a file" in error


def test_names_and_texts_have_escapes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a\nshard of lies\x1b[2J.h5"
    with h5py.File(path, "w") as file:
        file.attrs["note"] = "x\nHDF5 file"
        file["b\nc"] = np.zeros(2)
    out = _inspect(path, capsys)[1].splitlines()
    assert out[0].startswith(f"{tmp_path}/a\\nshard of lies\\x1b[2J.h5, ")
    assert out[1:] == ["HDF5 file, no sound shard", "  attribute note: x\\nHDF5 file", "  /b\\nc  float64 (2,)"]
    (tmp_path / "a.csv").write_text("path\tx\n\x1b]0;a\x07,1\n")
    assert _inspect(tmp_path / "a.csv", capsys)[1].endswith("  path\tx\n  \\x1b]0;a\\x07,1\n")


def test_of_many_groups_the_first_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in another, with a name that is cut."""
    assert _hdf5_lines._MOST == 1000
    monkeypatch.setattr(_hdf5_lines, "_MOST", 100)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file
        for _ in range(110):
            group = group.create_group("x" * 300)
    code, out, _ = _inspect(tmp_path / "a.h5", capsys)
    assert code == 0 and out.endswith("  and more\n") and len(out) < 30_000
