"""Fine-tuning on pieces: it learns, its steps are those written out, rates fall as they should, kills cost nothing."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional

from poseattn.pretraining import pieces
from poseattn.pretraining.inputs import Inputs
from poseattn.pretraining.last_layer import last_layer
from poseattn.pretraining.piece_batches import PieceBatches, labelled_clips
from poseattn.pretraining.pieces import train
from poseattn.shards.images import open_images
from poseattn.training.checkpoint import SideFile
from tests.toy_pictures import coloured, write_classes, write_clips, write_manifest

LENGTH = 4
RECIPE = {
    "classifier": "fc8", "mirror": True, "random_crop": True, "loss": "softmax", "batch": 5, "epochs": 12, "drops": [],
    "plateau": None, "patience": 12, "learning_rate": 0.02, "head_rate": 10, "momentum": 0.9, "weight_decay": 0.01,
    "validation": 0.2, "validation_by": "clip", "validation_seed": 0, "validation_pieces": 2, "seed": 0,
}  # fmt: skip


class _Backbone(nn.Module):
    """Takes pieces of 4 frames, 16 by 24 pixels, of which it sees the middle; or single frames."""

    def __init__(self, length: int = LENGTH) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.input_shape = (length, 16, 24, 3) if length > 1 else (16, 24, 3)
        self.crop, self.channels = 10, 6
        convolution = nn.Conv3d(3, 6, (length, 3, 3)) if length > 1 else nn.Conv2d(3, 6, 3)
        self.network = nn.Sequential(convolution, nn.ReLU(), nn.Flatten(2), nn.AdaptiveAvgPool1d(1), nn.Flatten())
        self.network.add_module("drop", nn.Dropout(0.2))

    def forward(self, images: UInt8[Tensor, "b *frame row col rgb"]) -> Float[Tensor, "b d"]:
        middle = images[..., 3:13, 7:17, :]
        return self.network(middle.movedim(-1, 1) / 255)


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    """Three pieces of each of 20 clips, of which two test; two more are in the manifest only."""
    shards = [
        write_clips(tmp_path / f"{shard}.h5", "jpegs", {f"c{clip:02d}": coloured(clip, 3 * LENGTH) for clip in clips})
        for shard, clips in enumerate([range(9), range(9, 20)])
    ]
    manifest = write_manifest(tmp_path / "toy.tsv", 22, 2)
    side_file = SideFile(tmp_path / "side.pt", {})
    return Inputs(shards, [], [manifest], [write_classes(tmp_path / "toy.classes.txt")], "only", 2, side_file)


def _batches(inputs: Inputs, recipe: dict[str, Any], length: int = LENGTH) -> PieceBatches:
    reader = open_images(inputs.images)
    return PieceBatches(reader, labelled_clips(inputs, recipe, reader.shards.clip_ids), _Backbone(length), recipe)


@pytest.mark.parametrize("length", [1, LENGTH])
def test_learns_colours_and_says_what_it_learnt(inputs: Inputs, length: int) -> None:
    backbone = _Backbone(length)
    result = train(backbone, inputs, RECIPE)
    assert result["classes"] == ["red", "green", "blue"] and result["note"] == ""
    assert (result["n_train"], result["n_validate"], result["epochs"]) == (16, 4, 12)
    assert result["accuracy"] > 0.9 and result["loss"] < 0.7
    assert backbone.channels == 3 and not backbone.training and "fc8.weight" in backbone.network.state_dict()
    frames = np.stack([np.stack(coloured(clip, length)) for clip in range(30, 42)])
    logits = backbone(torch.from_numpy(frames if length > 1 else frames[:, 0]))
    assert (logits.argmax(dim=1) == torch.arange(30, 42) % 3).float().mean() > 0.9


def test_steps_are_those_written_out(inputs: Inputs) -> None:
    """SGD with momentum, decay of weights alone, biases at twice the rate, the last layer at ten times it, a drop."""
    recipe = RECIPE | {"epochs": 2, "drops": [1], "random_crop": False}
    backbone, reference = _Backbone(), _Backbone()
    backbone.network.drop.p = reference.network.drop.p = 0
    result = train(backbone, inputs, recipe)
    network = reference.network
    network.add_module("fc8", last_layer(6, 3, 0))
    names = dict(network.named_parameters())
    factors = {"0.weight": 1, "0.bias": 2, "fc8.weight": 10, "fc8.bias": 20}
    assert names.keys() == factors.keys()
    speed = {name: torch.zeros_like(value) for name, value in names.items()}
    batches = _batches(inputs, recipe)
    losses, states = [], []
    for epoch in range(2):
        for source in batches.training(epoch):
            for pictures, labels in source:
                network.zero_grad()
                (-(labels * reference(pictures).log_softmax(dim=1)).sum(dim=1).mean()).backward()
                with torch.no_grad():
                    for name, value in names.items():
                        gradient = value.grad + (0.01 * value if name.endswith("weight") else 0)
                        speed[name] = 0.9 * speed[name] + gradient
                        value -= 0.02 * 0.1**epoch * factors[name] * speed[name]
        given = [batch for source in batches.validation() for batch in source]
        pictures, labels = (torch.cat(parts) for parts in zip(*given, strict=True))
        with torch.no_grad():
            losses.append(float(functional.cross_entropy(reference(pictures), labels)))
        states.append({name: value.clone() for name, value in network.state_dict().items()})
    assert result["loss"] == pytest.approx(min(losses), rel=1e-5)
    for name, value in backbone.network.state_dict().items():
        torch.testing.assert_close(value, states[int(np.argmin(losses))][name])


def test_sigmoid_loss_is_the_sum_over_classes() -> None:
    logits, labels = torch.randn(4, 3), torch.tensor([[1, 0, 1], [0, 0, 0], [0, 1, 0], [1, 1, 1]]).float()
    expected = 0.0
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        for logit, is_class in zip(row, label, strict=True):
            share = 1 / (1 + np.exp(-logit))
            expected -= np.log(share if is_class else 1 - share) / 4
    assert float(pieces._loss(logits, labels, "sigmoid")) == pytest.approx(expected, rel=1e-5)


def test_clips_of_several_classes_need_the_sigmoid(inputs: Inputs) -> None:
    write_manifest(inputs.manifest[0], 22, 2, label=["0+1", *(str(number % 3) for number in range(1, 22))])
    with pytest.raises(ValueError, match="c00 has 2 classes, for which the loss 'softmax' cannot be used"):
        train(_Backbone(), inputs, RECIPE)
    result = train(_Backbone(), inputs, RECIPE | {"loss": "sigmoid"})
    assert result["accuracy"] > 0.9


@pytest.mark.parametrize(
    ("losses", "drops", "plateau", "expected", "stalled"),
    [
        ([], [], 2, 0, 0),
        ([3, 2, 1], [], 2, 0, 0),
        ([3, 2, 2.5, 2.1], [], 2, 1, 2),
        ([3, 2, 2.5, 2.1, 2.2], [], 2, 1, 3),
        ([3, 2, 2.5, 2.1, 2.2, 2.3], [], 2, 2, 4),
        ([3, 2, 2.5, 2.1, 1.9, 2.3], [], 2, 1, 1),
        ([3, 2, 2.5, 2.1], [], None, 0, 2),
        ([3, 2, 2.5, 2.1], [2, 4, 9], None, 2, 2),
    ],
)
def test_the_rate_falls_on_plateaus_and_after_given_epochs(
    losses: list[float], drops: list[int], plateau: int | None, expected: int, stalled: int
) -> None:
    history = [(float(loss), 0.5) for loss in losses]
    assert pieces._drops(history, {"drops": drops, "plateau": plateau}) == expected
    assert pieces._stalled(history) == stalled


def test_training_ends_when_nothing_is_gained_and_the_best_epoch_stays(
    inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    states, losses = [], iter([3.0, 1.0, 2.0, 1.5, 0.5])

    def validate(network: nn.Module, *given: object) -> tuple[float, float]:
        states.append({name: value.clone() for name, value in network.state_dict().items()})
        return next(losses), 0.0

    monkeypatch.setattr(pieces, "_validate", validate)
    backbone = _Backbone()
    assert train(backbone, inputs, RECIPE | {"patience": 2})["epochs"] == len(states) == 4
    for name, value in backbone.state_dict().items():
        assert torch.equal(value, states[1][name])


def test_a_killed_training_goes_on_to_the_same_weights(inputs: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = RECIPE | {"epochs": 5, "drops": [3]}
    backbones = [_Backbone() for _ in range(4)]
    expected = train(backbones[0], inputs, recipe)
    inputs.side_file.delete()
    epochs = []
    epoch_of = pieces._train_epoch

    def killed_in_the_third(*given: Any) -> float:
        epochs.append(given[3])
        if len(epochs) == 3:
            raise KeyboardInterrupt
        return epoch_of(*given)

    monkeypatch.setattr(pieces, "_train_epoch", killed_in_the_third)
    with pytest.raises(KeyboardInterrupt):
        train(backbones[1], inputs, recipe)
    assert train(backbones[2], inputs, recipe) == expected
    assert epochs == [0, 1, 2, 2, 3, 4]
    train(backbones[3], inputs._replace(side_file=SideFile(inputs.side_file.path, {}), threads=1), recipe)  # all done
    for other in backbones[2:]:
        for name, value in backbones[0].network.state_dict().items():
            assert torch.equal(value, other.network.state_dict()[name])


def test_every_training_clip_comes_once_an_epoch_mirrored_or_not_and_moved(inputs: Inputs) -> None:
    """What a batch has is one of the clip's stored pieces, perhaps mirrored, of which the middle is a random crop."""
    batches = _batches(inputs, RECIPE)
    reader, clips = open_images(inputs.images), labelled_clips(inputs, RECIPE, {f"c{n:02d}" for n in range(20)})
    seen, mirrored, shifts = [], 0, set()
    for epoch in range(6):
        order = [batch for source in batches.training(epoch) for batch in source]
        assert [len(pictures) for pictures, _ in order] == [5, 5, 5, 1]
        pictures, labels = (torch.cat(parts).numpy() for parts in zip(*order, strict=True))
        names = []
        for picture, label in zip(pictures, labels, strict=True):
            found = _place_of(picture, reader, clips.clip_ids)
            names.append(found[0])
            mirrored += found[2]
            shifts.add(found[3])
            assert label.tolist() == np.eye(3)[int(found[0][1:]) % 3].tolist()
        seen.append(names)
        assert sorted(names) == sorted(clips.clip_ids[number] for number in clips.train)
    assert seen[0] != seen[1]
    assert 20 < mirrored < 76 and len(shifts) > 40
    assert max(abs(shift[0]) for shift in shifts) == 3 and max(abs(shift[1]) for shift in shifts) == 7


def _place_of(picture: np.ndarray, reader: Any, clip_ids: list[str]) -> tuple[str, int, bool, tuple[int, int]]:
    """Clip, piece, whether it is mirrored, and the shift of something that a batch shows; no move changes its sum."""
    for clip_id in clip_ids:
        for first in range(0, 3 * LENGTH, LENGTH):
            piece = reader.read(clip_id, range(first, first + LENGTH))
            if piece.sum() == picture.sum():
                for is_mirrored, image in ((False, piece), (True, piece[:, :, ::-1])):
                    for shift in itertools.product(range(-3, 4), range(-7, 8)):
                        if np.array_equal(picture, np.roll(image, shift, (1, 2))):
                            return clip_id, first // LENGTH, is_mirrored, shift
    raise AssertionError("no such piece")


def test_validation_sees_the_first_pieces_as_they_are_and_never_a_test_clip(inputs: Inputs) -> None:
    batches = _batches(inputs, RECIPE)
    reader, clips = open_images(inputs.images), labelled_clips(inputs, RECIPE, {f"c{n:02d}" for n in range(20)})
    given = [batch for source in batches.validation() for batch in source]
    pictures = np.concatenate([pictures.numpy() for pictures, _ in given])
    expected = [
        reader.read(clips.clip_ids[number], range(first, first + LENGTH))
        for number in clips.validate
        for first in (0, LENGTH)
    ]
    np.testing.assert_array_equal(pictures, np.stack(expected))
    assert not {"c20", "c21"} & set(clips.clip_ids)


def test_clips_without_pieces_are_noted_and_wrong_pieces_refused(inputs: Inputs) -> None:
    less = inputs._replace(images=inputs.images[1:])
    assert train(_Backbone(), less, RECIPE | {"epochs": 1})["note"] == "clips without pieces: 9"
    with pytest.raises(ValueError, match="clip c00: 12 stored frames are no pieces of 5"):
        train(_Backbone(5), inputs, RECIPE)
    backbone = _Backbone()
    backbone.input_shape = (LENGTH, 16, 20, 3)
    with pytest.raises(ValueError, match=r"frames of \(16, 24, 3\) are stored, the backbone takes \(16, 20, 3\)"):
        train(backbone, inputs, RECIPE)
    with pytest.raises(ValueError, match="no validation clip in only: 0 in the manifest, none with pieces"):
        train(_Backbone(), inputs, RECIPE | {"validation": 0.0})
