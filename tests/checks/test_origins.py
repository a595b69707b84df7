"""Origins: a stage takes files that were made as the plan wants them, and files whose change was accepted."""

import hashlib
import json
from pathlib import Path

import pytest
import torch

from poseattn.checks.origins import (
    ACCEPTED,
    Accepted,
    add_accepted,
    check_origins,
    differences,
    group_of,
    known_digest,
    origin_of,
    planned_origin,
    read_accepted,
)
from poseattn.files import read_sealed
from poseattn.training.checkpoint import save_checkpoint
from tests import toy

SHARD = Path("results/glimpses/toy/hands/000.h5")
OLD, NEW = "c0de", "0123456789ab"  # `toy` writes shards of the first code


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    toy.write_glimpses(SHARD, [0, 1])
    return tmp_path


def _wanted(code: str = OLD, recipe: str = "{}", weights: str = "") -> dict[str, dict[str, str]]:
    return {group_of(str(SHARD)): planned_origin(f"{code}:stages.x", recipe, weights)}


def test_one_origin_is_that_of_all_shards_and_seeds() -> None:
    assert group_of("results/cubes/a/b/017.h5") == "results/cubes/a/b/*.h5"
    assert group_of("results/runs/a/b/c/seed12/scores.h5") == "results/runs/a/b/c/seed*/scores.h5"
    assert group_of("results/synthetic/objects100.h5") == "results/synthetic/objects100.h5"


def test_files_as_the_plan_wants_them_are_taken(folder: Path) -> None:
    check_origins([SHARD, Path("no/such/file.tsv")], _wanted())
    check_origins([SHARD], {})


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        ({"code": NEW}, f"code \\(c0de\\) than the plan wants \\({NEW}\\)"),
        ({"recipe": '{"size": 1}'}, r"recipe \("),
        ({"weights": "0cc3c7bd"}, r"weights \(none\) than the plan wants \(0cc3c7bd\)"),
    ],
)
def test_files_made_otherwise_are_refused_by_name(wanted: dict[str, str], what: str) -> None:
    with pytest.raises(ValueError, match=f"^{SHARD}: made by other {what}.* delete it .*`poseattn accept`"):
        check_origins([SHARD], _wanted(**wanted))


def test_an_accepted_change_is_taken_and_no_other() -> None:
    add_accepted(differences(str(SHARD), _wanted(NEW)[group_of(str(SHARD))]))
    add_accepted([Accepted("results/b.h5", "recipe", "", "x")])
    assert read_accepted() == {Accepted(str(SHARD), "code", OLD, NEW), Accepted("results/b.h5", "recipe", "", "x")}
    check_origins([SHARD], _wanted(NEW))
    check_origins([SHARD], _wanted())
    with pytest.raises(ValueError, match="made by other code"):
        check_origins([SHARD], _wanted("ba9876543210"))
    read_sealed(ACCEPTED)


def test_a_list_that_changed_is_refused() -> None:
    add_accepted([Accepted(str(SHARD), "code", OLD, "f" * 12)])
    ACCEPTED.write_text(ACCEPTED.read_text().replace("f" * 12, NEW))
    with pytest.raises(ValueError, match="accepted.tsv: truncated, or changed since it was written"):
        check_origins([SHARD], _wanted(NEW))


def test_a_checkpoint_and_trained_weights_say_what_made_them(folder: Path) -> None:
    run = {"run": "a", "epochs": 2}
    save_checkpoint(folder / "checkpoint.pt", None, {"run": run, "code": NEW})
    planned = planned_origin(f"{NEW}:stages.train", json.dumps(run, sort_keys=True), "")
    assert differences(str(folder / "checkpoint.pt"), planned) == []
    torch.save({"state_dict": {"a": torch.zeros(2)}, "recipe": "{}", "code": NEW}, folder / "network.pt")
    assert differences(str(folder / "network.pt"), planned_origin(NEW, "{}", "")) == []
    torch.save({"a": torch.zeros(2)}, folder / "foreign.pt")
    assert origin_of(folder / "foreign.pt") == {"code": "", "recipe": "", "weights": ""}


def test_published_weights_are_known_by_the_surest_digest(folder: Path) -> None:
    file, sums = folder / "net.pth", folder / "SHA256SUMS"
    assert known_digest(file, "", sums) == ""
    file.write_bytes(b"one")
    assert known_digest(file, "", sums) == hashlib.sha256(b"one").hexdigest()
    sums.write_text(f"{'1' * 64}  net.pth\n{'2' * 64}  other.pth\n")
    assert known_digest(file, "", sums) == "1" * 64
    sums.write_text(f"{'A' * 64} *{file.name}\n")  # as tools of Windows write it
    assert known_digest(file, "", sums) == "a" * 64
    assert known_digest(file, "0cc3c7bd", sums) == "0cc3c7bd"


def test_weights_of_a_shard_are_compared_by_the_digits_that_are_known() -> None:
    carried = "0cc3c7bd" + "e" * 56
    toy.write_glimpses(SHARD, [0], sha256=carried)
    check_origins([SHARD], _wanted(weights="0cc3c7bd"))
    check_origins([SHARD], _wanted(weights=carried))
    with pytest.raises(ValueError, match="made by other weights"):
        check_origins([SHARD], _wanted(weights="0cc3c7be"))
