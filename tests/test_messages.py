"""Messages are one line, and never as long as what they quote."""

from pathlib import Path

import pytest

from poseattn.__main__ import main
from poseattn.manifest import read_status, write_status
from poseattn.messages import one_line


@pytest.mark.parametrize("said", ["", "a file: wrong", "x" * 900])
def test_what_is_short_stays(said: str) -> None:
    assert one_line(ValueError(said)) == said


def test_lines_become_one() -> None:
    assert one_line("a\n  b\t c\n") == "a b c"


def test_of_a_long_message_both_ends_are_kept() -> None:
    shown = one_line("a.csv: unknown column '" + "9" * 5000 + "'; expected path, label")
    assert shown.startswith("a.csv: unknown column '999") and shown.endswith("999'; expected path, label")
    assert "[... 4146 characters ...]" in shown and len(shown) < 1000  # 23 + 5000 + 23 less 600 and 300


def test_a_command_and_a_status_say_no_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "clips.csv").write_text("path,label,split," + "9" * 5000 + "\n")
    where = ["--root", str(tmp_path), "--layout", "csv", "--files", '{"video": "clips.csv"}']
    rest = [
        "--lists",
        '["clips.csv"]',
        "--shard",
        "0",
        "--n-shards",
        "1",
        "--with-missing",
        "0",
        "--out",
        str(tmp_path / "m.tsv"),
    ]
    assert main(["build-manifest", *where, *rest]) == 1
    said = capsys.readouterr().err
    assert said.startswith("poseattn build-manifest: error: ") and "characters ...]" in said and len(said) < 1100
    write_status([{"clip_id": "a", "stage": "s", "n_frames": 0, "reason": "x" * 5000}], tmp_path / "s.tsv")
    shown = "x" * 600 + " [... 4100 characters ...] " + "x" * 300
    assert read_status(tmp_path / "s.tsv").reason.tolist() == [shown]
