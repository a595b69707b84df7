"""A user's own videos: rows of a manifest, parts of the one protocol."""

from pathlib import Path

import pandas as pd

from poseattn.clips import manifest
from poseattn.datasets import csv

TEXT = "path,label,split,end,subject\na.mp4,run,train,,ann\nb.mp4,sit|eat,val,4.5,\nc.mp4,eat,test,,ann\nd.mp4,fly,,,\n"


def test_rows_and_classes(tmp_path: Path) -> None:
    (tmp_path / "clips.csv").write_text(TEXT)
    assert csv.classes(tmp_path, ["clips.csv"]) == ("eat", "fly", "run", "sit")
    rows = csv.manifest_rows(tmp_path, {}, ["clips.csv"])
    assert [row["path"] for row in rows] == [""] * 4
    files = {"a": {"video": "in/a.mp4"}}
    assert [row["path"] for row in csv.manifest_rows(tmp_path, files, ["clips.csv"])] == ["in/a.mp4", "", "", ""]
    assert [row["label"] for row in rows] == ["2", "3+0", "0", "1"]
    assert [row["group"] for row in rows] == ["ann", "b.mp4", "ann", "d.mp4"]
    assert [row["end"] for row in rows] == ["", "4.5", "", ""]
    assert manifest.official_split(pd.DataFrame(rows), "listed").tolist() == ["train", "val", "test", ""]
