"""What may exclude a clip, and how many excluded clips are too many."""

from pathlib import Path

import pandas as pd
import pytest

from poseattn.clips.manifest import MANIFEST_COLUMNS, write_manifest
from poseattn.plan.refusals import Refusal

from .toy import plan, write_films


def test_stages_that_read_clips_may_exclude_them() -> None:
    """Frames of stand-ins are not stored, so extraction alone reads their videos."""
    folder = "results/{}/videos_synthetic/{}/{}.status.tsv"
    manifests = plan().manifests
    poses = [folder.format("poses", "annotated", shard) for shard in ("000", "001")]
    cubes = [folder.format("cubes", "rgb", shard) for shard in ("000", "001")]
    assert manifests.statuses("videos_synthetic", "") == poses + cubes
    assert manifests.statuses("videos_synthetic", ".poses_only") == poses


def test_stored_pictures_may_exclude_clips_as_well(tmp_path: Path) -> None:
    write_films(tmp_path, "a")
    changed = plan(films={"root": str(tmp_path), "read_by": {"cubes": "rgb"}, "min_frames": 7})
    changed.config["raw"]["films"]["lists"] = []
    shard = changed.raw.shards("films")[0]
    assert changed.manifests.statuses("films", "") == [
        f"results/frames/films/whole/{shard}.status.tsv",
        f"results/cubes/films/rgb/{shard}.status.tsv",
    ]
    assert (changed.manifests.min_frames("films"), changed.manifests.max_excluded("films")) == (7, "0.5")


def test_too_many_bad_clips_are_refused_also_where_the_manifest_is_the_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert plan().manifests.excluded("films", ".poses_only") == "results/manifests/films.poses_only.excluded.tsv"
    row = dict.fromkeys(MANIFEST_COLUMNS, "")
    rows = [row | {"clip_id": name, "excluded": "cut off" if name < "c" else ""} for name in "abc"]
    manifest = Path("results/manifests/films.tsv")
    manifest.parent.mkdir(parents=True)
    write_manifest(pd.DataFrame(rows), manifest)
    said = f"^config: datasets.films.max_excluded: 0.5, but 2 of 3 clips are bad in {manifest}: allow more, "
    for ask in (plan().manifests.gathered, plan().manifests.excluded):
        with pytest.raises(Refusal, match=said):
            ask("films", "")
    assert plan(films={"max_excluded": 0.7}).manifests.gathered("films") == str(manifest)
