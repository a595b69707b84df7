"""The command line: arguments read off a stage's signature, one line for a wrong input."""

import logging
import types
from pathlib import Path

import pytest

import poseattn.__main__ as cli
from poseattn.messages import WrongUse
from poseattn.provenance import source_digest


def run(*, manifests: list[Path], out: Path, threads: int = 1, label: str = "none", loud: bool = False) -> int | None:
    """Do something.

    Args:
        manifests: Shards
            to read; 100 % of them.
        out: Where to.
        threads: How many.
        label: Any text.
        loud: A flag.

    Returns:
        Exit code, if it is not that of success.

    Raises:
        ValueError: Never mind.
    """
    if label == "mistake":
        {}["size"]
    if label == "bad":
        raise ValueError("clip 'x' is broken: found 3 frames, expected 4")
    if label == "misused":
        raise WrongUse("x is no y")
    out.write_text(f"{[path.name for path in manifests]} {threads} {label}{' loud' * loud}")
    return 1 if label == "some are bad" else None


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("stage", "A stage for tests.")
    module.run = run
    monkeypatch.setattr(cli, "_ROOM_OF", {"some_stage": "stages"})
    monkeypatch.setattr(cli.importlib, "import_module", lambda name: module)
    monkeypatch.setattr(logging, "basicConfig", lambda **kwargs: None)


def test_arguments_follow_the_signature(stage: None, tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    words = ["some-stage", "--manifests", "a.tsv", "b.tsv", "--out", str(out), "--threads", "4"]
    assert cli.main(words) == 0
    assert out.read_text() == "['a.tsv', 'b.tsv'] 4 none"


def test_a_list_may_be_empty(stage: None, tmp_path: Path) -> None:
    assert cli.main(["some-stage", "--manifests", "--out", str(tmp_path / "out.txt")]) == 0
    assert (tmp_path / "out.txt").read_text() == "[] 1 none"


def test_a_flag_needs_no_value(stage: None, tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    assert cli.main(["some-stage", "--manifests", "--loud", "--out", str(out)]) == 0
    assert out.read_text() == "[] 1 none loud"


def test_a_stage_has_exit_codes_of_its_own(
    stage: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("POSEATTN_DEBUG", raising=False)
    words = ["some-stage", "--manifests", "--out", str(tmp_path / "out.txt"), "--label"]
    assert cli.main([*words, "some are bad"]) == 1
    assert capsys.readouterr().err == ""
    assert cli.main([*words, "misused"]) == 2
    assert capsys.readouterr().err == "poseattn some-stage: error: x is no y\n"


def test_a_wrong_input_is_one_line_and_a_code(
    stage: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POSEATTN_DEBUG", raising=False)
    words = ["some-stage", "--manifests", "--out", str(tmp_path / "out.txt"), "--label", "bad"]
    assert cli.main(words) == 1
    line = "poseattn some-stage: error: clip 'x' is broken: found 3 frames, expected 4\n"
    assert capsys.readouterr().err == line
    monkeypatch.setenv("POSEATTN_DEBUG", "1")
    with pytest.raises(ValueError, match="clip 'x'"):
        cli.main(words)


def test_a_mistake_of_ours_is_one_line_too(
    stage: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ["some-stage", "--manifests", "a", "--out", str(tmp_path / "out"), "--label", "mistake"]
    assert cli.main(words) == 1
    error = capsys.readouterr().err
    assert error.startswith("poseattn some-stage: error: unexpected KeyError: 'size' (test_main.py:")
    assert error.endswith("POSEATTN_DEBUG=1 shows more)\n") and error.count("\n") == 1
    monkeypatch.setenv("POSEATTN_DEBUG", "1")
    with pytest.raises(KeyError):
        cli.main(words)


def test_help_is_the_docstring(stage: None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["some-stage", "--help"])
    text = capsys.readouterr().out
    assert "A stage for tests." in text
    assert "Shards to read; 100 % of them." in text
    assert "ValueError" not in text


@pytest.mark.parametrize("words", [["no-such-stage"], ["some-stage", "--threads", "two"], []])
def test_a_wrong_command_exits_with_two(stage: None, words: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        cli.main(words)
    assert exit_info.value.code == 2


def test_every_stage_has_a_documented_command() -> None:
    import importlib

    assert len(cli._ROOM_OF) >= 30
    for name, room in cli._ROOM_OF.items():
        module = importlib.import_module(f"poseattn.{room}.{name}")
        actions = cli._parser(name, module)._actions
        assert all(action.help for action in actions), f"{name}: an argument has no help"


@pytest.fixture
def package(stage: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with the code of the stage, of which rules took the digest."""
    (tmp_path / "code.py").write_text("VALUE = 1\n")
    monkeypatch.setattr(source_digest, "_ROOT", tmp_path)
    return tmp_path / "code.py"


def _planned() -> str:
    return f"{source_digest.digest_of(['poseattn.code'])}:code"


def test_the_planned_code_is_run(package: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    assert cli.main(["some-stage", "--manifests", "--out", str(out), "--code", _planned()]) == 0
    assert out.exists()


def test_code_that_was_edited_after_planning_makes_nothing(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, planned = tmp_path / "out.txt", _planned()
    package.write_text("VALUE = 2\n")
    assert cli.main(["some-stage", "--manifests", "--out", str(out), "--code", planned]) == 1
    assert f"the code in {tmp_path} changed after Snakemake had planned this job: give the" in capsys.readouterr().err
    assert not out.exists()


def test_code_that_is_edited_meanwhile_ends_in_an_error(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Snakemake then removes what the job made."""
    module = types.ModuleType("stage", "A stage for tests.")
    module.run = lambda *, code: package.write_text("VALUE = 2\n")
    module.run.__annotations__ = {"code": str}
    monkeypatch.setattr(cli.importlib, "import_module", lambda name: module)
    assert cli.main(["some-stage", "--code", _planned()]) == 1
    assert "changed after Snakemake had planned this job" in capsys.readouterr().err


def test_a_stage_gets_the_digest_alone(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module, got = types.ModuleType("stage", "A stage for tests."), []
    module.run = lambda *, code: got.append(code)
    module.run.__annotations__ = {"code": str}
    monkeypatch.setattr(cli.importlib, "import_module", lambda name: module)
    assert cli.main(["some-stage", "--code", _planned()]) == 0
    assert got == [_planned().partition(":")[0]]


def test_ctrl_c_is_one_line(
    stage: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def interrupted(*words: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_parser", interrupted)
    assert cli.main(["some-stage", "--manifests", "--out", str(tmp_path / "out")]) == 130
    assert capsys.readouterr().err == "poseattn some-stage: stopped\n"
