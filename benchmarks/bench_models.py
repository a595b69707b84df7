"""Training step of the hand stream at paper size: fused recurrence against the literal loop over frames.

    python benchmarks/bench_models.py [--device cuda] [--threads 2] [--repeats 9]

Both sides share one set of parameters and one batch; a step is forward, loss, backward and Adam, as in `train`. They
take turns in one process, so that a busy machine slows both, and the ratio is the median over the turns.
"""

import argparse
import sys
from functools import partial

import torch
from steps import race
from torch import Tensor
from torch.nn import functional
from torch.optim import Adam

from poseattn.layers.losses import sequence_loss
from poseattn.models.sta_hands import Model

PAPER = {
    "n_classes": 60,
    "channels": 2048,
    "hidden": 1024,
    "dropout": 0.5,
    "spatial_hidden": 256,
    "temporal_hidden": 32,
    "pose_channels": 450,
}
VARIANTS = [("pose", True), ("hidden", True), ("hidden_pose", True)]
BATCH, FRAMES, N_HANDS = 32, 20, 4


def per_step_loop(model: Model, glimpse: Tensor, pose: Tensor, motion: Tensor) -> Tensor:
    """Logits of any variant as its equations read: attention, context and GRU cell of one frame after the other.

    Args:
        model: Gives the parameters.
        glimpse: (b, t, hand, d).
        pose: Augmented pose, (b, t, channel).
        motion: Augmented motion, (b, t, 2).

    Returns:
        Logits, as the model's own.
    """
    gru, dropout = model.gru, partial(functional.dropout, p=model.dropout.probability, training=model.training)
    h = glimpse.new_zeros(len(glimpse), gru.hidden_size)
    states = []
    for t in range(glimpse.shape[1]):
        v = glimpse[:, t]
        condition = {"pose": [pose[:, t]], "hidden": [h], "hidden_pose": [h, pose[:, t]]}.get(model.hands)
        if condition is not None:
            p = model.spatial(torch.cat(condition, dim=-1))
            context = (p.unsqueeze(-1) * v).sum(dim=1)
        else:
            context = v.sum(dim=1) if model.hands == "sum" else v.flatten(1)
        context = dropout(context)
        h = torch.gru_cell(context, h, gru.weight_ih_l0, gru.weight_hh_l0, gru.bias_ih_l0, gru.bias_hh_l0)
        states.append(h)
    if model.temporal is None:
        return torch.stack([model.classifier(dropout(h)) for h in states], dim=1)
    p_time = model.temporal.mlp(motion.flatten(1))
    pooled = sum(p_time[:, t, None] * h for t, h in enumerate(states))
    return model.classifier(dropout(pooled)).unsqueeze(1)


def measure(hands: str, temporal: bool, device: torch.device, repeats: int) -> str:
    """One line about a variant."""
    torch.manual_seed(0)
    model = Model(hands=hands, temporal=temporal, **PAPER).to(device)
    torch.nn.init.normal_(model.spatial.score.weight, std=0.1)  # attention that is not uniform
    batch = (
        torch.randn(BATCH, FRAMES, N_HANDS, PAPER["channels"], device=device).abs(),
        torch.randn(BATCH, FRAMES, 450, device=device),
        torch.randn(BATCH, FRAMES, 2, device=device).abs(),
    )
    label = torch.randint(PAPER["n_classes"], (BATCH,), device=device)
    optimizer = Adam(model.parameters(), 1e-4, fused=True)
    result = race(
        model,
        lambda: sequence_loss(model(*batch)[0], label, "mean"),
        lambda: sequence_loss(per_step_loop(model, *batch), label, "mean"),
        optimizer,
        repeats,
    )
    return f"{hands:12} {result}"


def main() -> None:
    """Print one line for each variant with spatial and temporal attention."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for hands, temporal in VARIANTS:
        sys.stdout.write(measure(hands, temporal, torch.device(arguments.device), arguments.repeats))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
