"""Where raw files are, which shards they make, and digests of them."""

from pathlib import Path

import pytest

from poseattn.clips.ids import shard_of
from poseattn.plan.plan import Plan
from poseattn.plan.refusals import Refusal

from .toy import config, plan, write_films


def _films(folder: Path, *names: str) -> Plan:
    """The plan of a real data set of films."""
    write_films(folder, *names)
    changed = config(films={"root": str(folder)})
    changed["raw"]["films"]["lists"] = []
    return Plan(changed)


def test_a_stand_in_has_its_shards_before_it_is_made() -> None:
    raw = plan().raw
    assert raw.root("videos_synthetic") == "results/synthetic/videos"
    assert raw.shards("videos_synthetic") == ["000", "001"]
    assert raw.before("videos_synthetic") == ["results/synthetic/videos.txt"]
    assert raw.per_shard("{dataset}-{shard}", "videos_synthetic") == ["videos_synthetic-000", "videos_synthetic-001"]


def test_a_real_data_set_has_the_shards_of_its_files(tmp_path: Path) -> None:
    names = ["a", "b", "c", "d"]
    assert {shard_of(name, 2) for name in names} == {0, 1}
    raw = _films(tmp_path / "all", *names).raw
    assert raw.root("films") == str(tmp_path / "all") and raw.before("films") == []
    assert raw.shards("films") == ["000", "001"] and raw.file_ids("films") == names
    second = [name for name in names if shard_of(name, 2) == 1]
    raw = _films(tmp_path / "second", *second).raw
    assert raw.shards("films") == ["001"]
    assert (raw.with_missing("films", "001"), raw.with_missing("films", "000")) == (1, 0)


def test_a_shard_that_a_data_set_does_not_have_is_refused(tmp_path: Path) -> None:
    raw = plan().raw
    assert raw.before_shard("videos_synthetic", "001") == ["results/synthetic/videos.txt"]
    with pytest.raises(Refusal, match="^no shard '777' of data set videos_synthetic; there are 000, 001$"):
        raw.before_shard("videos_synthetic", "777")
    second = [name for name in "abcd" if shard_of(name, 2) == 1]
    raw = _films(tmp_path, *second).raw
    assert raw.before_shard("films", "001") == []
    with pytest.raises(Refusal, match="^no shard '000' of data set films; there are 001$"):
        raw.before_shard("films", "000")


def test_a_new_file_moves_the_digest_of_its_shard_alone(tmp_path: Path) -> None:
    names = ["a", "b", "c", "d", "e", "f"]
    before = _films(tmp_path, *names[:-1]).raw
    old = {shard: (before.clips("films", shard), before.uses("films", shard)) for shard in ("000", "001")}
    after = _films(tmp_path, names[-1]).raw
    moved = f"{shard_of(names[-1], 2):03d}"
    for shard, (clips, uses) in old.items():
        assert (after.clips("films", shard) != clips) == (after.uses("films", shard) != uses) == (shard == moved)
    assert after.classes("films") == before.classes("films")
    assert after.clips("films", "000") == after.clips("films", "000", for_stage=True)


def test_a_stand_in_depends_on_its_recipe_and_code() -> None:
    raw = Plan(config(videos={"root": "synthetic"})).raw
    digest = raw.clips("videos_synthetic", "000", for_stage=True)
    assert digest == "none"


def test_a_wrong_root_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=f"^config: datasets.films.root: root {tmp_path}/none is not a folder$"):
        plan(films={"root": f"{tmp_path}/none"}).raw.check()


def test_an_empty_root_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "avi").mkdir()
    (tmp_path / "list.txt").write_text("")
    changed = config(films={"root": str(tmp_path)})
    changed["raw"]["films"]["lists"] = []
    with pytest.raises(Refusal, match=r"^config: datasets.films.root: no file avi/\*.avi in "):
        Plan(changed).raw.check()
