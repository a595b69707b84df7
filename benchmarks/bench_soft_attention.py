"""Training step of soft attention at paper size: the model against the literal loop over frames.

    python benchmarks/bench_soft_attention.py [--device cuda] [--threads 2] [--repeats 5] [--batch 128]

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
from poseattn.models.soft_attention import Model

FRAMES, GRID, CHANNELS, CLASSES = 30, 7, 1024, 11
PAPER = {"n_classes": CLASSES, "channels": CHANNELS, "locations": GRID * GRID, "hidden": 512, "layers": 3}


def literal(model: Model, cube: Tensor) -> Tensor:
    """Logits as the equations read, frame by frame: attention, weighted sum, layers, classes.

    Args:
        model: Gives the parameters.
        cube: (b, t, row, col, d).

    Returns:
        Logits, as the model's own.
    """
    slices = cube.flatten(2, 3)
    dropout = partial(functional.dropout, p=model.dropout.probability, training=model.training)
    states = model.lstm.initial(slices.mean(dim=(1, 2)))
    logits = []
    for frame in range(slices.shape[1]):
        location = model.location.weight(states[-1][0]).softmax(dim=-1)
        vector = (location.unsqueeze(-1) * slices[:, frame]).sum(dim=1)
        found = []
        for layer, state in zip(model.lstm.layers, states, strict=True):
            weights = (layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0)
            found.append(torch.lstm_cell(vector, state, *weights))
            vector = dropout(found[-1][0])
        states = found
        z = model.hidden(dropout(states[-1][0])).tanh()
        logits.append(model.classifier(dropout(z)))
    return torch.stack(logits, dim=1)


def main() -> None:
    """Print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--batch", type=int, default=128)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(0)
    model = Model(pooling="attention", attention="linear_hidden", dropout=0.5, **PAPER).to(given.device)
    torch.nn.init.normal_(model.location.weight.weight, std=0.1)  # attention that is not uniform
    cube = torch.rand(given.batch, FRAMES, GRID, GRID, CHANNELS, device=given.device)
    label = torch.randint(CLASSES, (given.batch,), device=given.device)
    optimizer = Adam(model.parameters(), 2e-4, fused=True)
    result = race(
        model,
        lambda: sequence_loss(model(cube)[0], label, "sum"),
        lambda: sequence_loss(literal(model, cube), label, "sum"),
        optimizer,
        given.repeats,
    )
    sys.stdout.write(f"soft_attention, {given.batch} x {FRAMES} x {GRID * GRID} x {CHANNELS}: {result}")


if __name__ == "__main__":
    main()
