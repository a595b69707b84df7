"""A configuration of three data sets that fits on a page: videos, films and people."""

import copy
from pathlib import Path
from typing import Any

from poseattn.plan.plan import Plan

CONFIG: dict[str, Any] = {
    "datasets": {
        "videos": {"root": "synthetic"},
        "films": {"root": "raw", "shards": 2, "max_excluded": 0.5},
        "people": {"root": "raw", "shards": 1},
    },
    "seeds": [3, 5],
    "device": "auto",
    "raw": {
        "videos": {
            "files": {"video": "avi/*.avi"},
            "lists": [],
            "read_by": {"poses": "annotated", "cubes": "rgb"},
            "standin_shards": 2,
        },
        "films": {"files": {"video": "avi/*.avi"}, "lists": ["list.txt"], "read_by": {"pieces": "fc6"}},
        "people": {"files": {"image": "images/*.jpg"}, "lists": [], "read_by": {"poses": "annotated"}},
    },
    "synthetic": {"videos": {"clips": 4}},
    "images": {"shapes": {"drawn_by": "objects", "count": 9}},
    "poses": {
        "annotated": {"paper": {"unit": "m"}, "standin": {"unit": "px"}},
        "estimated": {
            "paper": {"heatmaps": "maps", "min_confidence": 0.5},
            "standin": {"heatmaps": "maps", "min_confidence": 0.1},
        },
    },
    "frames": {
        "whole": {"paper": {"store": "jpeg", "size": 224}, "standin": {"store": "none", "size": 32}},
        "crops": {
            "paper": {"store": "crops", "poses": "annotated"},
            "standin": {"store": "crops", "poses": "annotated"},
        },
        "cut": {"paper": {"store": "pieces"}, "standin": {"store": "pieces"}},
    },
    "flow": {
        "dis": {"paper": {"method": "dis"}, "standin": {"method": "dis"}},
        "raft": {
            "paper": {"method": "raft_large", "pretrained_by": "raft"},
            "standin": {"method": "raft_small", "pretrained_by": "raft"},
        },
    },
    "glimpses": {
        "hands": {
            "paper": {"frames": "crops", "backbone": "inception_v3", "pretrained_by": "imagenet"},
            "standin": {"frames": "crops", "backbone": "timm:resnet18", "pretrained_by": "shapes_net"},
        }
    },
    "cubes": {
        "rgb": {
            "paper": {"frames": "whole", "backbone": "googlenet", "pretrained_by": "imagenet", "mirror": False},
            "standin": {"frames": "whole", "backbone": "googlenet", "pretrained_by": "shapes_net", "mirror": True},
        },
        "motion_split1": {
            "paper": {
                "flow": "dis",
                "backbone": "googlenet",
                "pretrained_by": "tuned",
                "mirror": False,
                "heatmaps": "maps",
            },
            "standin": {
                "flow": "dis",
                "backbone": "googlenet",
                "pretrained_by": "tuned",
                "mirror": False,
                "heatmaps": "maps",
            },
        },
    },
    "pieces": {
        "fc6": {
            "paper": {"backbone": "vgg", "pretrained_by": "tuned"},
            "standin": {"backbone": "vgg", "pretrained_by": "tuned"},
        }
    },
    "heatmaps": {
        "maps": {
            "paper": {"backbone": "hourglass", "pretrained_by": "finder", "poses": "annotated", "stacks": 8},
            "standin": {"backbone": "hourglass", "pretrained_by": "finder", "stacks": 1},
        },
        "published": {
            "paper": {"backbone": "hourglass", "pretrained_by": "imagenet"},
            "standin": {"backbone": "hourglass", "pretrained_by": "finder"},
        },
    },
    "pretrain": {"shapes_net": {"standin": {"images": "shapes", "method": "images", "backbone": "googlenet"}}},
    "finetune": {
        "tuned": {
            "paper": {
                "dataset": "videos",
                "method": "snippets",
                "backbone": "vgg",
                "start": "imagenet",
                "flow": "dis",
                "protocol": "split1",
            },
            "standin": {
                "dataset": "videos",
                "method": "snippets",
                "backbone": "vgg",
                "start": "shapes_net",
                "flow": "dis",
                "protocol": "split1",
            },
        },
        "finder": {
            "paper": {
                "dataset": "people",
                "method": "heatmaps",
                "backbone": "hourglass",
                "start": "",
                "frames": "whole",
                "poses": "annotated",
                "protocol": "official",
            },
            "standin": {
                "dataset": "people",
                "method": "heatmaps",
                "backbone": "hourglass",
                "start": "",
                "frames": "whole",
                "poses": "annotated",
                "protocol": "official",
            },
        },
    },
    "snippet_scores": {
        "snippets": dict.fromkeys(
            ("paper", "standin"),
            {"network": "tuned", "flow": "dis", "dataset": "videos", "protocols": ["split1", "split2"]},
        )
    },
    "weights": {
        "imagenet": {"file": "net.pth", "url": "https://example.org/net.pth", "sha256_prefix": "0a0b0c0d"},
        "raft": {"file": "raft.pth", "sha256_prefix": "", "sha256": "ab" * 32},
    },
}
_RUN: dict[str, Any] = {
    "dataset": "videos",
    "model": "rpan",
    "epochs": 2,
    "protocols": ["split1", "split2"],
    "note": "read me",
}
RUNS: dict[str, dict[str, Any]] = {
    "on_poses": {"inputs": {"poses": "annotated"}},
    "on_estimates": {"inputs": {"poses": "estimated"}},
    "on_cubes": {"inputs": {"cubes": "motion_{protocol}"}, "pose_guidance": {"joints": "annotated"}, "test_draws": 7},
    "on_pieces": {"inputs": {"pieces": "fc6", "attended": "fc6"}, "checkpoint_of": "on_cubes"},
    "untrained": {"inputs": {"pieces": "fc6"}, "epochs": 0},
    "onward": {
        "inputs": {"pieces": "fc6"},
        "dataset": "films",
        "start": {"dataset": "videos", "run": "on_pieces", "protocol": "split1"},
    },
}
CONFIG["runs"] = {name: dict.fromkeys(("paper", "standin"), _RUN | run) for name, run in RUNS.items()}


def config(**datasets: dict[str, Any]) -> dict[str, Any]:
    """The configuration, with some keys of its data sets replaced."""
    changed = copy.deepcopy(CONFIG)
    for name, keys in datasets.items():
        changed["datasets"][name] |= keys
    return changed


def standins(*names: str) -> dict[str, dict[str, Any]]:
    """Keys that make stand-ins of data sets."""
    return {name: {"root": "synthetic"} for name in names}


def plan(**datasets: dict[str, Any]) -> Plan:
    """The plan of the configuration, with some keys of its data sets replaced."""
    return Plan(config(**datasets))


def write_films(folder: Path, *names: str) -> None:
    """Write empty films into their layout, and their list."""
    (folder / "avi").mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / "avi" / f"{name}.avi").write_bytes(b"")
    (folder / "list.txt").write_text("")
