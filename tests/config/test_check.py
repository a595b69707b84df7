"""Configuration mistakes: one line that names the key, what was found and what was expected."""

import copy
from pathlib import Path
from typing import Any

import pytest

from poseattn.config import check as checks
from poseattn.config.placed import plain
from tests import papers

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    return plain(papers.shipped())


def _check(config: dict[str, Any]) -> None:
    checks.check_all(config, ROOT / "workflow/schemas")


def test_the_shipped_configuration_passes(shipped: dict[str, Any]) -> None:
    _check(shipped)


def test_skeletons_of_the_stand_in_are_in_pixels_of_its_pictures(shipped: dict[str, Any]) -> None:
    picture = shipped["frames"]["hand_crops"]["standin"]["picture"]
    assert picture == shipped["synthetic"]["ntu"]["scene"]["image"]["size"][::-1]
    assert shipped["frames"]["hand_crops"]["paper"]["picture"] == [1080, 1920]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            ["datasets", "ntu", "shrads"],
            3,
            r"config.datasets.ntu: unknown key 'shrads' \(did you mean shards\?\); expected one of damaged, layout,",
        ),
        (["datasets", "ntu", "root"], 3, "config.datasets.ntu.root: 3 is not of type 'string'"),
        (["datasets", "ntu", "weights"], "imagenet", "config.datasets.ntu.weights: 'imagenet' is not one of"),
        (["datasets", "ntu", "max_excluded"], 7, "config.datasets.ntu.max_excluded: 7 is greater than"),
        (
            ["datasets", "ntu", "damaged"],
            "drop",
            "config.datasets.ntu.damaged: 'drop' is not one of .'refuse', 'keep'.",
        ),
        (["datasets", "ntu", "max_damaged_frames"], 0.2, "config.datasets.ntu.max_damaged_frames: .* no use here"),
        (
            ["datasets", "mine"],
            {"root": "x", "layout": "csv", "manifest": "a.csv", "damaged": "refuse", "max_damaged_frames": 0.2},
            "config.datasets.mine.max_damaged_frames: found 0.2, which has no use here",
        ),
        (
            ["datasets", "mine"],
            {"root": "x", "layout": "csv", "manifest": "a.csv", "damaged": "keep", "max_damaged_frames": 1.2},
            "config.datasets.mine.max_damaged_frames: 1.2 is greater than the maximum of 1",
        ),
        (
            ["datasets", "nutella"],
            {"root": "x"},
            "datasets.nutella: no data set 'nutella'; there are activitynet, hmdb51, hollywood2, mpii, ntu",
        ),
        (["datasets", "mine"], {"root": "x", "layout": "csv"}, "config.datasets.mine: 'manifest' is a dependency of"),
        (
            ["datasets", "mine"],
            {"root": "synthetic", "layout": "csv", "manifest": "a.csv"},
            "mine.root: .* no use here",
        ),
        (
            ["datasets", "mine"],
            {"root": "x", "layout": "csv", "manifest": "a.csv", "read_by": {"cubes": "googlnet"}},
            "datasets.mine.read_by.cubes: no recipe of cubes 'googlnet'; there are googlenet",
        ),
        (["seeds"], [], r"config.seeds: \[\] should be non-empty"),
        (["sedes"], [0], "config: unknown key 'sedes'"),
        (["device"], "tpu", "config.device: 'tpu' is not one of"),
        (["runs", "deep_gru", "paper", "epochs"], "many", "runs.deep_gru.paper.epochs: 'many' is not of type"),
        (["runs", "deep_gru", "paper", "epoch"], 3, "runs.deep_gru.paper: unknown key 'epoch'"),
        (
            ["runs", "deep_gru", "standin", "inputs"],
            {"poses": "kinetic"},
            "no recipe of poses 'kinetic'; there are kinect and 2 more",
        ),
        (
            ["glimpses", "hands", "paper", "frames"],
            "hand_crop",
            "frames: no recipe of frames 'hand_crop'; there are hand_crops and ",
        ),
        (
            ["glimpses", "hands", "standin", "pretrained_by"],
            "x",
            "pretrained_by: no recipe of pretrain 'x'; there are held",
        ),
        (["runs", "sum_hands_last", "paper", "checkpoint_of"], "sum", "checkpoint_of: no run 'sum'"),
        (["hands", "sta_hands_fig5", "colums"], 3, "hands.sta_hands_fig5: unknown key 'colums'"),
        (
            ["synthetic", "ntu", "frame"],
            [20, 32],
            r"synthetic.ntu: unknown key 'frame' \(did you mean frames\?\); expected one of aspect, cla",
        ),
        (["images", "held_objects", "sead"], 3, "images.held_objects: unknown key 'sead'"),
        (["strips", "soft_attention_fig2", "spred"], True, "strips.soft_attention_fig2: unknown key 'spred'"),
        (["runs", "deep_gru", "paper", "sampling"], "windows", "runs.deep_gru.paper: 'rate' is a required property"),
        (["glimpses", "hands", "paper", "batch"], 0, "glimpses.hands.paper.batch: 0 is less than"),
        (["cubes", "googlenet", "paper", "tap"], 3, "cubes.googlenet.paper.tap: 3 is not of type 'string'"),
        (
            ["cubes", "googlenet", "standin", "frames"],
            "none",
            "standin.frames: no recipe of frames 'none'; there are activ",
        ),
        (
            ["cubes", "googlenet", "paper", "flow"],
            "x",
            "paper.frames: found 'squashed', which has no use here",
        ),
        (["cubes", "googlenet", "paper", "size"], [9], r"cubes.googlenet.paper.size: \[9\] is too short"),
        (["cubes", "penn_action_rgb_official", "paper", "pretrained_by"], "x", "no weights 'x'; there are c3d_sp"),
        (
            ["cubes", "sub_jhmdb_flow_split1", "standin", "flow"],
            "x",
            "standin.flow: no recipe of flow 'x'; there are penn",
        ),
        (["pieces", "act_fc6", "paper", "mirror"], True, r"pieces.act_fc6.paper.mirror: True is not one of \['all'"),
        (
            ["pieces", "act_fc6", "paper", "pretrained_by"],
            "x",
            "act_fc6.paper.pretrained_by: no weights 'x'",
        ),
        (["pieces", "c3d_fc6", "standin", "strid"], 8, "pieces.c3d_fc6.standin: unknown key 'strid'"),
        (["raw", "activitynet", "read_by", "pieces"], "x", "activitynet.read_by.pieces: no recipe of pieces 'x'"),
        (["finetune", "c3d_activitynet", "paper", "epoch"], 8, "finetune.c3d_activitynet.paper: .*'epoch'"),
        (["finetune", "c3d_activitynet", "paper", "loss"], "l2", "activitynet.paper.loss: 'l2' is not one of"),
        (["finetune", "c3d_activitynet", "paper", "iterations"], 8, "c3d_activitynet.paper: .*'iterations'"),
        (["frames", "activitynet_pieces", "paper", "count"], 0, "activitynet_pieces.paper.count: 0 is less than"),
        (["frames", "squashed", "paper", "count"], 3, "squashed.paper.count: found 3, which has no use here"),
        (["cubes", "sub_jhmdb_flow_split1", "paper", "mirror"], 1, "split1.paper.mirror: 1 is not of type 'boolean'"),
        (
            ["flow", "sub_jhmdb_flow", "paper", "method"],
            "brox",
            "sub_jhmdb_flow.paper.method: 'brox' is not one of",
        ),
        (
            ["heatmaps", "hourglass_whole", "paper", "crop"],
            "middle",
            "hourglass_whole.paper.crop: 'middle' is not one of",
        ),
        (
            ["heatmaps", "stanford40_box", "paper", "crop"],
            "whole",
            "paper.*'annotated', which has no use here|margin|1.25",
        ),
        (
            ["heatmaps", "hourglass_whole", "standin", "pretrained_by"],
            "x",
            "pretrained_by: no recipe of pretrain 'x'",
        ),
        (
            ["poses", "hourglass", "paper", "heatmaps"],
            "x",
            "paper.heatmaps: no recipe of heatmaps 'x'; there are hourglass_",
        ),
        (["poses", "hourglass", "paper", "min_track"], 3, "poses.hourglass.paper: unknown key 'min_track'"),
        (["finetune", "hourglass_mpii", "paper", "optimizer"], "sgd", "paper.optimizer: 'sgd' is not one of"),
        (["finetune", "hourglass_mpii", "paper", "segments"], 3, "hourglass_mpii.paper: unknown key 'segments'"),
        (
            ["finetune", "hourglass_mpii", "paper", "poses"],
            "x",
            "paper.poses: no recipe of poses 'x'; there are annotated",
        ),
        (["frames", "mpii_persons", "paper", "margin"], 0.5, "mpii_persons.paper.margin: 0.5 is less than"),
        (["flow", "sub_jhmdb_flow", "paper", "method"], "raft_small", "paper: 'pretrained_by' is a required property"),
        (["flow", "sub_jhmdb_flow", "paper", "batch"], 8, "sub_jhmdb_flow.paper.batch: found 8, which has no use here"),
        (["flow", "sub_jhmdb_flow", "paper", "size"], 8, "flow.sub_jhmdb_flow.paper.size: 8 is less than the minimum"),
        (
            ["raw", "sub_jhmdb", "read_by", "flow"],
            "x",
            "raw.sub_jhmdb.read_by.flow: no recipe of flow 'x'",
        ),
        (
            ["frames", "hand_crops", "paper", "size"],
            [9, 9],
            r"paper.size: \[9, 9\] is not of type 'integer'",
        ),
        (["frames", "squashed", "paper"], {"store": "jpeg", "size": 9}, "paper: 'quality' is a required property"),
        (["frames", "squashed", "paper", "quality"], 9, "paper.quality: found 9, which has no use here"),
        (["frames", "squashed", "paper", "store"], "crops", "frames.squashed.paper: 'poses' is a required property"),
        (["frames", "squashed", "paper", "store"], "png", "frames.squashed.paper.store: 'png' is not one of"),
        (["tables", "ntu_table1", "columns", "cs_acc", "split"], "dev", "columns.cs_acc.split: 'dev' is not one of"),
    ],
)
def test_a_mistake_is_one_line(shipped: dict[str, Any], path: list[str], value: Any, message: str) -> None:
    config = copy.deepcopy(shipped)
    entry = config
    for key in path[:-1]:
        entry = entry[key]
    entry[path[-1]] = value
    with pytest.raises(ValueError, match=message) as error:
        _check(config)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            ["datasets", "ntu", "max_excluded"],
            float("nan"),
            "config.datasets.ntu.max_excluded: found nan, expected a fin",
        ),
        (
            ["glimpses", "hands", "paper", "arguments", "x"],
            [float("-inf")],
            "paper.arguments.x.0: found -inf, expected",
        ),
        (["runs", "deep_gru", "paper", "batch"], 10**20, "runs.deep_gru.paper.batch: found a number beyond 4294967295"),
        (["seeds"], [1.0], "config.seeds.0: 1.0 is not of type 'integer'"),
        (["seeds"], [True], "config.seeds.0: True is not of type 'integer'"),
        (["seeds"], [3, 3], r"config.seeds: \[3, 3\] has non-unique elements"),
        (["seeds"], [-1], "config.seeds.0: -1 is less than the minimum of 0"),
        (["seeds"], ["1"], "config.seeds.0: '1' is not of type 'integer' but text: .* --config makes text"),
        (["datasets", "ntu"], None, r"config.datasets.ntu: nothing \(null\) is not of type 'object'"),
        (["datasets", "ntu", "shards"], -1, "config.datasets.ntu.shards: -1 is less than the minimum of 1"),
        (["datasets", "ntu", "shards"], True, "config.datasets.ntu.shards: True is not of type 'integer'"),
        (["datasets", "ntu", "root"], "-rf", "config.datasets.ntu.root: '-rf' does not match"),
        (["glimpses", "hands", "paper", "seed"], -1, "hands.paper.seed: -1 is less than the minimum of 0"),
        (["glimpses", "hands", "paper", "compile"], 1, "hands.paper.compile: 1 is not of type 'boolean'"),
        (
            ["glimpses", "hands", "paper", "backbone"],
            "../x",
            "hands.paper.backbone: no backbone '../x'; there are b",
        ),
        (
            ["runs", "deep_gru", "paper", "model"],
            "deep_gro",
            "model: no model 'deep_gro'; there are deep_gru and ",
        ),
        (
            ["runs", "deep_gru", "paper", "dataset"],
            "x",
            "deep_gru.paper.dataset: no data set 'x'; there are activ",
        ),
        (["runs", "a/b"], {}, "config.runs: 'a/b' does not match"),
        (["runs", "deep_gru"], {"paper": {}}, "config.runs.deep_gru: 'standin' is a required property"),
        (
            ["runs", "rpan_t_penn_acton"],
            {"standin": {"epochs": 3}},
            r"rpan_t_penn_acton: 'paper' is a required property \(did you mean rpan_t_penn_action\?\)$",
        ),
        (["datasets", "ntuu"], {"shards": 3}, r"datasets.ntuu: 'root' is a required property \(did you mean ntu\?\)$"),
        (["runs", "zzz"], {"standin": {"epochs": 3}}, "config.runs.zzz: 'paper' is a required property$"),
        (
            ["runs", "deep_gru", "paper", "protocols"],
            ["a", "a"],
            r"paper.protocols: \['a', 'a'\] has non-unique elements",
        ),
        (["runs", "deep_gru", "paper", "protocols"], ["../a"], "paper.protocols.0: '../a' does not match"),
        (["runs", "deep_gru", "paper", "derivatives"], 1.0, "paper.derivatives: 1.0 is not of type 'integer'"),
        (
            ["tables", "ntu_table1", "columns", "cs_acc", "dataset"],
            "x",
            "columns.cs_acc.dataset: no data set 'x'",
        ),
        (["weights", "googlenet_imagenet", "file"], "../x", "config.weights.googlenet_imagenet.file: '../x' does not"),
        (["weights", "googlenet_imagenet", "file"], "SHA256SUMS", "imagenet.file: 'SHA256SUMS' does not match"),
        (["weights", "googlenet_imagenet", "sha256"], "1378be20", "imagenet.sha256: '1378be20' does not match"),
        (
            ["weights", "googlenet_imagenet", "sha256"],
            "0" * 64,
            "sha256: found '0*', but the published one begins with 1378be20",
        ),
        (["weights", "googlenet_imagenet", "sha256_prefix"], "1378", "imagenet.sha256_prefix: '1378' does not match"),
    ],
)
def test_values_that_once_passed(shipped: dict[str, Any], path: list[str], value: Any, message: str) -> None:
    test_a_mistake_is_one_line(shipped, path, value, message)


def test_without_the_users_part_it_says_where_that_should_be(shipped: dict[str, Any]) -> None:
    config = {key: value for key, value in shipped.items() if key not in ("datasets", "device")}
    with pytest.raises(ValueError, match="config: no datasets, device: config.yaml has them, which is not in "):
        _check(config)


def test_a_missing_key_is_named(shipped: dict[str, Any]) -> None:
    config = copy.deepcopy(shipped)
    del config["runs"]["deep_gru"]["paper"]["epochs"]
    with pytest.raises(ValueError, match="runs.deep_gru.paper: 'epochs' is a required property"):
        _check(config)


def test_a_table_that_calls_an_unknown_run_is_refused(shipped: dict[str, Any]) -> None:
    config = copy.deepcopy(shipped)
    config["tables"]["ntu_table1"]["rows"][-1]["runs"] = ["deep_gru", "sta_hands_poses"]
    with pytest.raises(ValueError, match="two_stream_sta_hands_pose.runs: no run 'sta_hands_poses'"):
        _check(config)


@pytest.mark.parametrize(
    ("found", "near", "others"),
    [
        ("rpan_tt", "rpan_t", "sta_hands"),
        ("tsn_u", "tsn_s", "deep_gru"),
        ("rpan_s_pen_action", "rpan_s_penn_action", ""),
    ],
)
def test_a_misspelt_run_of_a_row_is_answered_by_its_near_names(
    shipped: dict[str, Any], found: str, near: str, others: str
) -> None:
    """Rows name runs with or without the data set, and networks that score snippets."""
    config = copy.deepcopy(shipped)
    config["tables"]["rpan_table4"]["rows"][0]["runs"] = [found]
    with pytest.raises(ValueError) as caught:
        _check(config)
    said = str(caught.value)
    assert said.startswith(f"tables.rpan_table4.rows.tsn_s.runs: no run {found!r}; there are ")
    names = said.partition("there are ")[2].partition(" and ")[0].split(", ")
    assert near in names and len(names) <= 8 and others not in names and len(said) < 300


def test_a_short_name_of_other_data_sets_is_not_offered_for_itself(shipped: dict[str, Any]) -> None:
    config = copy.deepcopy(shipped)
    config["tables"]["ntu_table1"]["rows"][-1]["runs"] = ["rpan_t"]
    with pytest.raises(ValueError, match="runs: no run 'rpan_t'; there are (?!.*rpan_t[, ])"):
        _check(config)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["inputs", "attended"], "obj_fc9", "inputs.attended: no recipe of pieces 'obj_fc9'; there are obj_fc6"),
        (["inputs"], {"attended": "obj_fc8"}, "paper.inputs: 'pieces' is a dependency of 'attended'"),
        (["sampling"], "segments", "paper.test_mirror: found True, which has no use here"),
        (["lr_decay"], {"after": 20}, "paper.lr_decay: 'every' is a required property"),
        (["lr_decay", "ratio"], 1.5, "paper.lr_decay.ratio: 1.5 is greater than the maximum of 1"),
        (
            ["start"],
            {"dataset": "activitynet", "run": "alstm", "protocol": "official"},
            "start.run: no run 'alstm'",
        ),
        (["stop_by"], "val_loss", "paper.stop_by: 'val_loss' is not one of"),
    ],
)
def test_a_mistake_in_a_run_on_pieces_is_one_line(
    shipped: dict[str, Any], path: list[str], value: Any, message: str
) -> None:
    config = copy.deepcopy(shipped)
    entry = config["runs"]["alstm_obj_fc8"]["paper"] = copy.deepcopy(config["runs"]["alstm_obj_fc8"]["paper"])
    for key in path[:-1]:
        entry = entry[key]
    entry[path[-1]] = value
    with pytest.raises(ValueError, match=f"runs.alstm_obj_fc8.{message}" if "paper" in message else message) as error:
        _check(config)
    assert "\n" not in str(error.value)


def test_two_figures_of_one_name_are_refused(shipped: dict[str, Any]) -> None:
    config = copy.deepcopy(shipped)
    config["cells"]["rpan_fig4"] = config["cells"]["pose_lstm_fig5"]
    said = r"cells.rpan_fig4: confusions.rpan_fig4 is a figure of the same name: rename one of them"
    with pytest.raises(ValueError, match=f"^{said}$"):
        _check(config)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["moments", "alstm_fig2", "show"], "weights", "moments.alstm_fig2: 'frames' is a required property"),
        (
            ["moments", "alstm_fig3", "panels"],
            [{"action": "x", "runs": ["y"]}],
            "fig3.panels: no run 'y'",
        ),
        (["gains", "alstm_fig5", "baseline"], "lstm", "gains.alstm_fig5.baseline: no run 'lstm'"),
    ],
)
def test_a_mistake_in_a_figure_of_moments_is_one_line(
    shipped: dict[str, Any], path: list[str], value: Any, message: str
) -> None:
    config = copy.deepcopy(shipped)
    section, name, key = path
    config[section][name][key] = value
    with pytest.raises(ValueError, match=message):
        _check(config)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            ["inputs", "heatmaps"],
            "hourglas",
            "inputs.heatmaps: no recipe of heatmaps 'hourglas'; there are hourglass_whole",
        ),
        (["optimizer"], "adam", "paper.smoothing: found 0.95, which has no use here"),
        (["grad_clamp"], 0, "paper.grad_clamp: 0 is less than or equal to the minimum of 0"),
        (["keep"], "first", "paper.keep: 'first' is not one of"),
        (["precision"], "bf16", "paper.precision: 'bf16' is not one of"),
        (["loss"], "cross_entropy", "paper.loss: 'cross_entropy' is not one of"),
        (["iterations"], 0, "paper.iterations: 0 is less than the minimum of 1"),
    ],
)
def test_a_mistake_in_a_run_on_poses_of_images_is_one_line(
    shipped: dict[str, Any], path: list[str], value: Any, message: str
) -> None:
    config = copy.deepcopy(shipped)
    entry = config["runs"]["pose_lstm_init_small"]["paper"] = copy.deepcopy(
        config["runs"]["pose_lstm_init_small"]["paper"]
    )
    for key in path[:-1]:
        entry = entry[key]
    entry[path[-1]] = value
    with pytest.raises(ValueError, match=message) as error:
        _check(config)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("section", "name", "key", "value", "message"),
    [
        (
            "pose_maps",
            "pose_lstm_fig1",
            "heatmaps",
            "x",
            "pose_maps.pose_lstm_fig1.heatmaps: no recipe of heatmaps 'x'",
        ),
        ("pose_maps", "pose_lstm_fig1", "actions", [], "pose_maps.pose_lstm_fig1.actions: \\[\\] should be non-empty"),
        ("cells", "pose_lstm_fig5", "run", "x", "cells.pose_lstm_fig5.run: no run 'x'"),
        ("cells", "pose_lstm_fig5", "cells", [0], "cells.pose_lstm_fig5.cells.0: 0 is less than the minimum of 1"),
    ],
)
def test_a_mistake_in_a_picture_of_poses_is_one_line(
    shipped: dict[str, Any], section: str, name: str, key: str, value: Any, message: str
) -> None:
    config = copy.deepcopy(shipped)
    config[section][name][key] = value
    with pytest.raises(ValueError, match=message):
        _check(config)


def test_protocols_are_those_of_columns_or_of_rows(shipped: dict[str, Any]) -> None:
    config = copy.deepcopy(shipped)
    config["tables"]["stanford40_table1"]["columns"]["val_acc"]["protocols"] = ["complete_official"]
    with pytest.raises(ValueError, match="stanford40_table1.columns.val_acc.protocols: found .* no use here"):
        _check(config)
    config = copy.deepcopy(shipped)
    del config["tables"]["stanford40_table1"]["rows"][2]["protocols"]
    with pytest.raises(ValueError, match="tables.stanford40_table1"):
        _check(config)
