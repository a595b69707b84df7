"""What config.yaml says of data sets."""

import pytest

from poseattn.plan.datasets import is_standin
from poseattn.plan.refusals import Refusal

from .toy import plan


def test_stand_ins_have_an_id_of_their_own() -> None:
    """People have both: the network that finds them in stand-ins saw the stand-in of people."""
    names = plan().datasets.names
    assert names == {
        "videos_synthetic": "videos",
        "films": "films",
        "people": "people",
        "people_synthetic": "people",
    }
    assert [is_standin(name) for name in names] == [True, False, False, True]
    assert plan().datasets.id_of("videos") == "videos_synthetic" and plan().datasets.id_of("people") == "people"


def test_a_data_set_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(Refusal, match="^no data set 'film' in config.yaml; there are films and 2 more$"):
        plan().datasets.id_of("film")


def test_weights_follow_the_root_unless_they_are_said() -> None:
    datasets = plan(videos={"weights": "random"}).datasets
    kinds = {name: datasets.weights(name) for name in datasets.names}
    assert kinds == {
        "videos_synthetic": "random",
        "films": "pretrained",
        "people": "pretrained",
        "people_synthetic": "standin",
    }


def test_the_share_of_damaged_frames_is_one_word() -> None:
    said = {"films": {"damaged": "keep"}, "people": {"damaged": "keep", "max_damaged_frames": 0.25}}
    datasets = plan(**said).datasets
    assert [datasets.damaged(name) for name in ("videos_synthetic", "films", "people")] == [
        "refuse",
        "keep 0.1",
        "keep 0.25",
    ]


def test_numbers_of_a_data_set_have_defaults() -> None:
    datasets = plan(videos={"shards": 9}).datasets
    assert [datasets.n_shards(name) for name in ("videos_synthetic", "films", "people")] == [2, 2, 1]
    assert [datasets.max_excluded(name) for name in ("films", "people")] == [0.5, 0.01]
    del datasets.entry("films")["shards"]
    assert datasets.n_shards("films") == 8


def test_the_raw_files_of_a_users_list_are_the_list() -> None:
    own = {"layout": "csv", "manifest": "mine.csv", "min_frames": 5}
    datasets = plan(people=own).datasets
    assert datasets.layout("people") == "csv" and datasets.layout("films") == "films"
    assert datasets.raw_layout("people") == {
        "files": {"video": "mine.csv"},
        "lists": ["mine.csv"],
        "read_by": {"cubes": "googlenet"},
        "min_frames": 5,
    }
    chosen = plan(films={"read_by": {"cubes": "rgb"}}).datasets.raw_layout("films")
    assert chosen["read_by"] == {"cubes": "rgb"} and chosen["lists"] == ["list.txt"]


def test_a_protocol_that_divides_no_clips_is_refused() -> None:
    datasets = plan(films={"layout": "hmdb51"}, people={"layout": "csv", "manifest": ""}).datasets
    datasets.check_protocol("split2", "films")
    with pytest.raises(Refusal, match="^no protocol 'split4' of data set films; there are split1, split2, split3$"):
        datasets.check_protocol("split4", "films")
    with pytest.raises(Refusal, match="^no protocol 'split1' of data set people; there are listed$"):
        datasets.check_protocol("split1", "people")
