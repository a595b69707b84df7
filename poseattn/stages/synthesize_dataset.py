"""Write a small stand-in of a data set in its genuine layout."""

import importlib
import json
import logging
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import cv2

from poseattn.clips.standin_record import write_contents

log = logging.getLogger(__name__)


def run(*, layout: str, recipe: str, out: Path, threads: int) -> None:
    """Generate the data set beside its place, then move it there; the list of its files comes last.

    Args:
        layout: Module of `poseattn.synthetic` that writes it, such as `ntu`.
        recipe: JSON: every number of the stand-in (`workflow/standins/`).
        out: List of the files with their checksums; the data set goes into the folder of the same name without suffix,
            and replaces an older one there.
        threads: Worker processes; the files do not depend on it.

    Raises:
        ValueError: The recipe lacks a key or names an object that nobody can draw.
        OSError: A file cannot be written, or a worker process was killed.
    """
    module = importlib.import_module(f"poseattn.synthetic.{layout}")
    settings = json.loads(recipe)
    root = out.with_suffix("")
    fresh = root.with_name(root.name + ".part")
    out.unlink(missing_ok=True)
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        clips = module.list_clips(settings)
        _write_clips(clips, partial(_write_clip, layout, fresh, settings), threads)
        module.finish(fresh, clips, settings)
        _move(fresh, root, module)
    except KeyError as error:
        raise ValueError(f"recipe of the stand-in: key {error} is missing") from error
    except BrokenProcessPool as error:
        raise ChildProcessError("a worker process was killed, perhaps because memory ran out") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    n_files = write_contents(out, module.ENTRIES)
    log.info("%d clips, %d files in %s", len(clips), n_files, root)


def _write_clip(layout: str, root: Path, recipe: dict, clip: Any) -> None:
    cv2.setNumThreads(1)
    try:
        importlib.import_module(f"poseattn.synthetic.{layout}").write_clip(root, clip, recipe)
    except OSError as error:  # that of a full disk does not say where
        raise OSError(error.errno, error.strerror, f"{root}, clip {clip.name}") from None


def _write_clips(clips: Sequence, write: partial, threads: int) -> None:
    for done, _ in enumerate(_each(clips, write, threads), start=1):
        if done % 100 == 0:
            log.info("%d of %d clips", done, len(clips))


def _each(clips: Sequence, write: partial, threads: int) -> Iterator[None]:
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


def _move(fresh: Path, root: Path, module: ModuleType) -> None:
    """Replace what belongs to the data set; whatever else lies in its root stays."""
    root.mkdir(parents=True, exist_ok=True)
    for name in module.ENTRIES:
        if (root / name).is_dir():
            shutil.rmtree(root / name)
        os.replace(fresh / name, root / name)
