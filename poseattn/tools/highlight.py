"""Tool highlight: when in a video a trained run finds what it takes the video for, as JSON and as a marked video."""

import json
import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from poseattn.clips.manifest import read_status
from poseattn.figures.drawing.moments import weight_of_moments
from poseattn.figures.overlays.clip_overlay import likeliest, name_overlays
from poseattn.figures.overlays.highlights import Highlight, compare_moments, draw_timeline, find_highlights
from poseattn.files import replace_file
from poseattn.inputs.features import load_features
from poseattn.inputs.windows import covering_windows
from poseattn.messages import in_utf8, say
from poseattn.networks.device import pick_device, set_threads
from poseattn.tools._any_video import CLIP, Place, extract, open_features
from poseattn.tools._bad_videos import Bad, check_folder
from poseattn.tools._trained_runs import Trained, open_run, refusing, weights_of
from poseattn.training.evaluate import attended_frames, read_out, run_windows
from poseattn.training.model import load_model
from poseattn.video.clip_frames import ClipFrames
from poseattn.video.damage import ANY
from poseattn.video.encode import write_video
from poseattn.video.frames import Frame
from poseattn.video.image_folder import is_image, open_clip
from poseattn.video.shown import shown_frames, steady

_log = logging.getLogger(__name__)
_CHUNKS = 16  # at once, however long the video is


class Found(NamedTuple):
    """What a run finds in a video.

    Attributes:
        answers: Classes and probabilities, the likeliest first.
        frames: At which each moment begins, and how many the video has.
        weights: Of the moments, in units of that of even attention.
        scores: Of the moments, comparable over the whole video.
        highlights: The moments that count.
    """

    answers: list[tuple[str, float]]
    frames: np.ndarray
    weights: np.ndarray
    scores: np.ndarray
    highlights: list[Highlight]


def run(
    *,
    folder: Path,
    videos: list[Path],
    out: Path = Path("highlights"),
    share: float = 0.5,
    threads: int = 4,
    device: str = "auto",
) -> None:
    """Find the highlights of videos of any length with a run whose model attends to moments.

    Chunks lie side by side over the whole video; its class is the likeliest in the mean over them. The score of a
    moment is its weight in units of that of even attention, times the probability that its chunk gives this class, so
    that moments of all chunks can be compared. Highlights are the moments with at least `share` of the highest score.

    Writes `highlights.json` (each video with its classes, moments and highlights) and for each video
    `<name of the video>.highlights.mp4`: scores below the picture, a coloured border at highlights. Features of one
    video at a time lie in the output folder, and few chunks at a time in memory. A video that cannot be decoded costs
    no other one; the command then ends with an error all the same.

    Args:
        folder: Folder of the run, such as `results/runs/activitynet/alstm_act_fc8/official/seed0`.
        videos: Files, at least one.
        out: Folder for what is written.
        share: Of the highest score, above 0 and at most 1.
        threads: CPU threads of an operation.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        ValueError: The run has no model or none that attends to moments, needs more than a video, the weights of its
            networks are not the ones its features were made with, a video would be overwritten, is a picture or is bad.
    """
    place, trained = pick_device(device), open_run(folder)
    set_threads(threads)
    if "attended" not in trained.settings["inputs"]:
        raise ValueError(f"run {trained.settings['run']} has no attention over moments")
    find_highlights(np.ones(1), share)  # before hours of decoding
    if pictures := [video for video in videos if is_image(video)]:
        raise ValueError(f"{pictures[0]} is a picture, expected videos: a picture has no moments")
    check_folder(out)
    marked = name_overlays(videos, out, "highlights")
    with refusing(folder):
        weights = weights_of(trained.about["inputs"], folder)
    out.mkdir(parents=True, exist_ok=True)
    said: dict[str, Any] = {}
    bad = Bad()
    for video, path in marked.items():
        with bad.noting(video):
            with tempfile.TemporaryDirectory(prefix=".features-", dir=out) as scratch:
                with refusing(folder, as_kind=ValueError):
                    extract(video, trained, weights, Place(Path(scratch), threads, device), twin=False)
                n_frames = int(read_status(Path(scratch) / "status.tsv").n_frames[0])
                with refusing(folder, ValueError):
                    found = _find(trained, Path(scratch), n_frames, place, share)
            _log.info("drawing %s", path)
            said[in_utf8(video)] = one = _as_json(found, _write_video(Path(os.path.realpath(video)), path, found))
            replace_file(out / "highlights.json", (json.dumps(said, indent=2) + "\n").encode())
            name, probability = found.answers[0]
            times = ", ".join(f"{part['start']:.1f}-{part['end']:.1f} s" for part in one["highlights"])
            say(f"{video}: {name} ({probability:.3f}) at {times}")
    bad.report(len(marked))


def _find(trained: Trained, scratch: Path, n_frames: int, device: torch.device, share: float) -> Found:
    """Moments and highlights of the video whose features are in a folder; features may go on after its end."""
    settings, names, inputs = trained.settings, trained.about["classes"], open_features(trained, scratch)
    model = load_model(settings, inputs, len(names), trained.state, device)
    features = load_features([CLIP], inputs, model.inputs, settings, device, budget=0)
    windows = covering_windows(settings, features.timeline, 0)
    answers, weights = [], []
    for logits, maps in run_windows(model, features, windows, _CHUNKS):
        answers.append(read_out(logits, settings).float().cpu().numpy())
        weights += [weight_of_moments(one) for one in maps["moment"].float().cpu().numpy()]
    chunks = np.concatenate(answers)
    ranked = likeliest(chunks.mean(axis=0), names, settings)
    stride = inputs["attended"].stride
    begin = attended_frames(windows.frames * features.timeline.stride, len(weights[0]), settings["chunk"])
    probability = chunks[:, names.index(ranked[0][0])].astype(np.float64)
    relative, scores = compare_moments(np.stack(weights), probability, begin // stride)
    frames = np.arange(0, min(n_frames, len(scores) * stride), stride)
    relative, scores = relative[: len(frames)], scores[: len(frames)]
    return Found(ranked, np.append(frames, n_frames), relative, scores, find_highlights(scores, share))


def _as_json(found: Found, seconds: list[float]) -> dict[str, Any]:
    """What is written of a video; seconds are those of `found.frames`."""
    times = [round(second, 3) for second in seconds]
    highlights = [
        {"start": times[one.first], "end": times[one.stop], "score": round(one.score, 6)} for one in found.highlights
    ]
    columns = (times[:-1], times[1:], found.weights.round(6).tolist(), found.scores.round(6).tolist())
    moments = [dict(zip(("start", "end", "weight", "score"), row, strict=True)) for row in zip(*columns, strict=True)]
    return {"classes": dict(found.answers), "highlights": highlights, "moments": moments}


def _write_video(video: Path, out: Path, found: Found) -> list[float]:
    """The video at its own speed, its highlights marked; seconds at which each moment begins and the last one ends."""
    with open_clip(video) as opened:
        fps = opened.fps
    times: list[float] = []

    def noted() -> Iterator[Frame]:
        for frame in shown_frames(ClipFrames(video.parent, video.name, decoding=ANY)):
            times.append(frame.time)
            yield frame

    moment = np.searchsorted(found.frames[1:-1], np.arange(found.frames[-1]), side="right").tolist()
    name, probability = found.answers[0]
    frames = steady(noted(), fps)
    write_video(out, draw_timeline(frames, moment, found.scores, found.highlights, f"{name} {probability:.2f}"), fps)
    each = (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else 1 / fps  # the last one is no shorter
    return [*(times[frame] for frame in found.frames[:-1]), times[-1] + each]
