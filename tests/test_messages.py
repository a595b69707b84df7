"""Messages are one line, never as long as what they quote, and no name or text of a file can imitate another line."""

import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from poseattn.__main__ import main
from poseattn.clips.manifest import ACCOUNT, read_status, write_status
from poseattn.messages import LineFormatter, in_utf8, one_line, printable, quoted, say

HOSTILE = {
    "a\nsound: shards 9": r"a\nsound: shards 9",
    "a\r\x1b[2J\x1b]0;x\x07": r"a\r\x1b[2J\x1b]0;x\x07",
    "a\x85b\u2028c\u2029": r"a\u0085b\u2028c\u2029",
    "gnp.\u202egpj": r"gnp.\u202egpj",
    "a\u200b\u200d\ufeff\u00ad\u2066": r"a\u200b\u200d\ufeff\u00ad\u2066",
    "a\u3164\ufe0f\u2800\U000e0041": r"a\u3164\ufe0f\u2800\U000e0041",
    os.fsdecode(b"caf\xe9.avi"): r"caf\xe9.avi",
    "\ud800": r"\ud800",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_no_terminal_shows_is_an_escape(name: str) -> None:
    assert printable(name) == HOSTILE[name]


@pytest.mark.parametrize("name", ["", "a b.avi", "çà et là (1).mp4", "走る.mp4", "किताब", r"a\b", "🙂"])
def test_other_names_stay(name: str) -> None:
    assert printable(name) == name == in_utf8(name)


def test_a_file_keeps_all_that_is_utf8() -> None:
    assert in_utf8(os.fsdecode(b"caf\xe9\n\xe2\x80\xaf.avi")) == "caf\\xe9\n\u202f.avi"


@pytest.mark.parametrize("said", ["", "a file: wrong", "x" * 900])
def test_what_is_short_stays(said: str) -> None:
    assert one_line(ValueError(said)) == said


def test_lines_become_one() -> None:
    assert one_line("a\n  b\t c\n") == r"a\n  b\t c"


def test_of_a_long_message_both_ends_are_kept() -> None:
    shown = one_line("a.csv: unknown column '" + "9" * 5000 + "'; expected path, label")
    assert shown.startswith("a.csv: unknown column '999") and shown.endswith("999'; expected path, label")
    assert "[... 4146 characters ...]" in shown and len(shown) < 1000  # 23 + 5000 + 23 less 600 and 300


@pytest.mark.parametrize("name", [*HOSTILE, "it's", "$(touch PWNED)", "a\\nb\n'\"$x`", "-rf", "é \n"])
def test_a_shell_gets_exactly_the_word(name: str) -> None:
    if name == "\ud800":  # no file can be called so
        return
    word = quoted(name)
    assert printable(word) == word
    shown = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True).stdout
    assert shown == os.fsencode(name)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_line_is_written_in_any_encoding(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(content, encoding=encoding))
    say("é 走 \n")
    expected = {"ascii": rb"\xe9 \u8d70 \n", "latin-1": b"\xe9 \\u8d70 \\n", "utf-8": "é 走 \\n".encode()}
    assert content.getvalue() == expected[encoding] + b"\n"


def test_a_record_of_a_log_is_one_line() -> None:
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "clip %s", ("a\n12:00:00 all is well",), None)
    assert LineFormatter("%(message)s").format(record) == r"clip a\n12:00:00 all is well"


def test_a_command_and_a_status_say_no_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "clips.csv").write_text("path,label,split," + "9" * 5000 + "\n")
    where = ["--root", str(tmp_path), "--layout", "csv", "--files", '{"video": "clips.csv"}']
    rest = ["--lists", '["clips.csv"]', "--shard", "0", "--n-shards", "1", "--with-missing", "0"]
    assert main(["build-manifest", *where, *rest, "--out", str(tmp_path / "m.tsv")]) == 1
    said = capsys.readouterr().err
    assert said.startswith("poseattn build-manifest: error: ") and "characters ...]" in said and len(said) < 1100
    row = {"clip_id": "a", "stage": "s", "n_frames": 0, "reason": "x" * 5000} | dict.fromkeys(ACCOUNT, 0)
    write_status([row], tmp_path / "s.tsv")
    shown = "x" * 600 + " [... 4100 characters ...] " + "x" * 300
    assert read_status(tmp_path / "s.tsv").reason.tolist() == [shown]


def test_an_argument_cannot_write_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["verify", ".", "a\nposeattn verify: all is well"])
    assert capsys.readouterr().err.splitlines()[-1].startswith("poseattn verify: error: unrecognized arguments: a\\np")
