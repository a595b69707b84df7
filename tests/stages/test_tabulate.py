import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from poseattn.__main__ import main
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.stages.tabulate import ATTRS

SHARD = {"kind": "scores", "axes": "clip class", "units": "logits", "recipe": "{}", "code": ""}
LABEL = {"clip_b": 1, "clip_a": 0, "clip_c": 1}
TABLE = {
    "source": "Someone 2017, Table 1",
    "dataset": "ntu",
    "unit": "percent",
    "row_columns": ["rgb_input"],
    "columns": {"cs_acc": {"protocols": ["cross_subject"], "split": "test", "metric": "accuracy"}},
    "rows": [
        {"method_id": "lstm", "label": 'Deep "LSTM", 2016', "own_method": False, "conditions": {"rgb_input": "no"},
         "published": {"cs_acc": 60.7}},
        {"method_id": "gru", "label": "Deep GRU", "own_method": True, "conditions": {"rgb_input": "no"},
         "runs": ["deep_gru"], "published": {"cs_acc": 68.0}},
    ],
}  # fmt: skip


def write(path: Path, logits: dict[str, list[float]], seed: int = 0, **attrs: str | int) -> Path:
    about = {"dataset": "ntu_synthetic", "run": "deep_gru", "protocol": "cross_subject", "split": "test", "seed": seed}
    about |= {
        "data": "synthetic",
        "weights": "none",
        "note": "",
        "n_excluded": 0,
        "n_missing": 0,
        "n_protocol_excluded": 0,
        "device": "cpu",
        "input_versions": "[]",
    }
    about = {name: value for name, value in (about | attrs).items() if value is not None}
    label = SideArray("clip class", "1")
    with ShardWriter(path, side={"label": label}, attrs=about, empty=((2,), np.float32), **SHARD) as shard:
        for clip_id, row in logits.items():
            shard.append(clip_id, np.array([row], np.float32), label=np.eye(2, dtype=np.uint8)[[LABEL[clip_id]]])
    return path


def tabulate(out: Path, *scores: Path) -> int:
    return main(["tabulate", "--table", json.dumps(TABLE), "--scores", *map(str, scores), "--out", str(out)])


def test_scores_become_a_table(tmp_path: Path) -> None:
    right = {"clip_b": [0.0, 1.0], "clip_a": [1.0, 0.0], "clip_c": [0.0, 2.0]}
    first = write(tmp_path / "0.h5", right)
    second = write(tmp_path / "1.h5", right | {"clip_c": [2.0, 0.0]}, seed=1)
    assert tabulate(tmp_path / "table.csv", first, second) == 0
    assert (tmp_path / "table.csv").read_bytes() == (
        b"row_label,method_id,own_method,rgb_input,"
        b"cs_acc,cs_acc_sd,cs_acc_published,cs_acc_delta,cs_acc_n_test,cs_acc_n_excluded,seeds,data,weights,note\n"
        b'"Deep ""LSTM"", 2016",lstm,false,no,,,60.70,,,,,,,\n'
        b"Deep GRU,gru,true,no,83.33,23.57,68.00,,3,0,2,synthetic,none,\n"
    )
    assert tabulate(tmp_path / "again.csv", second, first) == 0
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "table.csv").read_bytes()


def test_scores_of_no_clips_leave_the_cell_empty(tmp_path: Path) -> None:
    none = write(tmp_path / "none.h5", {}, note="no training clip in cross_subject", data="real", n_excluded=3)
    assert tabulate(tmp_path / "table.csv", none) == 0
    assert (tmp_path / "table.csv").read_text().splitlines()[-1] == (
        "Deep GRU,gru,true,no,,,68.00,,0,3,1,real,none,cs_acc not measured; no training clip in cross_subject"
    )


@pytest.mark.parametrize(
    ("logits", "attrs", "message"),
    [
        ({"clip_a": [float("nan"), 1.0]}, {}, "scores.h5: the scores of clip clip_a are not finite numbers"),
        ({"clip_a": [0.0, 1.0]}, {"note": None}, "scores.h5: scores without the attributes note"),
        ({"clip_a": [0.0, 1.0]}, {"run": "other"}, "no scores of deep_gru among the 1 given"),
    ],
)
def test_bad_scores_end_with_one_line_and_leave_the_old_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], logits: dict[str, list[float]], attrs: dict, message: str
) -> None:
    table = tmp_path / "table.csv"
    table.write_text("old\n")
    assert tabulate(table, write(tmp_path / "scores.h5", logits, **attrs)) == 1
    error = capsys.readouterr().err
    assert error.startswith("poseattn tabulate: error: ")
    assert error.endswith(f"{message}\n")
    assert error.count("\n") == 1
    assert table.read_text() == "old\n"
    assert not list(tmp_path.glob("*.part"))


def test_two_rows_for_one_clip_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, side = tmp_path / "scores.h5", {"label": SideArray("clip class", "1")}
    with ShardWriter(path, side=side, attrs=dict.fromkeys(ATTRS, "0"), **SHARD) as shard:
        shard.append("clip_a", np.zeros((2, 3), np.float32), label=np.zeros((2, 3), np.uint8))
    assert tabulate(tmp_path / "table.csv", path) == 1
    assert "2 rows of scores for 1 clips, expected one each" in capsys.readouterr().err


def test_a_shard_of_another_kind_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "poses.h5"
    with ShardWriter(path, kind="poses", axes="frame x", units="metres", recipe="{}", code="") as shard:
        shard.append("clip_a", np.zeros((2, 3), np.float32))
    assert tabulate(tmp_path / "table.csv", path) == 1
    assert "'poses'" in capsys.readouterr().err


def test_it_does_not_import_torch() -> None:
    code = "import sys, poseattn.stages.tabulate; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
