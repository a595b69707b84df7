"""Which file of weights a job reads, and which digest it has."""

from pathlib import Path

import pytest

from poseattn.plan.refusals import Refusal

from .toy import plan, standins


def test_published_weights_and_weights_of_stand_ins() -> None:
    weights = plan().weights
    assert weights.of("cubes", "rgb", "films") == ["weights/net.pth"]
    assert weights.of("cubes", "rgb", "videos_synthetic") == ["results/backbones/shapes_net.pt"]
    assert plan(videos={"weights": "random"}).weights.of("cubes", "rgb", "videos_synthetic") == []
    assert plan(videos={"weights": "pretrained"}).weights.of("cubes", "rgb", "videos_synthetic") == ["weights/net.pth"]


def test_networks_that_are_trained_on_clips() -> None:
    assert plan(**standins("films")).weights.of("pieces", "fc6", "films_synthetic") == [
        "results/backbones/videos_synthetic/tuned.pt"
    ]
    real = plan(videos={"root": "raw"}).weights
    assert real.of("pieces", "fc6", "films") == ["results/backbones/videos/tuned.pt"]


def test_a_network_of_stand_ins_is_not_for_real_clips() -> None:
    said = "^films needs the network tuned, which is trained on videos: datasets.videos.root must be a folder as well$"
    with pytest.raises(Refusal, match=said):
        plan().weights.of("pieces", "fc6", "films")
    with pytest.raises(Refusal, match="datasets.videos.root must be `synthetic` as well$"):
        plan(videos={"root": "raw"}, **standins("films")).weights.of("pieces", "fc6", "films_synthetic")


def test_the_network_that_finds_people_follows_the_weights_and_not_the_root() -> None:
    weights = plan(films={"weights": "standin"}).weights
    assert weights.of("heatmaps", "maps", "films") == ["results/backbones/people_synthetic/finder.pt"]
    assert weights.of_poses("estimated", "videos_synthetic") == ["results/backbones/people_synthetic/finder.pt"]
    assert plan().weights.of("heatmaps", "maps", "films") == ["results/backbones/people/finder.pt"]
    assert plan().weights.of("heatmaps", "published", "films") == ["weights/net.pth"]
    with pytest.raises(Refusal, match="^films needs the network finder, which is trained on people: "):
        plan(**standins("people")).weights.of("heatmaps", "maps", "films")


def test_flow_has_weights_where_a_network_computes_it() -> None:
    weights = plan().weights
    assert weights.of_flow("dis", "films") == [] and weights.digest_of_flow("dis", "films") == ""
    assert weights.of_flow("raft", "videos_synthetic") == ["weights/raft.pth"]


def test_where_trainings_on_clips_start() -> None:
    weights = plan().weights
    assert weights.start("tuned", "films") == ["weights/net.pth"]
    assert weights.start("tuned", "videos_synthetic") == ["results/backbones/shapes_net.pt"]
    assert weights.start("finder", "people") == [] and weights.digest_of_start("finder", "people") == ""


def test_digests_are_of_published_weights_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    weights = plan().weights
    assert weights.digest_of("cubes", "rgb", "films") == "0a0b0c0d"
    assert weights.digest_of("cubes", "rgb", "videos_synthetic") == ""
    assert weights.digest_of_flow("raft", "films") == "ab" * 32
    assert (weights.url("net.pth"), weights.url("raft.pth")) == ("https://example.org/net.pth", "")


def test_a_record_that_cannot_be_read_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights/SHA256SUMS").write_text("nonsense\n")
    changed = plan()
    changed.config["weights"]["imagenet"]["sha256_prefix"] = ""
    with pytest.raises(Refusal, match="^weights/SHA256SUMS:1: found 'nonsense'"):
        changed.weights.digest_of("cubes", "rgb", "films")


def test_files_that_were_put_there_by_hand_are_checked_if_jobs_need_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights/net.pth").write_bytes(b"other")
    weights = plan().weights
    weights.check_by_hand({"weights/raft.pt", "results/x.h5"})
    with pytest.raises(ValueError, match="^net.pth in .* is not the file of https://example.org/net.pth"):
        weights.check_by_hand({"weights/net.pth"})
