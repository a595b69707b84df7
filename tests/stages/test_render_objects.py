import json

import numpy as np
import pytest

from poseattn.shards.shard import Shard
from poseattn.stages import render_objects
from tests.synthetic.recipe import aspects, pictures


def render(path, recipe):
    render_objects.run(recipe=json.dumps(recipe, sort_keys=True), out=path, code="c0de")
    return path


def test_the_shard_holds_labelled_pictures(tmp_path):
    recipe = pictures(60)
    with Shard(render(tmp_path / "a.h5", recipe), kind="images", axes="image row col rgb") as shard:
        assert shard.row_shape == (50, 50, 3) and shard.n_rows == 60 and len(shard.clip_ids) == 60
        labels = shard.side_all("label")
        assert set(labels) <= set(range(len(recipe["kinds"]))) and len(set(labels)) > 5
        assert json.loads(shard.attrs["kinds"]) == recipe["kinds"]
        assert json.loads(shard.attrs["recipe"]) == recipe


def test_two_runs_give_the_same_pictures(tmp_path):
    paths = [render(tmp_path / name, pictures(12)) for name in ("a.h5", "b.h5")]
    with Shard(paths[0]) as first, Shard(paths[1]) as second:
        np.testing.assert_array_equal(first.rows(np.arange(12)), second.rows(np.arange(12)))


@pytest.mark.parametrize(
    ("change", "message"),
    [({"kinds": ["empty", "teapot"]}, "no drawing of an object 'teapot'"), ({"scene": {}}, "key 'props' is missing")],
)
def test_a_wrong_recipe_is_one_line_and_leaves_no_file(tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        render(tmp_path / "a.h5", pictures(5) | change)
    assert list(tmp_path.iterdir()) == []


def test_pieces_of_video_have_one_axis_more(tmp_path):
    recipe = aspects("moves", 8)
    with Shard(render(tmp_path / "a.h5", recipe), kind="images", axes="image frame row col rgb") as shard:
        assert shard.row_shape == (16, 64, 85, 3) and shard.n_rows == 8
        assert json.loads(shard.attrs["kinds"]) == recipe["kinds"]
