"""What Snakemake plans for networks that are trained on clips: a dry run in a fresh folder."""

from pathlib import Path

import yaml

from tests.pipeline import Pipeline

TABLE = {
    "source": "",
    "unit": "percent",
    "row_columns": [],
    "columns": {"acc": {"dataset": "penn_action", "protocols": ["official"], "split": "test", "metric": "accuracy"}},
    "rows": [
        {
            "label": "TSN-(S+T)",
            "method_id": "tsn_st",
            "own_method": True,
            "runs": ["tsn_s_penn_action", "tsn_t_penn_action"],
            "fuse": "weighted_sum",
            "stream_weights": [1, 2],
            "published": {},
        }
    ],
}


def test_streams_are_trained_and_scored_once_whatever_the_seeds(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "pipeline")
    overlay = {"seeds": [0, 1, 2], "tables": {"toy": TABLE}}
    (pipeline.folder / "overlay.yaml").write_text(yaml.safe_dump(overlay))
    output = pipeline.run("results/toy.csv", "--dry-run", "--quiet", "host", configs=["overlay.yaml"])
    counts = dict(line.split() for line in output.splitlines() if len(line.split()) == 2)
    expected = {"finetune_backbone": 2, "score_snippets": 2, "pretrain_backbone": 1, "render_objects": 1, "tabulate": 1}
    assert {rule: int(counts[rule]) for rule in expected} == expected
    assert "evaluate" not in counts and "train" not in counts
    assert "--protocol official --start results/backbones/limb_objects.pt" in output
    networks = [
        f"results/backbones/penn_action_synthetic/penn_action_{stream}_official.pt" for stream in ("rgb", "flow")
    ]
    assert all(f"--network {network}" in output for network in networks)
