"""What Snakemake plans for features of pieces, some by networks that are trained on the clips of another data set."""

from pathlib import Path

import yaml

from poseattn.datasets import hollywood2
from tests.pipeline import Pipeline

FILMS = "results/pieces/hollywood2_synthetic/{}_hollywood2/001.h5"


def test_films_are_described_by_networks_of_the_other_data_set(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "pipeline")
    targets = [FILMS.format(name) for name in ("act_fc8", "c3d_fc8", "c3d_fc8_tuned", "obj_fc6")]
    output = pipeline.run(*targets, "--dry-run", "--quiet", "host")
    counts = dict(line.split() for line in output.splitlines() if len(line.split()) == 2)
    expected = {"extract_pieces": 4 + 2, "finetune_backbone": 3, "pretrain_backbone": 2 + 1, "decode_frames": 6}
    assert {rule: int(counts[rule]) for rule in expected} == expected
    networks = {
        "act_fc8": "results/backbones/activitynet_synthetic/vgg_activitynet.pt",
        "c3d_fc8": "results/backbones/activitynet_synthetic/c3d_activitynet.pt",
        "c3d_fc8_tuned": "results/backbones/hollywood2_synthetic/c3d_hollywood2.pt",
        "obj_fc6": "results/backbones/objects_vgg.pt",
    }
    for name, network in networks.items():
        assert f"--weights {network} " in next(
            line for line in output.splitlines() if FILMS.format(name) in line and "--weights" in line
        )
    # Clips are checked by a network that no clip trains, or its training would wait for itself.
    assert "results/pieces/activitynet_synthetic/obj_fc6/000.status.tsv" in output
    assert "--min-frames 192" in output


def test_real_films_need_networks_of_real_clips(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "pipeline")
    root = pipeline.folder / "films"
    lists = [f"ClipSets/{name}_{part}.txt" for name in hollywood2.CLASSES for part in ("train", "test")]
    for name in ("AVIClips/actioncliptrain00001.avi", *lists):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("actioncliptrain00001  1\n")
    overlay = {"datasets": {"hollywood2": {"root": str(root), "shards": 1}}}
    (pipeline.folder / "overlay.yaml").write_text(yaml.safe_dump(overlay))
    target = "results/pieces/hollywood2/act_fc8_hollywood2/000.h5"
    output = pipeline.run(target, "--dry-run", code=1, configs=["overlay.yaml"])
    assert (
        "hollywood2 needs the network vgg_activitynet, which is trained on activitynet: datasets.activitynet" in output
    )
