"""Stand-ins: the names of their files, known before anything is drawn."""

import importlib
from pathlib import Path

import pytest

from poseattn.clips.listing import find_root, scan
from poseattn.config.placed import plain
from poseattn.plan.plan import Plan
from tests import papers


@pytest.mark.parametrize("name", sorted(plain(papers.shipped())["synthetic"]))
def test_the_names_of_files_are_known_before_they_are_drawn(tmp_path: Path, name: str) -> None:
    """The first and the last clip, drawn and then found as raw files are found."""
    config = plain(papers.shipped())
    module, recipe = importlib.import_module(f"poseattn.synthetic.{name}"), config["synthetic"][name]
    clips = module.list_clips(recipe)
    drawn = [clips[0], clips[-1]]
    for clip in drawn:
        module.write_clip(tmp_path, clip, recipe)
    module.finish(tmp_path, drawn, recipe)
    files = config["raw"][name]["files"]
    found = {file.clip_id for file in scan(find_root(tmp_path, files), files)}
    known = Plan(config).standins.clips(name)
    assert {clip.name for clip in drawn} == found & set(known) and len(known) == len(clips) == len(set(known))
