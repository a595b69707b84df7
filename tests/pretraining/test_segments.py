"""Temporal segment networks: the consensus and the steps of SGD written out, partial batch norm, kills."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional

from poseattn.pretraining import segments
from poseattn.pretraining.inputs import Inputs
from poseattn.pretraining.segments import SegmentNetwork, freeze_batch_norm, train
from poseattn.pretraining.snippets import Snippets, snippet_clips
from poseattn.shards.images import open_images
from poseattn.training.checkpoint import SideFile
from tests.toy_pictures import EDGE, coloured, moving, write_classes, write_clips, write_manifest

RECIPE = {
    "segments": 3, "scales": [1, 0.75], "size": 8, "mirror": True, "seed": 0, "batch": 6, "parts": 1, "iterations": 40,
    "drops": [], "learning_rate": 0.05, "first_rate": 1, "momentum": 0.9, "weight_decay": 0.01, "grad_clip": None,
    "dropout": 0, "partial_bn": False,
}  # fmt: skip


class _Backbone(nn.Module):
    channels = 4

    def __init__(self, in_channels: int = 3, norms: int = 1) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.input_shape = (8, 8, in_channels)
        layers: list[nn.Module] = [nn.Conv2d(in_channels, 4, 3), *(nn.BatchNorm2d(4) for _ in range(norms)), nn.ReLU()]
        self.network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1))

    def forward(self, images: UInt8[Tensor, "b row col channel"]) -> Float[Tensor, "b d"]:
        return self.network(images.permute(0, 3, 1, 2) / 255).flatten(1)


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    shards = [
        write_clips(tmp_path / f"{shard}.h5", "jpegs", {f"c{clip:02d}": coloured(clip) for clip in clips})
        for shard, clips in enumerate([range(5), range(5, 9)])
    ]
    manifest = write_manifest(tmp_path / "toy.tsv", 9)
    side_file = SideFile(tmp_path / "side.pt", {}, "iteration")
    return Inputs(shards, [], [manifest], [write_classes(tmp_path / "toy.classes.txt")], "only", 2, side_file)


def _snippets(inputs: Inputs, recipe: dict[str, Any]) -> Snippets:
    reader = open_images(inputs.images)
    return Snippets(reader, snippet_clips(inputs, reader.shards.clip_ids), recipe)


def test_consensus_is_the_mean_of_the_logits_of_each_snippet() -> None:
    network = SegmentNetwork(_Backbone(), 3, 0.5).eval()
    nn.init.normal_(network.classifier.weight)
    pictures = torch.randint(256, (2, 3, 8, 8, 3), dtype=torch.uint8)
    expected = torch.zeros(2, 3)
    for clip in range(2):
        for snippet in range(3):
            features = network.backbone(pictures[clip, snippet : snippet + 1])
            expected[clip] += network.classifier(features)[0] / 3
    torch.testing.assert_close(network(pictures), expected)


def test_steps_are_those_written_out(inputs: Inputs) -> None:
    """SGD with momentum, decay and rates by kind of parameter, a norm of the gradient that is clipped, and a drop."""
    recipe = RECIPE | {"iterations": 4, "drops": [2], "first_rate": 5, "grad_clip": 0.05}
    backbone = _Backbone()
    segments.train(backbone, inputs, recipe)
    torch.manual_seed(0)  # of the classifier, whose weights come first
    reference = SegmentNetwork(_Backbone(), 3, 0)
    with torch.no_grad():
        torch.manual_seed(0)
        nn.Linear(4, 3)
        reference.classifier.weight.normal_(std=0.001)
    names = dict(reference.named_parameters())
    conv, norm = "backbone.network.0.", "backbone.network.1."
    factors = {conv + "weight": 5, conv + "bias": 10, norm + "weight": 1, norm + "bias": 1}
    factors |= {"classifier.weight": 1, "classifier.bias": 2}
    assert names.keys() == factors.keys()
    speed = {name: torch.zeros_like(value) for name, value in names.items()}
    snippets = _snippets(inputs, recipe)
    for iteration in range(4):
        pictures, labels = (torch.from_numpy(array) for array in snippets.read(6 * iteration, 6))
        reference.zero_grad()
        functional.cross_entropy(reference(pictures), labels).backward()
        norm_of_all = sum(float((value.grad**2).sum()) for value in names.values()) ** 0.5
        assert norm_of_all > 0.05
        with torch.no_grad():
            for name, value in names.items():
                decay = 0.01 if name in (conv + "weight", "classifier.weight") else 0
                gradient = value.grad * (0.05 / (norm_of_all + 1e-6)) + decay * value
                speed[name] = 0.9 * speed[name] + gradient
                value -= 0.05 * (1 if iteration < 2 else 0.1) * factors[name] * speed[name]
    for name, value in backbone.network.state_dict().items():
        torch.testing.assert_close(value, reference.state_dict()["backbone.network." + name])


def test_parts_of_a_batch_make_the_same_step(inputs: Inputs) -> None:
    whole, parts = _Backbone(norms=0), _Backbone(norms=0)
    train(whole, inputs, RECIPE | {"iterations": 3})
    inputs.side_file.delete()
    train(parts, inputs, RECIPE | {"iterations": 3, "parts": 3})
    torch.testing.assert_close(whole.network.state_dict(), parts.network.state_dict())
    with pytest.raises(ValueError, match="batch: 6 clips cannot be given in 4 equal parts"):
        train(
            _Backbone(), inputs._replace(side_file=SideFile(inputs.images[0].with_name("x"), {})), RECIPE | {"parts": 4}
        )


def test_partial_batch_norm_freezes_all_but_the_first(inputs: Inputs) -> None:
    backbone, before = _Backbone(norms=3), _Backbone(norms=3).network.state_dict()
    train(backbone, inputs, RECIPE | {"iterations": 3, "partial_bn": True})
    after = backbone.network.state_dict()
    moved = {name for name, value in after.items() if not torch.equal(value, before[name])}
    first = {f"1.{name}" for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")}
    assert moved == {"0.weight", "0.bias"} | first
    assert not backbone.training
    freeze_batch_norm(nn.Sequential(nn.Linear(2, 2)))  # nothing to freeze


def test_learns_colours_and_says_what_it_learnt(inputs: Inputs) -> None:
    backbone = _Backbone()
    result = train(backbone, inputs, RECIPE)
    assert (result["classes"], result["n_train"], result["note"]) == (["red", "green", "blue"], 9, "")
    pictures = torch.from_numpy(np.stack([coloured(clip)[0][:8, :8] for clip in range(20, 32)]))
    logits = functional.linear(backbone(pictures), **{name: value for name, value in result["classifier"].items()})
    assert (logits.argmax(dim=1) == torch.arange(20, 32) % 3).float().mean() > 0.9


def test_learns_directions_from_stacks_of_as_many_fields_as_the_backbone_takes(inputs: Inputs, tmp_path: Path) -> None:
    shard = write_clips(tmp_path / "flow.h5", "flow", {f"c{clip:02d}": moving(clip) for clip in range(9)})
    result = train(_Backbone(in_channels=4), inputs._replace(images=[shard]), RECIPE | {"mirror": False})
    saved = inputs.side_file.load()
    assert np.mean([accuracy for _, accuracy in saved["history"]][-10:]) > 0.9
    assert result["n_train"] == 9


def test_dropout_is_drawn_from_seed_and_iteration(inputs: Inputs) -> None:
    states = []
    for seed in (0, 0, 1):
        backbone = _Backbone()
        torch.manual_seed(len(states))  # the state of PyTorch's own generator does not matter
        train(backbone, inputs, RECIPE | {"iterations": 3, "dropout": 0.5, "seed": seed})
        inputs.side_file.delete()
        states.append(backbone.network[0].weight)
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


def test_a_killed_training_goes_on_to_the_same_weights(inputs: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "_SAVED_EVERY", 4)
    recipe = RECIPE | {"iterations": 11, "dropout": 0.3, "drops": [7]}
    backbones = [_Backbone(), _Backbone(), _Backbone()]
    expected = train(backbones[0], inputs, recipe)
    inputs.side_file.delete()
    steps = []
    step = segments._step

    def killed_in_the_seventh(*given: Any) -> tuple[float, float]:
        steps.append(given[-1])
        if given[-1] == 6 and len(steps) == 7:
            raise KeyboardInterrupt
        return step(*given)

    monkeypatch.setattr(segments, "_step", killed_in_the_seventh)
    with pytest.raises(KeyboardInterrupt):
        train(backbones[1], inputs, recipe)
    found = train(backbones[2], inputs, recipe)
    assert steps == [*range(7), *range(4, 11)]
    for name, value in backbones[0].network.state_dict().items():
        assert torch.equal(value, backbones[2].network.state_dict()[name])
    assert torch.equal(expected["classifier"]["weight"], found["classifier"]["weight"])


def test_pictures_of_other_channels_are_refused(inputs: Inputs) -> None:
    with pytest.raises(ValueError, match=r"backbone takes \(8, 8, 10\), pictures have 3 channels"):
        train(_Backbone(in_channels=10), inputs, RECIPE)
    assert EDGE > 8
