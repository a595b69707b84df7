"""Training step of RPAN at the paper's size for PennAction: the model against the literal loop over frames.

    python benchmarks/bench_rpan.py [--device cuda] [--threads 2] [--repeats 5] [--batch 16] [--einsum]

The loop is what a reader of Eq. 2-9 writes first: in every frame each body part projects cube and state, each joint has
its own softmax and adds its weighted sum of feature slices to its part. With `--einsum` the weighted sums of all joints
are one einsum a frame. Both sides share one set of parameters and one batch; a step is forward, both losses, backward
and SGD. They take turns in one process, so that a busy machine slows both; the ratio is the median over the turns.
"""

import argparse
import sys
from collections.abc import Callable

import torch
from steps import race
from torch import Tensor
from torch.nn.functional import linear
from torch.optim import SGD

from poseattn.layers.losses import pose_loss, sequence_loss
from poseattn.models.rpan import Model

FRAMES, GRID, CHANNELS, CLASSES, JOINTS = 8, (9, 15), 1024, 15, 13
PAPER = {"n_classes": CLASSES, "channels": CHANNELS, "locations": GRID[0] * GRID[1], "hidden": 1024}
PAPER |= {"parts": "penn_action", "sharing": "part", "pooling": "concat", "attention_size": 128, "dropout": 0.0}
Outputs = tuple[Tensor, Tensor]  # logits (b, t, c) and heatmaps (b, t, j, k)


def weighted_sums(heatmaps: list[Tensor], slices: Tensor) -> list[Tensor]:
    """Attended feature (b, d) of each joint, one product and sum after the other."""
    return [(heatmap.unsqueeze(-1) * slices).sum(dim=1) for heatmap in heatmaps]


def weighted_sums_at_once(heatmaps: list[Tensor], slices: Tensor) -> list[Tensor]:
    """The same by one einsum."""
    return list(torch.einsum("bjk,bkd->jbd", torch.stack(heatmaps, dim=1), slices))


def literal(model: Model, cube: Tensor, attended: Callable[[list[Tensor], Tensor], list[Tensor]]) -> Outputs:
    """What the model gives as the equations read, frame by frame, part by part and joint by joint."""
    layer, lstm = model.attention, model.lstm
    group_of, part_of = layer.group.argmax(dim=1).tolist(), model.pool.part.argmax(dim=0).tolist()
    of_groups = [
        matrix.chunk(layer.group.shape[1]) for matrix in (layer.content.weight, layer.state.weight, layer.state.bias)
    ]
    h = r = cube.new_zeros(len(cube), lstm.recurrent.in_features)
    logits, maps = [], []
    for frame in range(cube.shape[1]):
        slices = cube[:, frame].flatten(1, 2)  # (b, k, d)
        inner = [
            (linear(slices, a_c, b) + linear(h, a_h)[:, None]).tanh() for a_c, a_h, b in zip(*of_groups, strict=True)
        ]
        maps.append([(inner[group] @ v).softmax(dim=1) for group, v in zip(group_of, layer.score, strict=True)])
        features = [cube.new_zeros(len(cube), cube.shape[-1]) for _ in range(model.pool.vectors)]
        for part, feature in zip(part_of, attended(maps[-1], slices), strict=True):
            features[part] = features[part] + feature
        gates = lstm.inputs(torch.cat(features, dim=1)) + lstm.recurrent(h)
        i, f, g, o = gates.chunk(4, dim=1)
        r = f.sigmoid() * r + i.sigmoid() * g.tanh()
        h = o.sigmoid() * r.tanh()
        logits.append(model.classifier(h))
    return torch.stack(logits, dim=1), torch.stack([torch.stack(frame, dim=1) for frame in maps], dim=1)


def run_model(model: Model, cube: Tensor) -> Outputs:
    """The model's own logits and heatmaps."""
    logits, maps = model(cube)
    return logits, maps["heatmap"]


def loss_of(outputs: Outputs, label: Tensor, target: Tensor) -> Tensor:
    """Eq. 11 but for the decay of weights."""
    valid = torch.ones(target.shape[:3], device=target.device)
    return sequence_loss(outputs[0], label, "sum") + pose_loss(outputs[1], target, valid)


def main() -> None:
    """Print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu")
    for name, default in (("--threads", 2), ("--repeats", 5), ("--batch", 16)):
        parser.add_argument(name, type=int, default=default)
    parser.add_argument("--einsum", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(0)
    model = Model(**PAPER).to(given.device)
    cube = torch.rand(given.batch, FRAMES, *GRID, CHANNELS, device=given.device)
    label = torch.randint(CLASSES, (given.batch,), device=given.device)
    target = torch.rand(given.batch, FRAMES, JOINTS, GRID[0] * GRID[1], device=given.device).softmax(dim=-1)
    attend = weighted_sums_at_once if given.einsum else weighted_sums
    optimizer = SGD(model.parameters(), 1e-3, momentum=0.9, weight_decay=5e-4, fused=True)
    result = race(
        model,
        lambda: loss_of(run_model(model, cube), label, target),
        lambda: loss_of(literal(model, cube, attend), label, target),
        optimizer,
        given.repeats,
    )
    sys.stdout.write(f"rpan, {given.batch} x {FRAMES} x {GRID[0]}x{GRID[1]} x {CHANNELS}, {JOINTS} joints: {result}")


if __name__ == "__main__":
    main()
