"""Mistakes in the configuration as Snakemake ends with them: one line, before any job."""

import json
from pathlib import Path

import pytest

from tests.pipeline import Pipeline

CODE = "__use_yte__: true\n__definitions__:\n  - open('RAN', 'w').close()\nseeds: [0]\n"


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return Pipeline(tmp_path_factory.mktemp("configuration") / "pipeline")


def _end(pipeline: Pipeline, content: bytes, *words: str) -> str:
    """What Snakemake says last of a file of that content, without a line about the rule file that refused it."""
    (pipeline.folder / "mine.yaml").write_bytes(content)
    output = pipeline.run("--dry-run", "--quiet", "all", *words, code=1, configs=["mine.yaml"])
    assert "Traceback" not in output and "  File " not in output
    return output.splitlines()[-1]


def test_code_in_a_file_does_not_run(pipeline: Pipeline) -> None:
    assert (
        _end(pipeline, CODE.encode())
        == "mine.yaml:1: __use_yte__ asks Snakemake to run code (it was not run): remove it"
    )
    assert not (pipeline.folder / "RAN").exists()


def test_without_our_profile_it_says_that_code_has_run(pipeline: Pipeline) -> None:
    said = _end(pipeline, CODE.encode(), "--workflow-profile", "none")
    assert said == "mine.yaml:1: __use_yte__ asks Snakemake to run code (Snakemake has run it): remove it"
    (pipeline.folder / "RAN").unlink()


@pytest.mark.parametrize("profile", ["default", "slurm", "cluster-generic"])
def test_every_profile_checks_files_first(pipeline: Pipeline, profile: str) -> None:
    said = _end(pipeline, b"# caf\xe9\n", "--workflow-profile", f"profiles/{profile}")
    assert said == "mine.yaml: byte 5 (0xe9) is no UTF-8: save the file in UTF-8"


def test_a_command_with_a_configuration_file_has_no_line_for_each_shipped_file(pipeline: Pipeline) -> None:
    (pipeline.folder / "mine.yaml").write_text("device: cpu\n")
    output = pipeline.run("--dry-run", "--quiet", "rules", configs=["mine.yaml"])
    assert "mine.yaml" in output and "extended" not in output


def test_every_process_sees_the_same_configuration(pipeline: Pipeline) -> None:
    """Later files count more, and `--config` most; a job of a cluster gets the same options and reads them again."""
    (pipeline.folder / "mine.yaml").write_text("seeds: [5]\ndevice: cuda\nruns: {deep_gru: {standin: {epochs: 3}}}\n")
    (pipeline.folder / "more.yaml").write_text("seeds: [6]\n")
    text = (pipeline.folder / "Snakefile").read_text()
    probe = """
import json
import os

shown = [config["seeds"], config["device"], config["runs"]["deep_gru"]["standin"]["epochs"]]
with open("seen.txt", "a") as file:
    file.write(json.dumps([os.getpid(), shown]) + chr(10))


rule probe:
    output:
        "results/probe.txt",
    run:
        open(output[0], "w").close()
"""
    with pipeline.edited("Snakefile", text, f"{text}\n{probe}"):
        words = ["results/probe.txt", "--config", "device=cpu", "--quiet", "all"]
        pipeline.run(*words, configs=["mine.yaml", "more.yaml"])
    seen = [json.loads(line) for line in (pipeline.folder / "seen.txt").read_text().splitlines()]
    assert len({process for process, _ in seen}) == 2
    assert [shown for _, shown in seen] == [[[6], "cpu", 3]] * len(seen)


def test_a_wrong_value_has_its_line(pipeline: Pipeline) -> None:
    said = _end(pipeline, b"device: cpu\nseeds:\n  - 1.0\n")
    assert said == "mine.yaml:3: config.seeds.0: 1.0 is not of type 'integer'"


def test_a_value_of_the_command_line_is_called_so(pipeline: Pipeline) -> None:
    said = _end(pipeline, b"device: cpu\n", "--config", "seeds=[1]")
    assert said.startswith("--config: config.seeds.0: '1' is not of type 'integer' but text")


def test_another_folder_without_the_users_part(pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text("seeds: [1]\n")
    elsewhere = Pipeline.__new__(Pipeline)
    elsewhere.folder = tmp_path
    said = _end(elsewhere, b"device: cpu\n", "--snakefile", str(pipeline.folder / "Snakefile"))
    assert said == (
        f"config: no datasets: config.yaml has them, which is not in {tmp_path}; "
        "give the command in the folder of the Snakefile, or copy its config.yaml here"
    )


def test_latin_1_in_the_shipped_file(pipeline: Pipeline) -> None:
    with pipeline.edited("config.yaml", "# auto", "# \u00e9"):
        text = (pipeline.folder / "config.yaml").read_text()
        (pipeline.folder / "config.yaml").write_bytes(text.encode("latin-1"))
        said = _end(pipeline, b"device: cpu\n")
    assert said.startswith("config.yaml: byte ") and said.endswith("(0xe9) is no UTF-8: save the file in UTF-8")


def test_an_interrupt_while_planning_is_one_line(pipeline: Pipeline) -> None:
    text = (pipeline.folder / "Snakefile").read_text()
    with pipeline.edited("Snakefile", text, f"{text}\nimport os, signal\n\nos.kill(os.getpid(), signal.SIGINT)\n"):
        assert _end(pipeline, b"device: cpu\n") == "interrupted before the first job: give the same command again"


def test_a_home_that_cannot_be_written_is_named(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/none")
    assert _end(pipeline, b"device: cpu\n") == (
        "Snakemake cannot write into /proc/none (No such file or directory): name another folder in XDG_CACHE_HOME"
    )
