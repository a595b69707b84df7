"""Answers to targets that no rule makes."""

import pytest

from poseattn.config.names import FIGURES
from poseattn.plan.plan import Plan

from .toy import config


@pytest.fixture
def plan() -> Plan:
    tables = {"tables": {"ntu_table1": {}, "ntu_table2": {}, "films_table1": {}}, "joints": {"rpan_joints": {}}}
    figures = dict.fromkeys(FIGURES, {}) | {"hands": {"hands_fig1": {}}, "cells": {"cells_fig5": {}}}
    return Plan(config() | tables | figures)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("results/ntu_table4.csv", "no table 'ntu_table4'; there are ntu_table1, ntu_table2 and 2 more"),
        ("ntu_table1.csv", "no rule makes 'ntu_table1.csv'; did you mean results/ntu_table1.csv?"),
        ("ntu_table1", "no rule makes 'ntu_table1'; did you mean results/ntu_table1.csv?"),
        ("results/figures/hands_fig2.png", "no figure 'hands_fig2'; there are hands_fig1 and 1 more"),
        ("cells_fig5.png", "no rule makes 'cells_fig5.png'; did you mean results/figures/cells_fig5.png?"),
        (
            "results/runs/videos/on_poses/split1/seed0/scores.h5",
            "no data set 'videos': its root is `synthetic`, so paths have 'videos_synthetic', its stand-in; for the "
            "real one set datasets.videos.root",
        ),
        ("results/manifests/film.tsv", "no data set 'film'; there are films and 3 more"),
        (
            "results/runs/films/on_pose/split1/seed0/scores.h5",
            "no run 'on_pose'; there are on_pieces, on_poses and 5 more",
        ),
        ("results/runs/films/onward/split1/seedx/run.yaml", "no seed 'x'; seeds are whole numbers, such as 0"),
        (
            "results/runs/films/snippets/split1/seed3/scores.h5",
            "no seed '3' of run snippets, which scores snippets once: its seed is 0",
        ),
        (
            "results/runs/films/onward/split1/seed1/score.h5",
            "no file 'score.h5'; there are scores.h5, scores.train.h5, scores.val.h5 and 3 more",
        ),
        ("results/figures/overlays/films/onwards/split1/a.mp4", "no run 'onwards'; there are onward and 6 more"),
        ("results/cube/films/rgb/000.h5", "no kind of feature 'cube'; there are cubes and 6 more"),
        ("results/cubes/films/rbg/000.h5", "no recipe 'rbg'; there are rgb and 1 more"),
        ("results/cubes/films/rgb/0.h5", "no shard '0'; shards are three digits, such as 000"),
        ("results/backbones/films/tune.pt", "no network 'tune'; there are tuned and 1 more"),
        ("results/backbones/shape_net.pt", "no network 'shape_net'; there are shapes_net"),
        ("weights/net.pt", "no file of weights 'net.pt'; there are net.pth and 1 more"),
        ("nonsense", "no rule makes 'nonsense'; try `poseattn list`"),
        ("results/reprot.html", "no rule makes 'results/reprot.html'; did you mean results/report.html?"),
        (
            "ntu_tabel1.csv",
            "no rule makes 'ntu_tabel1.csv'; did you mean results/ntu_table1.csv or results/ntu_table2.csv?",
        ),
        (
            "results/runs/films/onward/split1/seed7/",
            "results/runs/films/onward/split1/seed7 is the folder of a run: add a file, "
            "results/runs/films/onward/split1/seed7/scores.h5",
        ),
        ("results/runs/films/onwards/split1/seed0", "no run 'onwards'; there are onward and 6 more"),
        ("results/runs/films/onward/split1/seed7/scores.h5", ""),  # also a seed that the configuration does not name
        ("results/cubes/films/rgb/000.h5", ""),
    ],
)
def test_the_wrong_name_and_the_names_near_it(plan: Plan, target: str, said: str) -> None:
    assert plan.targets.about(target) == said
