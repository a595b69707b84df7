"""What tables, figures and runs need, as the papers say which network sees which data set."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from poseattn.config.placed import plain
from poseattn.plan.needs import Needs
from poseattn.plan.plan import Plan
from poseattn.plan.refusals import Refusal
from tests import papers

INCEPTION_V3 = "weights/inception_v3_google-0cc3c7bd.pth"
GOOGLENET = "weights/googlenet-1378be20.pth"
HOURGLASS = "weights/hourglass_princeton_8hg.pth.tar"
TSN = "weights/ucf101_split_1_tsn_{}_reference_bn_inception.caffemodel.v5"
C3D, VGG19 = "weights/c3d_sports1m_pretrain_20201016-dcc47ddc.pth", "weights/vgg19-dcbb9e9d.pth"

REAL: dict[str, tuple[Callable[[Needs], object], set[str], set[str]]] = {
    "poses alone": (lambda needs: needs.add_run("deep_gru", "ntu", "cross_view"), {"ntu"}, set()),
    "hands": (lambda needs: needs.add_table("ntu_table1"), {"ntu"}, {INCEPTION_V3}),
    "one stream": (lambda needs: needs.add_figure("rpan_fig5"), {"penn_action"}, {TSN.format("flow")}),
    "joints": (lambda needs: needs.add_table("rpan_joint_accuracy"), {"penn_action"}, {TSN.format("flow")}),
    "two streams": (
        lambda needs: needs.add_table("rpan_table4"),
        {"penn_action", "sub_jhmdb"},
        {TSN.format("flow"), TSN.format("rgb")},
    ),
    "snippets": (
        lambda needs: needs.add_run("tsn_s_sub_jhmdb", "sub_jhmdb", "split2"),
        {"sub_jhmdb"},
        {TSN.format("rgb")},
    ),
    "three data sets": (
        lambda needs: needs.add_table("soft_attention_table1"),
        {"ucf11", "hmdb51", "hollywood2"},
        {GOOGLENET},
    ),
    # Clips of Hollywood2 count as good when GoogLeNet has read them; the runs begin as the runs on ActivityNet do.
    "a start": (
        lambda needs: needs.add_run("alstm_obj_fc8_hollywood2", "hollywood2", "official"),
        {"hollywood2", "activitynet"},
        {GOOGLENET, C3D, VGG19},
    ),
    "heatmaps": (lambda needs: needs.add_figure("pose_lstm_fig1"), {"stanford40"}, {HOURGLASS}),
}


def _plan(**roots: str) -> Plan:
    """The shipped configuration; data sets that are not named have real roots."""
    config: dict[str, Any] = copy.deepcopy(plain(papers.shipped()))
    for name, entry in config["datasets"].items():
        entry["root"] = roots.get(name, f"/data/{name}")
    return Plan(config)


@pytest.mark.parametrize("name", REAL)
def test_needs_of_real_data(name: str) -> None:
    add, datasets, weights = REAL[name]
    needs = Needs(_plan())
    add(needs)
    assert (needs.datasets, needs.weights) == (datasets, weights)


def test_a_stand_in_needs_no_published_weights() -> None:
    """The network that finds people in a stand-in is trained on the stand-in of MPII, whatever the root of MPII is."""
    needs = Needs(_plan(stanford40="synthetic"))
    needs.add_table("stanford40_table1")
    assert (needs.datasets, needs.weights) == ({"stanford40_synthetic", "mpii_synthetic"}, set())


def test_needs_add_up() -> None:
    needs = Needs(_plan(ucf11="synthetic"))
    needs.add_runs("soft_attention_ucf11", "ucf11_synthetic", ["groups"])
    needs.add_dataset("mpii")
    needs.add_runs("sta_hands_pose", "ntu", ["cross_subject", "cross_view"])
    assert (needs.datasets, needs.weights) == ({"ucf11_synthetic", "mpii", "ntu"}, {INCEPTION_V3})


def test_what_cannot_be_planned_is_refused() -> None:
    needs = Needs(_plan(activitynet="synthetic"))
    with pytest.raises(Refusal, match=r"run alstm_\w+_hollywood2 on hollywood2 starts from run \w+ on activitynet"):
        needs.add_table("hollywood2_table4")
