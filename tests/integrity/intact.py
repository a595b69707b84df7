"""Intact videos, rendered and real, none of which may be refused."""

import os
from concurrent.futures import Executor
from pathlib import Path

from .odd import odd_videos
from .sources import rendered, sample_paths
from .trials import refusal


def refused_intact(folder: Path, pool: Executor) -> tuple[int, list[str]]:
    """Ask poseattn about intact videos: rendered ones of every kind, and all real samples where there are any.

    Args:
        folder: Where the rendered ones are kept.
        pool: Runs the questions.

    Returns:
        How many videos there are, and a line for each that is refused.
    """
    paths = [source.path for source in rendered(folder)] + odd_videos(folder / "odd")
    if samples := os.environ.get("POSEATTN_SAMPLES"):
        paths += sample_paths(Path(samples))
    answers = pool.map(refusal, paths, chunksize=4)
    return len(paths), [f"{path}: {said}" for path, said in zip(paths, answers, strict=True) if said]
