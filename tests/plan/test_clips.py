"""Names of clips in targets, before anything is computed for them."""

from pathlib import Path

import pytest

from poseattn.config.placed import plain
from poseattn.files import write_sealed
from poseattn.plan.plan import Plan
from poseattn.plan.refusals import Refusal
from tests import papers

from .toy import config, plan, write_films


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_manifest_says_which_clips_there_are() -> None:
    """Its last line, a checksum, is no clip."""
    write_sealed(Path("results/manifests/videos_synthetic.tsv"), "clip_id\tlabel\nswing_1\t0\nswing_2\t0\n")
    plan().clips.check("swing_2", "videos_synthetic")
    for name in ("swing_3", "clip_id", "# crc32 "):
        with pytest.raises(Refusal, match=f"^no clip '{name}' of data set videos_synthetic; "):
            plan().clips.check(name, "videos_synthetic")


def test_without_a_manifest_the_raw_files_say_it() -> None:
    """Of `<file>=<number>`, a part of a video, only the file is known before the lists are read."""
    write_films(Path("raw"), "casablanca", "vertigo")
    changed = config()
    changed["raw"]["films"]["lists"] = []
    clips = Plan(changed).clips
    clips.check("vertigo", "films")
    clips.check("vertigo=7", "films")
    with pytest.raises(Refusal, match="^no clip 'vertigi' of data set films; .*vertigo"):
        clips.check("vertigi", "films")


def test_the_names_that_a_stand_in_will_have_are_known_before_it_is_drawn() -> None:
    """UCF-11 calls its clips `v_<class>_<group>_<number>`."""
    clips = Plan(plain(papers.shipped())).clips
    clips.check("v_swing_08_01", "ucf11_synthetic")
    with pytest.raises(Refusal, match="^no clip 'v_swing_99_01' of data set ucf11_synthetic; .*v_swing_0"):
        clips.check("v_swing_99_01", "ucf11_synthetic")
