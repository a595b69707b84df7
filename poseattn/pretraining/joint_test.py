"""Test how well a pose network finds the joints of people (Newell et al. 2016, arXiv 1603.06937, Sec. 3)."""

from typing import Any

import numpy as np
import torch
from torch import nn

from poseattn.pose.accuracy import head_accuracy
from poseattn.pose.heatmaps import mirror_maps, read_joints
from poseattn.pretraining.people import People
from poseattn.pretraining.squares import sample, tensors
from poseattn.video.crops import from_square


@torch.no_grad()
def test(backbone: nn.Module, people: People, batch: int) -> dict[str, Any]:
    """Test how well a network finds the joints of people. It sees each of them as is and mirrored.

    Args:
        backbone: In evaluation mode.
        people: Whose joints are known.
        batch: How many it sees at once.

    Returns:
        `pckh` of all joints and `pckh_of` each.
    """
    device = next(backbone.parameters()).device
    shares = []
    for some in people.as_they_are(batch):
        images = sample(*tensors(some, device), backbone.input_shape[:2])
        maps, turned = (backbone(view).permute(0, 3, 1, 2).cpu().numpy() for view in (images, images.flip(2)))
        maps = (maps + mirror_maps(turned, people.body)) / 2
        shares.append(read_joints(maps)[0] / np.array(maps.shape[:1:-1]))
    found = from_square(np.concatenate(shares), people.side("box")[:, None])
    known, valid, head = people.positions(), people.side("valid"), people.side("head")
    of_each = {
        name: head_accuracy(found[:, j : j + 1], known[:, j : j + 1], valid[:, j : j + 1], head)
        for j, name in enumerate(people.body.joints)
        if valid[:, j].any()
    }
    return {"pckh": head_accuracy(found, known, valid, head), "pckh_of": of_each}
