"""Stage synthesize_dataset: write a small stand-in of NTU RGB+D in its genuine layout."""

import json
import logging
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from threading import Thread

import cv2

from poseattn.files import replace_file
from poseattn.synthetic import ntu

log = logging.getLogger(__name__)


def run(*, recipe: str, out: Path, threads: int) -> None:
    """Generate the data set beside its place, then move it there; the list of missing skeletons comes last.

    Args:
        recipe: JSON: every number of the stand-in (`workflow/standins/ntu.yaml`).
        out: List of clips with missing skeletons, in the root of the data set; replaces an older data set there.
        threads: Worker processes; the files do not depend on it.

    Raises:
        ValueError: The recipe lacks a key or names an object that nobody can draw.
        OSError: A file cannot be written, or a worker process was killed.
    """
    settings = json.loads(recipe)
    root, fresh = out.parent, out.parent.with_name(out.parent.name + ".part")
    out.unlink(missing_ok=True)
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        clips = ntu.list_clips(settings["grid"])
        missing = ntu.draw_missing(clips, settings)
        _write_clips(clips, partial(_write_clip, fresh, settings, frozenset(missing)), threads)
        _move(fresh, root)
    except KeyError as error:
        raise ValueError(f"recipe of the stand-in: key {error} is missing") from error
    except BrokenProcessPool as error:
        raise ChildProcessError("a worker process was killed, perhaps for want of memory") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    replace_file(out, ntu.missing_list(missing).encode())
    log.info("%d clips in %s", len(clips), root)


def _write_clip(root: Path, recipe: dict, missing: frozenset[str], clip: ntu.Clip) -> None:
    cv2.setNumThreads(1)
    try:
        for folder in (ntu.VIDEOS, ntu.SKELETONS):
            (root / folder).mkdir(parents=True, exist_ok=True)
        ntu.write_clip(root, clip, recipe, clip.name in missing)
    except OSError as error:  # that of a full disk does not say where
        raise OSError(error.errno, error.strerror, f"{root}, clip {clip.name}") from None


def _write_clips(clips: list[ntu.Clip], write: partial, threads: int) -> None:
    for done, _ in enumerate(_each(clips, write, threads), start=1):
        if done % 100 == 0:
            log.info("%d of %d clips", done, len(clips))


def _each(clips: list[ntu.Clip], write: partial, threads: int) -> Iterator[None]:
    """Write clip after clip, here or in worker processes."""
    if threads <= 1:
        yield from map(write, clips)
        return
    with ProcessPoolExecutor(threads, get_context("spawn"), _end_with, (os.getpid(),)) as pool:
        yield from pool.map(write, clips, chunksize=4)


def _end_with(parent: int) -> None:
    """Let a worker end when the process that started it is killed; it would wait for work forever."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _move(fresh: Path, root: Path) -> None:
    """Replace the folders of the data set; whatever else lies in its root stays."""
    root.mkdir(parents=True, exist_ok=True)
    for folder in (ntu.VIDEOS, ntu.SKELETONS):
        shutil.rmtree(root / folder, ignore_errors=True)
        os.replace(fresh / folder, root / folder)
