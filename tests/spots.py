"""A network that sees a white spot, an image and a video that show one, and the stages that look at them."""

import json
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from poseattn.__main__ import main
from poseattn.clips.manifest import MANIFEST_COLUMNS
from poseattn.files import write_sealed
from poseattn.shards.shard import ShardWriter, SideArray
from tests.video.rendered import Writer

SPOT = (130, 60)  # column and row in pictures of 200x100
RECIPE = {
    "crop": "whole", "flip": False, "backbone": "hourglass", "arguments": {"stacks": 1, "features": 16}, "size": 64,
    "weights": "random", "seed": 0, "batch": 4, "compile": False, "pretrained_by": "x",
}  # fmt: skip


class Spot(nn.Module):
    """Every joint's map is the brightness of the picture at a quarter of its size; that of joint 2 is lower."""

    def __init__(self) -> None:
        super().__init__()
        self.input_shape, self.channels = (64, 64, 3), 16
        self.network = nn.Sequential(nn.AvgPool2d(4))
        self.register_parameter("anchor", nn.Parameter(torch.zeros(1)))

    def forward(self, images: Tensor) -> Tensor:
        levels = images[..., :1].float().permute(0, 3, 1, 2) / 255
        weights = torch.ones(16)
        weights[2] = 0.25
        return self.network(levels).permute(0, 2, 3, 1) * weights


def write_raw(folder: Path) -> None:
    """Write an image, a video of three frames whose spot moves down, and a broken image, with manifest and boxes.

    The manifest also has an image that is missing. The boxes are one frame short of the video.
    """
    cv2.imwrite(str(folder / "still.png"), picture(0))
    (folder / "broken.jpg").write_bytes(b"no image")
    writer = Writer(folder / "v.avi", "FFV1", 10, (200, 100))
    for frame in range(3):
        writer.write(picture(frame))
    writer.release()
    rows = [
        dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": Path(name).stem, "path": name, "label": "0"}
        for name in ("broken.jpg", "gone.jpg", "still.png", "v.avi")
    ]
    rows[1]["path"] = ""  # not there when the run was planned
    write_sealed(folder / "m.tsv", pd.DataFrame(rows).to_csv(sep="\t", index=False))
    header = {"kind": "poses", "axes": "frame body joint xy", "units": "pixels", "recipe": "{}", "code": ""}
    side = {"box": SideArray("frame body corner", "pixels"), "size": SideArray("frame extent", "pixels")}
    with ShardWriter(folder / "boxes.h5", **header, side=side) as shard:
        for name, frames in (("still", 1), ("v", 2)):
            box = np.array([SPOT[0] - 20, SPOT[1] - 10, SPOT[0] + 20, SPOT[1] + 30], np.float32)
            arrays = {"box": np.tile(box, (frames, 1, 1)), "size": np.full((frames, 2), (100, 200), np.int32)}
            shard.append(name, np.zeros((frames, 1, 1, 2), np.float32), **arrays)


def picture(frame: int) -> np.ndarray:
    """A white spot on black, ten pixels lower in each frame."""
    image = np.zeros((100, 200, 3), np.uint8)
    return cv2.circle(image, (SPOT[0], SPOT[1] + 10 * frame), 6, (255, 255, 255), -1)


def run_stage(stage: str, root: Path, out: Path, recipe: dict, poses: str = "") -> int:
    """Run a stage on the folder with its weights at random; the exit code."""
    words = [stage, "--root", root, "--manifest", root / "m.tsv", "--poses", *([root / poses] if poses else [])]
    words += ["--weights", "--recipe", json.dumps(recipe), "--out", out, "--status", out.with_suffix(".tsv")]
    return main([*map(str, words), "--threads", "1", "--device", "cpu", "--code", "c"])
