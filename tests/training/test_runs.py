"""What a run consists of: models get the kind of features that they are made for."""

from pathlib import Path

import numpy as np
import pytest

from poseattn.shards.shard import ShardWriter
from poseattn.shards.shard_set import ShardSet
from poseattn.training.model import build_model
from tests.toy import settings

ARGUMENTS = {
    "rpan_without": {"hidden": 4, "dropout": 0.0},
    "softmax_regression": {},
}


def _cubes(path: Path, *row: int) -> dict[str, ShardSet]:
    """A shard of one clip with three rows of the given shape."""
    axes = "frame row col channel" if len(row) == 3 else "frame channel"
    with ShardWriter(path, kind="cubes", axes=axes, units="1", recipe="{}", code="") as writer:
        writer.append("a", np.zeros((3, *row), np.float16))
    return {"cubes": ShardSet([path], "cubes")}


def _run(model: str) -> dict:
    return settings(model=model, arguments=ARGUMENTS[model], inputs={"cubes": "x"})


def test_pooled_features_and_maps_go_to_their_models(tmp_path: Path) -> None:
    pooled = build_model(_run("rpan_without"), _cubes(tmp_path / "a.h5", 6), 3)
    maps = build_model(_run("softmax_regression"), _cubes(tmp_path / "b.h5", 2, 4, 6), 3)
    assert pooled.inputs == ("global_feature",) and maps.inputs == ("cube",)


@pytest.mark.parametrize(
    ("model", "row", "message"),
    [
        (
            "rpan_without",
            (2, 4, 6),
            r"the model takes .global_feature., but cubes have the shape \(2, 4, 6\) in a frame",
        ),
        ("softmax_regression", (6,), r"the model takes 'cube', but cubes have the shape \(6,\) in a frame"),
    ],
)
def test_a_model_refuses_features_of_the_other_kind(
    tmp_path: Path, model: str, row: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        build_model(_run(model), _cubes(tmp_path / "a.h5", *row), 3)
