"""Starting from another run: which layers are copied, and which checkpoints are refused."""

from pathlib import Path
from typing import Any

import pytest
import torch

from poseattn.models.alstm import Model
from poseattn.training.checkpoint import save_checkpoint
from poseattn.training.start import copy_layers, load_start
from poseattn.training.train import copy_state

START = {"dataset": "toy_synthetic", "run": "first", "protocol": "official"}
SIZES = {"channels": 5, "attended_channels": 4, "attend": "every", "hidden": 3, "match_size": 2, "dropout": 0.5}


def _model(n_classes: int, seed: int, **changes: Any) -> Model:
    torch.manual_seed(seed)
    return Model(**(SIZES | changes), n_classes=n_classes)


def _save(path: Path, model: Model | None, **changes: Any) -> Path:
    about = {"run": {"dataset": "toy_synthetic", "run": "first"}, "protocol": "official", "seed": 3, "note": "none"}
    save_checkpoint(path, None if model is None else copy_state(model), about | changes)
    return path


def test_all_layers_but_the_classifier_are_copied_bit_by_bit(tmp_path: Path) -> None:
    first, second = _model(7, 0), _model(4, 1)
    before = copy_state(second)
    layers, reason = load_start(_save(tmp_path / "c.pt", first), START, 3)
    assert reason == ""
    copy_layers(second, layers)
    after, copied = second.state_dict(), first.state_dict()
    of_answer = {"classifier.weight", "classifier.bias"}
    assert layers.keys() == after.keys() - of_answer
    for name, tensor in after.items():
        source = before if name in of_answer else copied
        assert torch.equal(tensor, source[name]), name
    changed = {name.split(".")[0] for name in layers if not torch.equal(before[name], after[name])}
    assert changed == {"mlp", "lstm", "attention", "context"}


def test_another_run_protocol_or_seed_is_refused(tmp_path: Path) -> None:
    path = _save(tmp_path / "c.pt", _model(7, 0))
    with pytest.raises(ValueError, match=r"c.pt: trained with run 'first', expected 'other', seed 3, expected 0"):
        load_start(path, START | {"run": "other"}, 0)


def test_layers_of_other_sizes_are_refused() -> None:
    layers = {name: tensor for name, tensor in copy_state(_model(7, 0)).items() if "classifier" not in name}
    message = r"start: layers of another network: context.weight is \(12, 4\), expected \(12, 6\)"
    with pytest.raises(ValueError, match=message):
        copy_layers(
            _model(7, 0, attended_channels=6, match_size=2), {**layers, "attention.content.weight": torch.zeros(2, 6)}
        )
    with pytest.raises(ValueError, match="lstm.inputs.weight is not there, expected"):
        copy_layers(_model(7, 0), {name: tensor for name, tensor in layers.items() if name != "lstm.inputs.weight"})


def test_without_a_model_the_reason_is_told(tmp_path: Path) -> None:
    layers, reason = load_start(_save(tmp_path / "c.pt", None, note="no training clip in official"), START, 3)
    assert layers is None
    assert reason == "run first, which this one starts from, has no model: no training clip in official"
