"""Training on labelled images: it learns, repeats itself, and moves pictures as it says."""

import numpy as np
import pytest
import torch
from torch import Generator, nn

from poseattn.backbones import c3d
from poseattn.pretraining import images as pretrain
from poseattn.pretraining.images import augmented, train_classifier

STILL = {"flip": False, "rotation": 0, "scale": 0, "shift": 0, "gain": 0, "offset": 0}
RECIPE = {
    "epochs": 8, "batch": 16, "learning_rate": 0.05, "warmup": 0.2, "label_smoothing": 0.0, "validation": 0.25,
    "seed": 0, "augment": STILL,
}  # fmt: skip


class _Backbone(nn.Module):
    channels = 4

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.network(images.permute(0, 3, 1, 2) / 255).flatten(1)


def _colours(n: int = 160) -> tuple[torch.Tensor, torch.Tensor]:
    """Noise in which the colour of the label (red, green or blue) is brighter."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, n)
    images = rng.integers(0, 128, (n, 8, 8, 3), np.uint8) + 100 * (np.arange(3) == labels[:, None])[:, None, None]
    return torch.from_numpy(images.astype(np.uint8)), torch.from_numpy(labels)


def test_learns_and_tells_how_well_on_held_out_images(monkeypatch: pytest.MonkeyPatch) -> None:
    images, labels = _colours()
    measured = []
    accuracy = pretrain._accuracy
    monkeypatch.setattr(pretrain, "_accuracy", lambda *given: measured.append(given[1:3]) or accuracy(*given))
    backbone = _Backbone()
    assert train_classifier(backbone, images, labels, RECIPE) > 0.9
    assert not backbone.training
    assert len(measured) == RECIPE["epochs"]
    assert [len(part) for part in measured[0]] == [32, 32]  # 2 of 10 runs of neighbours


def test_held_out_images_are_not_trained_on() -> None:
    """Labels of held-out images may be anything: the trained network stays the same."""
    images, labels = _colours()
    first, second = _Backbone(), _Backbone()
    train_classifier(first, images, labels, RECIPE)
    held_out, _ = pretrain._hold_out(len(images), 0.25, Generator().manual_seed(0))
    labels[held_out] = 2 - labels[held_out]
    train_classifier(second, images, labels, RECIPE)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_seed_decides() -> None:
    images, labels = _colours()
    backbones = [_Backbone() for _ in range(3)]
    for backbone, seed in zip(backbones, (1, 1, 2), strict=True):
        train_classifier(backbone, images, labels, RECIPE | {"seed": seed})
    first, same, other = (backbone.network[0].weight for backbone in backbones)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_schedule_by_hand() -> None:
    shares = [pretrain._schedule(progress, 0.2) for progress in (0.0, 0.1, 0.2, 0.6, 1.0)]
    assert shares == pytest.approx([0.0, 0.5, 1.0, 0.5, 0.0])


def test_neighbours_are_held_out_together() -> None:
    held_out, kept = pretrain._hold_out(100, 0.3, Generator().manual_seed(1))
    assert sorted(torch.cat([held_out, kept]).tolist()) == list(range(100))
    assert len(held_out) in (32, 20)  # 2 of 7 runs, of which the last is short
    assert len({number // 16 for number in held_out.tolist()}) == 2


def test_too_few_images() -> None:
    images, labels = _colours(12)
    with pytest.raises(ValueError, match="12 images: 0 are held out, and 12 make 0 batches"):
        train_classifier(_Backbone(), images, labels, RECIPE)
    with pytest.raises(ValueError, match="0 are held out"):
        train_classifier(_Backbone(), images, labels, RECIPE | {"validation": 0.0})


def _ramp() -> torch.Tensor:
    """200 copies of a picture whose red rises with the column and green with the row."""
    levels = np.arange(20, dtype=np.uint8) * 10
    picture = np.stack([np.tile(levels, (20, 1)), np.tile(levels[:, None], (1, 20)), np.full((20, 20), 50)], axis=-1)
    return torch.from_numpy(np.tile(picture.astype(np.uint8), (200, 1, 1, 1)))


def _augmented(**changes: object) -> torch.Tensor:
    return augmented(_ramp(), STILL | changes, Generator().manual_seed(0)).int()


def test_nothing_asked_for_nothing_done() -> None:
    assert torch.equal(_augmented(), _ramp().int())


def test_half_are_mirrored() -> None:
    found, picture = _augmented(flip=True), _ramp()[0].int()
    mirrored = torch.tensor([torch.equal(image, picture.flip(1)) for image in found])
    assert all(torch.equal(image, picture) for image in found[~mirrored])
    assert 70 < int(mirrored.sum()) < 130


def test_shift_is_a_share_of_the_edge() -> None:
    moved = _augmented(shift=0.1)[:, 10, 10, :2] - _ramp()[:, 10, 10, :2]  # 10 grey levels a pixel, at most 2 pixels
    assert 15 < int(moved.max()) <= 20
    assert -20 <= int(moved.min()) < -15


def test_scale_and_rotation_turn_around_the_centre() -> None:
    for changes in ({"scale": 0.2}, {"rotation": 20}):
        found = _augmented(**changes)
        centre = found[:, 9:11, 9:11, :2].float().mean((1, 2))
        np.testing.assert_allclose(centre, 95, atol=1.5)
        assert not torch.equal(found, _ramp().int())
    steps = _augmented(scale=0.2)[:, 10, 10, 0] - _augmented(scale=0.2)[:, 10, 9, 0]
    assert 8 <= int(steps.min()) < int(steps.max()) <= 13  # 10 / 1.2 and 10 / 0.8 grey levels a pixel
    tilt = _augmented(rotation=20)[:, 10, 10, 1] - _augmented(rotation=20)[:, 10, 9, 1]
    assert 3 <= int(tilt.max()) <= 4  # 10 sin(20 degrees)


def test_gain_of_each_colour_and_offset_of_all() -> None:
    gain = _augmented(gain=0.2)[:, 10, 10].float() / torch.tensor([100.0, 100.0, 50.0])
    assert 0.78 < float(gain.min()) < 0.85 < 1.15 < float(gain.max()) < 1.22
    assert float((gain[:, 0] - gain[:, 1]).abs().max()) > 0.1
    offset = _augmented(offset=0.1)[:, 10, 10] - torch.tensor([100, 100, 50])
    assert int((offset - offset[:, :1]).abs().max()) == 0
    assert 20 < int(offset.abs().max()) <= 26


def test_frames_of_a_piece_are_moved_and_coloured_alike() -> None:
    pieces = torch.randint(256, (6, 5, 12, 14, 3), dtype=torch.uint8)
    amounts = {"flip": True, "rotation": 10, "scale": 0.1, "shift": 0.1, "gain": 0.1, "offset": 0.1}
    found = augmented(pieces, amounts, Generator().manual_seed(1))
    for frame in range(5):
        alone = augmented(pieces[:, frame], amounts, Generator().manual_seed(1))
        assert torch.equal(found[:, frame], alone)


def test_a_network_without_batch_norm_learns_with_some_and_ends_with_its_classifier() -> None:
    """Pieces whose colour tells; the layers that remain are those of the network, and the classifier."""
    images, labels = _colours(120)
    pieces = images.repeat_interleave(4, dim=1).repeat_interleave(4, dim=2)[:, None].repeat(1, 16, 1, 1, 1)
    backbone = c3d.build(weights=None, size=32, crop=32, seed=0, width=0.05, mean=[128, 128, 128], dropout=0)
    names = list(backbone.network.state_dict())
    recipe = RECIPE | {"batch_norm": True, "classifier": "fc8", "epochs": 4, "learning_rate": 0.01}
    accuracy = train_classifier(backbone, pieces, labels, recipe)
    assert accuracy > 0.8
    assert list(backbone.network.state_dict()) == [*names, "fc8.weight", "fc8.bias"]
    with torch.no_grad():
        assert float((backbone(pieces).argmax(dim=1) == labels).float().mean()) > 0.8
