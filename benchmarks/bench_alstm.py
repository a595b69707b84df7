"""Training step of aLSTM at the size of the paper: the model against the literal loop over steps.

    python benchmarks/bench_alstm.py [--device cuda] [--threads 2] [--repeats 3] [--batch 200]

The loop is what a reader of Eq. 3-13 writes first: every step projects its piece, all attended frames and the context.
Both sides share one set of parameters and one batch; a step is forward, loss, backward and SGD. They take turns in one
process, so that a busy machine slows both; the ratio is the median over the turns.
"""

import argparse
import sys
from functools import partial

import torch
from steps import race
from torch import Tensor
from torch.nn import functional
from torch.optim import SGD

from poseattn.layers.losses import sequence_loss
from poseattn.models.alstm import Model

STEPS, FRAMES, CHANNELS, CLASSES = 12, 12, 4096, 203
PAPER = {"n_classes": CLASSES, "channels": CHANNELS, "attended_channels": CHANNELS, "attend": "every"}
PAPER |= {"hidden": 512, "match_size": 512, "dropout": 0.5}


def literal(model: Model, pieces: Tensor, attended: Tensor) -> Tensor:
    """Logits as the equations read, step by step.

    Args:
        model: Gives the parameters.
        pieces: (b, t, d).
        attended: (b, frame, d_a).

    Returns:
        Logits of every step.
    """
    layer, lstm = model.attention, model.lstm
    dropout = partial(functional.dropout, p=model.dropout.probability, training=model.training)
    h = c = pieces.new_zeros(len(pieces), lstm.recurrent.in_features)
    logits = []
    for piece in pieces.unbind(1):
        vector = model.mlp(dropout(piece)).sigmoid()
        match = layer.content(attended) + layer.state(h)[:, None]
        weights = (match.tanh() @ layer.score[0]).softmax(dim=1)  # (b, frame)
        context = (weights.unsqueeze(-1) * attended).sum(dim=1)
        gates = lstm.inputs(dropout(vector)) + lstm.recurrent(h) + model.context(dropout(context))
        i, f, g, o = gates.chunk(4, dim=1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        logits.append(model.classifier(dropout(h)))
    return torch.stack(logits, dim=1)


def main() -> None:
    """Print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--batch", type=int, default=200)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(0)
    model = Model(**PAPER).to(given.device)
    pieces, attended = (torch.rand(given.batch, count, CHANNELS, device=given.device) for count in (STEPS, FRAMES))
    label = torch.randint(CLASSES, (given.batch,), device=given.device)
    optimizer = SGD(model.parameters(), 1e-3, momentum=0.9, fused=True)
    result = race(
        model,
        lambda: sequence_loss(model(pieces, attended)[0], label, "mean"),
        lambda: sequence_loss(literal(model, pieces, attended), label, "mean"),
        optimizer,
        given.repeats,
    )
    sys.stdout.write(f"alstm, {given.batch} x {STEPS} steps x {FRAMES} frames x {CHANNELS}: {result}")


if __name__ == "__main__":
    main()
