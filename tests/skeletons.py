"""Hand-made bodies and skeleton files, so that tests need no real ones."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

# An upright person facing the camera, 1.3 m from ankle to head, origin at the middle of the spine: x, y of each joint.
_UPRIGHT = [(0, -0.25), (0, 0), (0, 0.3), (0, 0.45)]
_UPRIGHT += [(-0.18, 0.22), (-0.25, 0), (-0.28, -0.2), (-0.28, -0.3)]
_UPRIGHT += [(0.18, 0.22), (0.25, 0), (0.28, -0.2), (0.28, -0.3)]
_UPRIGHT += [(-0.08, -0.25), (-0.1, -0.55), (-0.1, -0.85), (-0.13, -0.9)]
_UPRIGHT += [(0.08, -0.25), (0.1, -0.55), (0.1, -0.85), (0.13, -0.9)]
_UPRIGHT += [(0, 0.22), (-0.28, -0.38), (-0.25, -0.32), (0.28, -0.38), (0.25, -0.32)]


def person(n_frames: int, x: float = 0.2, *, sway: float = 0.05, seed: int = 0) -> np.ndarray:
    """Upright person (frame, joint, xyz) in metres, 3.7 m away, who sways as a whole by `sway` metres."""
    upright = np.array([(a, b, 0) for a, b in _UPRIGHT], float) + [x, 0.4, 3.7]
    path = sway * np.sin(np.arange(n_frames) / 5 + seed)
    return upright + np.stack([path, 0 * path, path], axis=-1)[:, None]


def ghost(n_frames: int, x: float = 2.07, *, jitter: float = 0.05, seed: int = 0) -> np.ndarray:
    """A piece of furniture: a body 0.45 m high and 0.6 m wide whose joints jitter."""
    folded = np.array(_UPRIGHT) * [0.6 / 0.56, 0.45 / 1.35]
    folded = np.concatenate([folded, np.linspace(0, 0.5, 25)[:, None]], axis=1) + [x, -0.2, 3.5]
    return folded + np.random.default_rng(seed).normal(0, jitter, (n_frames, 25, 3))


def color_of(xyz: np.ndarray) -> np.ndarray:
    """Pixels of a pinhole camera with 1920x1080 images, about as wide as a Kinect's."""
    return np.stack([960 + 1060 * xyz[..., 0] / xyz[..., 2], 540 - 1060 * xyz[..., 1] / xyz[..., 2]], axis=-1)


def skeleton_text(frames: Sequence[Sequence[tuple[str, np.ndarray]]], newline: str = "\n") -> str:
    """Text of a skeleton file; a frame is a list of (body id, (25, 3) metres), in the order of the file."""
    lines = [str(len(frames))]
    for bodies in frames:
        lines.append(str(len(bodies)))
        for body_id, xyz in bodies:
            lines += [f"{body_id} 0 1 1 1 1 0 0.0276 0.0574 2", "25"]
            for position, pixel in zip(xyz, color_of(xyz), strict=True):
                numbers = [*position, 277.4, 191.8, *pixel, -0.2059, 0.0535, 0.9692, -0.1239]
                lines.append(" ".join(f"{number:.7g}" for number in numbers) + " 2")
    return newline.join(lines) + newline


def write_skeleton(path: Path, *bodies: tuple[str, np.ndarray], newline: str = "\n") -> Path:
    """Write a file in which the same bodies are listed, in this order, in every frame."""
    frames = [[(body_id, xyz[frame]) for body_id, xyz in bodies] for frame in range(len(bodies[0][1]))]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(skeleton_text(frames, newline).encode())
    return path
