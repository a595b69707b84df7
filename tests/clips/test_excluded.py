"""How many bad clips are allowed."""

from pathlib import Path

import pandas as pd
import pytest

from poseattn.clips.excluded import are_too_many, refuse_gathered
from poseattn.clips.manifest import MANIFEST_COLUMNS, write_manifest


def test_a_share_is_of_the_clips_that_the_protocols_keep() -> None:
    assert not are_too_many(1, 100, 0.01)
    assert are_too_many(2, 100, 0.01)
    assert are_too_many(1, 100, 0.0) and not are_too_many(0, 0, 0.0)


def test_clips_gathered_before_must_keep_to_the_limit_of_now(tmp_path: Path) -> None:
    reasons = {"a": "", "b": "", "c": "extract_cubes: cut off", "d": "protocol: too short"}
    row = dict.fromkeys(MANIFEST_COLUMNS, "")
    manifest = tmp_path / "mine.tsv"
    refuse_gathered(manifest, 0.0)
    write_manifest(pd.DataFrame([row | {"clip_id": name, "excluded": why} for name, why in reasons.items()]), manifest)
    refuse_gathered(manifest, 0.34)
    with pytest.raises(ValueError, match=rf"^0.33, but 1 of 3 clips are bad in {manifest}: .*mine.excluded.tsv lists"):
        refuse_gathered(manifest, 0.33)
