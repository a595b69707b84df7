"""Both tables of the clips of a shard, as the two stages write them."""

from pathlib import Path
from typing import Any

import pandas as pd

from poseattn.clips.shard_clips import join_uses, read_clips, read_uses
from poseattn.stages import build_manifest, list_uses


def clips_of(out: Path, **about: Any) -> pd.DataFrame:
    """Run both stages; their rows side by side."""
    build_manifest.run(**about, out=out)
    list_uses.run(**about, out=out.with_suffix(".uses.tsv"))
    return join_uses(read_clips(out), read_uses(out.with_suffix(".uses.tsv")))
