"""Kinds of parameters, told apart one by one."""

from torch import nn

from poseattn.pretraining.groups import parameter_groups


def test_kinds_of_parameters() -> None:
    network = nn.Sequential(
        nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2), nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2), nn.Linear(2, 2)
    )
    network[3].requires_grad_(False)
    groups = parameter_groups(network, network[0], 5, 0.1)
    found = {id(one): (group["factor"], group["weight_decay"]) for group in groups for one in group["params"]}
    named = {name: found[id(one)] for name, one in network.named_parameters() if id(one) in found}
    assert named == {
        "0.weight": (5, 0.1), "0.bias": (10, 0), "1.weight": (1, 0), "1.bias": (1, 0), "2.weight": (1, 0.1),
        "2.bias": (2, 0), "4.weight": (1, 0.1), "4.bias": (2, 0),
    }  # fmt: skip
