"""Names that wildcards may take."""

import re

import pytest

from poseattn.plan.refusals import Refusal

from .toy import plan, write_films


def _fits(expression: str, *names: str) -> list[bool]:
    return [re.fullmatch(expression, name) is not None for name in names]


def test_names_are_those_of_the_configuration() -> None:
    names = plan().names
    assert _fits(names.of("runs", "snippet_scores"), "on_poses", "snippets", "on_pose") == [True, True, False]
    assert _fits(names.datasets(), "films", "films_synthetic", "people_synthetic") == [True, False, True]
    assert _fits(names.recipes(), "rgb", "tuned", "shapes_net", "snippets") == [True, True, True, False]
    assert _fits(names.weights_files(), "net.pth", "netxpth") == [True, False]


def test_poses_are_read_or_estimated() -> None:
    names = plan().names
    assert _fits(names.poses(estimated=True), "annotated", "estimated") == [False, True]
    assert _fits(names.poses(estimated=False), "annotated", "estimated") == [True, False]


def test_a_section_without_entries_fits_nothing() -> None:
    changed = plan()
    changed.config["images"] = {}
    assert _fits(changed.names.of("images"), "", "none") == [False, False]


def test_a_clip_that_no_file_has_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_films(tmp_path / "films", "walk_1", "walk_2")
    changed = plan(films={"root": str(tmp_path / "films")})
    changed.config["raw"]["films"]["lists"] = []
    changed.clips.check("walk_1", "films")
    changed.clips.check("walk_1=3", "films")  # a part of the file
    with pytest.raises(Refusal, match="^no clip 'walk_3' of data set films; there are walk_1, walk_2$"):
        changed.clips.check("walk_3", "films")


def test_clips_of_a_stand_in_are_taken_from_their_list(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    clips = plan().clips
    manifest = tmp_path / "results/manifests/videos_synthetic.tsv"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("clip_id\tpath\nwave_1\ta.avi\nwave_2\tb.avi\n# crc32 00000000\n")
    clips.check("wave_2", "videos_synthetic")
    with pytest.raises(Refusal, match="^no clip 'wave_3' of data set videos_synthetic; there are wave_1, wave_2$"):
        clips.check("wave_3", "videos_synthetic")
