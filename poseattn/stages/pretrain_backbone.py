"""Stage pretrain_backbone: labelled images -> trained weights of a backbone, for any recipe that extracts features."""

import io
import json
import logging
from pathlib import Path

import numpy as np
import torch

from poseattn.device import device_name, pick_device, set_threads
from poseattn.files import replace_file
from poseattn.pretrain import train_classifier
from poseattn.provenance import versions
from poseattn.shards import Shard
from poseattn.stages._backbones import build_backbone

_log = logging.getLogger(__name__)


def run(*, images: Path, recipe: str, out: Path, threads: int, device: str, code: str) -> None:
    """Train a backbone to tell classes of images apart, and keep it without its classifier.

    Args:
        images: Shard of kind `images`, with the class of each image in `label`.
        recipe: JSON: `backbone`, its `arguments`, image `size` (pixels), `seed`, and how to train
            (`poseattn.pretrain.train_classifier`).
        out: File of weights (`torch.save`), with the accuracy on held-out images and what made it.
        threads: CPU threads.
        device: `auto`, `cpu` or `cuda`.
        code: Hash of the source, for the record.

    Raises:
        ValueError: The recipe or the shard is wrong.
    """
    set_threads(threads)
    where = pick_device(device)
    settings = json.loads(recipe)
    with Shard(images, kind="images", axes="image row col rgb") as shard:
        pictures = np.empty((shard.n_rows, *shard.row_shape), np.uint8)
        shard.read_into(pictures)
        labels = shard.side_all("label").astype(np.int64)
    try:
        backbone = build_backbone(settings, None).to(where)
        accuracy = train_classifier(backbone, torch.from_numpy(pictures), torch.from_numpy(labels), settings)
    except KeyError as error:
        raise ValueError(f"recipe of the pretraining: key {error} is missing") from error
    about = {"recipe": recipe, "code": code, "accuracy": accuracy, "threads": threads}
    about |= {"device": device_name(where), "versions": versions()}
    state = {name: value.cpu() for name, value in backbone.network.state_dict().items()}
    content = io.BytesIO()
    torch.save({"state_dict": state, **about}, content)
    replace_file(out, content.getvalue())
    _log.info("accuracy %.3f on held-out images; weights in %s", accuracy, out)
