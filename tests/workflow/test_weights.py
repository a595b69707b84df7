"""Published weights through their rule, from a server on this machine and without any."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest
import yaml

from tests.pipeline import Pipeline
from tests.servers import CONTENT, serving, url_of

DIGEST = hashlib.sha256(CONTENT).hexdigest()
REFUSED = {  # file -> what its log says
    "whole.unknown": "no document states the SHA-256 of http://127.0.0.1:",
    "whole.wrong": "the stated one begins with 00000000",
    "unsized.unknown": "neither its server nor a digest says whether that is all",
    "short.unknown": "100 of 17000 bytes arrived",
    "nowhere.unknown": "no public address of it is known: put it into the folder",
}
FETCHED = ("whole.known", "moved.whole")
STATED = {
    "known": {"sha256_prefix": DIGEST[:8]},
    "unknown": {"sha256_prefix": ""},
    "wrong": {"sha256_prefix": "0" * 8},
    "whole": {"sha256_prefix": "", "sha256": DIGEST},
}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return Pipeline(tmp_path_factory.mktemp("weights") / "pipeline")


def _configure(pipeline: Pipeline, base: str, **more: str) -> None:
    """Entries of all files, whose addresses are below a base."""
    entries = {}
    for file in (*REFUSED, *FETCHED):
        address = {} if file.startswith("nowhere") else {"url": f"{base}{file}"}
        entries[file.replace(".", "_")] = {"file": file} | STATED[file.partition(".")[2]] | address
    entries["whole_unknown"] |= more
    (pipeline.folder / "mine.yaml").write_text(yaml.safe_dump({"weights": entries}))


def _fetch(pipeline: Pipeline, files: tuple[str, ...], *words: str, code: int = 0) -> str:
    targets = [f"weights/{file}" for file in files]
    return pipeline.run(*targets, *words, "--quiet", "host", code=code, configs=["mine.yaml"])


def _kept(pipeline: Pipeline) -> dict[str, bytes]:
    folder = pipeline.folder / "weights"
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name != "SHA256SUMS"}


def test_files_arrive_or_are_refused_by_name(pipeline: Pipeline) -> None:
    with serving() as server:
        _configure(pipeline, url_of(server, ""))
        _fetch(pipeline, (*REFUSED, *FETCHED), code=1)
    logs = pipeline.folder / "results/logs/fetch_weights"
    for file, said in REFUSED.items():
        last = (logs / f"{file}.log").read_text().splitlines()[-1]
        assert last.startswith("poseattn fetch-weights: error: ") and said in last
    assert _kept(pipeline) == dict.fromkeys((*FETCHED, "whole.unknown.unchecked"), CONTENT)
    sums = (pipeline.folder / "weights/SHA256SUMS").read_text()
    assert sorted(sums.splitlines()) == sorted(f"{DIGEST}  {file}" for file in FETCHED)
    _without_network(pipeline)


def _without_network(pipeline: Pipeline) -> None:
    """The user accepts what waits; files that are there outlive `-F` and a digest that turns out wrong."""
    _configure(pipeline, "http://127.0.0.1:9/", sha256=DIGEST)
    _fetch(pipeline, (*FETCHED, "whole.unknown"), "--forceall")
    by_hand = pipeline.folder / "weights/whole.wrong"
    by_hand.write_bytes(CONTENT)
    old = 1_000_000_000
    os.utime(by_hand, (old, old))
    output = _fetch(pipeline, ("whole.wrong",), "--forceall", code=1)
    assert "the stated one begins with 00000000" in output
    assert _kept(pipeline) == dict.fromkeys((*FETCHED, "whole.unknown", "whole.wrong"), CONTENT)


def test_a_file_put_there_by_hand_is_checked_before_any_job(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "pipeline")
    for path, content in {"raw/a.avi": b"", "raw/clips.csv": b"path,label,split\na.avi,run,train\n"}.items():
        (pipeline.folder / path).parent.mkdir(exist_ok=True)
        (pipeline.folder / path).write_bytes(content)
    file = pipeline.folder / "weights/googlenet-1378be20.pth"
    file.parent.mkdir()
    file.write_bytes(CONTENT)
    own = {"mine": {"layout": "csv", "root": "raw", "manifest": "clips.csv", "shards": 1}}
    entry = {"googlenet_imagenet": {"sha256_prefix": ""}}
    (pipeline.folder / "mine.yaml").write_text(yaml.safe_dump({"datasets": own, "weights": entry}))
    output = pipeline.run("results/cubes/mine/googlenet/000.h5", code=1, configs=["mine.yaml"])
    assert f"This file has {DIGEST}: compare that with another source" in output.splitlines()[-1]
    assert "  File " not in output and "WorkflowError" not in output
    assert not (pipeline.folder / "results/logs").exists() and file.read_bytes() == CONTENT


def test_jobs_find_python_without_a_path_to_it(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = pipeline.folder / "tools"
    tools.mkdir()
    (tools / "bash").symlink_to(shutil.which("bash"))
    file = pipeline.folder / "weights/by_hand"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(CONTENT)
    entry = {"by_hand": {"file": "by_hand"} | STATED["known"]}
    (pipeline.folder / "mine.yaml").write_text(yaml.safe_dump({"weights": entry}))
    monkeypatch.setenv("PATH", str(tools))
    _fetch(pipeline, ("by_hand",), "--forceall")
