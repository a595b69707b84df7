"""Training step of the pose-guided LSTM stack at the size of the report: the model against the literal equations.

    python benchmarks/bench_pose_lstm.py [--device cuda] [--threads 2] [--repeats 1] [--batch 8] [--hidden 4096]
    python benchmarks/bench_pose_lstm.py --device cuda --batch 200 --precision bfloat16

Three cells of 4096 units have 403 million weights, so that a step of the report's optimiser (RMSprop) holds 6.5 GB for
weights, gradients, mean squares and the step itself, whatever the batch. Both sides share one set of parameters and one
batch; gradients are compared in float32 before anything is timed. Printed are medians, and the peak of the memory.
"""

import argparse
import resource
import sys
from functools import partial

import torch
from steps import race
from torch import Tensor
from torch.nn import functional

from poseattn.models.pose_lstm import Model
from poseattn.training.objective import objective
from poseattn.training.optimizers import optimizer_of

CLASSES, CHANNELS, EDGE, JOINTS, HEAT = 40, 1024, 7, 16, 64
RUN = {"optimizer": "rmsprop", "smoothing": 0.95, "learning_rate": 0.001, "weight_decay": 0}
RUN |= {"loss": "logistic", "loss_steps": "mean", "attention_penalty": 0}


def literal(model: Model, cube: Tensor, heatmap: Tensor) -> Tensor:
    """Scores as the equations read, with a product for each gate and cell.

    Args:
        model: Gives the parameters.
        cube: (b, 1, row, col, d).
        heatmap: (b, 1, j, row, col).

    Returns:
        (b, 1, c).
    """
    hidden = model.classifier.in_features
    edge = model.vector.edge
    square = cube[:, 0].permute(0, 3, 1, 2).reshape(len(cube), 1, model.vector.side, model.vector.side)
    resize = partial(functional.interpolate, size=(edge, edge), mode="bilinear", antialias=True)
    below = resize(square).flatten(1)
    pose = heatmap[:, 0].clamp(0, 1).amax(dim=1, keepdim=True)
    states = [resize(pose).flatten(1), torch.zeros_like(below), torch.zeros_like(below)]
    for cell, state in zip(model.stack.cells, states, strict=True):
        together = torch.cat([below, state], dim=1)
        weights, biases = cell.gates.weight.split(hidden), cell.gates.bias.split(hidden)
        i, f, o, g = (together @ weight.T + bias for weight, bias in zip(weights, biases, strict=True))
        memory = f.sigmoid() * torch.zeros_like(below) + i.sigmoid() * g.tanh()
        below = o.sigmoid() * memory.tanh()
    return model.norm(model.classifier(below).tanh())[:, None]


def main() -> None:
    """Print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--hidden", type=int, default=4096)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(0)
    sizes = {"n_classes": CLASSES, "channels": CHANNELS, "locations": EDGE * EDGE, "joints": JOINTS}
    sizes |= {"hidden": given.hidden, "depth": 3, "cell": "lstm", "reduction": "reshape_resize", "num_steps": 1}
    with torch.device(given.device):
        model = Model(**sizes, bias=True, embedding=False, attention=False, dropout=0.0)
        cube, heatmap = torch.rand(given.batch, 1, EDGE, EDGE, CHANNELS), torch.rand(given.batch, 1, JOINTS, HEAT, HEAT)
        label = torch.eye(CLASSES)[torch.arange(given.batch) % CLASSES]

    def loss_of(scores: Tensor) -> Tensor:
        return objective(scores.float(), {}, label, None, RUN)

    def ours() -> Tensor:
        narrow = given.precision == "bfloat16" and model.training  # gradients are compared in evaluation mode
        with torch.autocast(given.device, torch.bfloat16, enabled=narrow):
            scores = model(cube, heatmap)[0]
        return loss_of(scores)

    result = race(model, ours, lambda: loss_of(literal(model, cube, heatmap)), optimizer_of(model, RUN), given.repeats)
    count = sum(parameter.numel() for parameter in model.parameters())
    if given.device == "cpu":
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    else:
        peak = torch.cuda.max_memory_allocated() / 2**30
    about = f"pose_lstm, {count / 1e6:.0f} M parameters, batch {given.batch}, {given.precision}"
    sys.stdout.write(f"{about}: peak {peak:.1f} GiB, {result}")


if __name__ == "__main__":
    main()
