"""Tables and settings of `workflow/papers/alstm/` against what is printed in the paper, typed from its pages."""

from typing import Any

import pytest

from tests import papers

# Label, method, group, accuracy and mAP (of Hollywood2 mAP alone), and the streams that are averaged.
TABLES = {
    "activitynet_table1": """
C3D (fc8)           | c3d_fc8       | cnn  | 40.9 40.0 | c3d_fc8
LSTM-C3D (fc6)      | lstm_c3d_fc6  | lstm | 40.3 40.6 | lstm_c3d_fc6
aLSTM-C3D (fc8)     | alstm_c3d_fc8 | lstm | 42.7 42.5 | alstm_c3d_fc8
aLSTM-VGG_obj (fc6) | alstm_obj_fc6 | lstm | 45.7 46.2 | alstm_obj_fc6
aLSTM-VGG_obj (fc8) | alstm_obj_fc8 | lstm | 47.4 48.0 | alstm_obj_fc8
aLSTM-VGG_sce (fc6) | alstm_sce_fc6 | lstm | 44.0 43.9 | alstm_sce_fc6
aLSTM-VGG_sce (fc8) | alstm_sce_fc8 | lstm | 45.3 44.9 | alstm_sce_fc8
aLSTM-VGG_act (fc6) | alstm_act_fc6 | lstm | 47.0 47.3 | alstm_act_fc6
aLSTM-VGG_act (fc8) | alstm_act_fc8 | lstm | 48.1 48.6 | alstm_act_fc8
""",
    "activitynet_table2": """
CNN-C3D (fc8)               | c3d_fc8               | cnn      | 40.9 40.0 | c3d_fc8
SVM-DF [4] (fc8)            | svm_df                | cnn      | - 38.1    |
SVM_MF+DF [4]               | svm_mf_df             | combined | - 49.5    |
SVM_MF+SF [4]               | svm_mf_sf             | combined | - 48.9    |
SVM_MF+DF+SF [4]            | svm_mf_df_sf          | combined | - 50.5    |
aLSTM-VGG_act+obj (fc6)     | alstm_act_obj_fc6     | combined | 50.0 51.0 | act_fc6 obj_fc6
aLSTM-VGG_act+obj (fc8)     | alstm_act_obj_fc8     | combined | 50.7 51.4 | act_fc8 obj_fc8
aLSTM-VGG_act+sce (fc6)     | alstm_act_sce_fc6     | combined | 50.4 50.7 | act_fc6 sce_fc6
aLSTM-VGG_act+sce (fc8)     | alstm_act_sce_fc8     | combined | 50.7 51.2 | act_fc8 sce_fc8
aLSTM-VGG_act+obj+sce (fc6) | alstm_act_obj_sce_fc6 | combined | 51.4 52.4 | act_fc6 obj_fc6 sce_fc6
aLSTM-VGG_act+obj+sce (fc8) | alstm_act_obj_sce_fc8 | combined | 51.5 52.8 | act_fc8 obj_fc8 sce_fc8
aLSTM-VGG_act+obj+sce (all) | alstm_act_obj_sce_all | combined | 52.8 54.2 | act_* obj_* sce_*
""",
    "activitynet_table3": """
LSTM-VGG_obj (fc6)  | lstm_obj_fc6  | lstm | 42.2 47.6 | lstm_obj_fc6
aLSTM-VGG_obj (fc6) | alstm_obj_fc6 | lstm | 45.6 51.2 | alstm_obj_fc6
LSTM-VGG_sce (fc6)  | lstm_sce_fc6  | lstm | 39.0 44.4 | lstm_sce_fc6
aLSTM-VGG_sce (fc6) | alstm_sce_fc6 | lstm | 44.0 49.5 | alstm_sce_fc6
LSTM-VGG_act (fc6)  | lstm_act_fc6  | lstm | 45.9 51.1 | lstm_act_fc6
aLSTM-VGG_act (fc6) | alstm_act_fc6 | lstm | 47.0 52.4 | alstm_act_fc6
""",
    "hollywood2_table4": """
C3D (fc8)              | c3d_fc8            | cnn  | 41.4 | c3d_fc8
LSTM-C3D (fc6)         | lstm_c3d_fc6       | lstm | 39.9 | lstm_c3d_fc6
aLSTM-C3D (fc8)        | alstm_c3d_fc8      | lstm | 44.4 | alstm_c3d_fc8
aLSTM-VGG_obj (fc6)    | alstm_obj_fc6      | lstm | 43.6 | alstm_obj_fc6
aLSTM-VGG_obj (fc8)    | alstm_obj_fc8      | lstm | 46.3 | alstm_obj_fc8
aLSTM-VGG_obj (fc8)(b) | alstm_obj_fc8_last | lstm | 44.1 | alstm_obj_fc8_last
aLSTM-VGG_sce (fc6)    | alstm_sce_fc6      | lstm | 43.6 | alstm_sce_fc6
aLSTM-VGG_sce (fc8)    | alstm_sce_fc8      | lstm | 41.6 | alstm_sce_fc8
aLSTM-VGG_act (fc6)    | alstm_act_fc6      | lstm | 44.8 | alstm_act_fc6
aLSTM-VGG_act (fc8)    | alstm_act_fc8      | lstm | 45.3 | alstm_act_fc8
""",
    "hollywood2_table5": """
CNN-C3D (fc8)               | c3d_fc8               | cnn                 | 41.4 | c3d_fc8
Soft attention model [32]   | soft_attention        | rgb_or_hand_crafted | 43.9 |
DL-SFA[38] [4]              | dl_sfa                | rgb_or_hand_crafted | 48.1 |
aLSTM-VGG_act+obj (fc6)     | alstm_act_obj_fc6     | rgb_or_hand_crafted | 46.2 | act_fc6 obj_fc6
aLSTM-VGG_act+obj (fc8)     | alstm_act_obj_fc8     | rgb_or_hand_crafted | 48.5 | act_fc8 obj_fc8
aLSTM-VGG_act+obj (all)     | alstm_act_obj_all     | rgb_or_hand_crafted | 48.7 | act_* obj_*
aLSTM-VGG_act+sce (fc6)     | alstm_act_sce_fc6     | rgb_or_hand_crafted | 46.1 | act_fc6 sce_fc6
aLSTM-VGG_act+sce (fc8)     | alstm_act_sce_fc8     | rgb_or_hand_crafted | 45.2 | act_fc8 sce_fc8
aLSTM-VGG_act+obj+sce (fc6) | alstm_act_obj_sce_fc6 | rgb_or_hand_crafted | 46.6 | act_fc6 obj_fc6 sce_fc6
aLSTM-VGG_act+obj+sce (fc8) | alstm_act_obj_sce_fc8 | rgb_or_hand_crafted | 47.9 | act_fc8 obj_fc8 sce_fc8
aLSTM-VGG_act+obj+sce (all) | alstm_act_obj_sce_all | rgb_or_hand_crafted | 48.1 | act_* obj_* sce_*
Multi-skIp Feature [19]     | multi_skip_feature    | hand_crafted        | 68   |
VideoDarwin [7]             | video_darwin          | hand_crafted        | 73.7 |
""",
}
# Method -> input and attended features (Sec. 4); Hollywood2 has no row of the LSTMs on frame features.
FEATURES = {"c3d_fc8": ("c3d_fc8", ""), "lstm_c3d_fc6": ("c3d_fc6", ""), "alstm_c3d_fc8": ("c3d_fc6", "c3d_fc8")}
FEATURES |= {
    f"alstm_{network}_{layer}": ("c3d_fc6", f"{network}_{layer}")
    for network in ("obj", "sce", "act")
    for layer in ("fc6", "fc8")
}
FEATURES |= {"alstm_obj_fc8_t24": ("c3d_fc6", "obj_fc8_s8"), "alstm_obj_fc8_last": ("c3d_fc6", "obj_fc8")}
OF_FRAMES = {f"lstm_{network}_fc6": (f"{network}_fc6", "") for network in ("obj", "sce", "act")}


@pytest.fixture(scope="module")
def paper() -> dict[str, Any]:
    return papers.paper("alstm")


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_those_of_the_paper(paper: dict[str, Any], name: str) -> None:
    table, dataset = paper["tables"][name], name.split("_")[0]
    lines = [[part.strip() for part in line.split("|")] for line in TABLES[name].strip().splitlines()]
    columns = ("acc", "map") if dataset == "activitynet" else ("map",)
    assert tuple(table["columns"]) == columns and table["row_columns"] == ["model_group"]
    assert {column["dataset"] for column in table["columns"].values()} == {dataset}
    assert table["extra_columns"]["map_micro"]["metric"] == "micro_average_precision"
    assert [row["label"] for row in table["rows"]] == [line[0] for line in lines]
    suffix = "" if dataset == "activitynet" else "_hollywood2"
    for row, (label, method, group, values, streams) in zip(table["rows"], lines, strict=True):
        published = {column: float(text) for column, text in zip(columns, values.split(), strict=True) if text != "-"}
        names = [one.replace("*", layer) for one in streams.split() for layer in ("fc6", "fc8")[: 1 + ("*" in one)]]
        runs = [(f"alstm_{one}" if len(names) > 1 else one) + suffix for one in names]
        assert (row["method_id"], row["conditions"]["model_group"]) == (method, group), label
        assert row["published"] == published and row["own_method"] == bool(runs), label
        assert sorted(row.get("runs", [])) == sorted(runs) and len(set(runs)) == len(runs), label
        assert row.get("fuse") == ("sum_logits" if len(runs) > 1 else None) and "stream_weights" not in row, label


def test_runs_read_the_features_of_the_paper(paper: dict[str, Any]) -> None:
    expected = FEATURES | OF_FRAMES | {f"{name}_hollywood2": features for name, features in FEATURES.items()}
    assert paper["runs"].keys() == expected.keys()
    for name, (pieces, attended) in expected.items():
        suffix = "_hollywood2" if name.endswith("_hollywood2") else ""
        # the head of the baseline is that of the data set itself
        pieces = "c3d_fc8_tuned" if name == "c3d_fc8_hollywood2" else pieces
        inputs = {"pieces": pieces + suffix} | ({"attended": attended + suffix} if attended else {})
        for block in paper["runs"][name].values():
            assert block["inputs"] == inputs, name


def test_hyper_parameters_of_section_4(paper: dict[str, Any]) -> None:
    for name, entry in paper["runs"].items():
        run = entry["paper"]
        assert (run["frames"], run["chunk"], run["sampling"], run["test_draws"]) == (12, 192, "chunks", 40), name
        assert run["mirror"] and run["test_mirror"] and run["average"] == "probabilities", name
        assert run["loss_steps"] == "mean" and run["weight_decay"] == 0, name
        assert run["readout"] == ("last" if "_last" in name else "mean"), name
        assert run["model"] == {"a": "alstm", "l": "vanilla_lstm", "c": "piece_average"}[name[0]], name
        if run["model"] == "piece_average":
            assert run["epochs"] == 0 and run["arguments"] == {}, name
            continue
        assert (run["arguments"]["hidden"], run["arguments"]["dropout"]) == (512, 0.5), name
        if run["model"] == "alstm":
            attend = "last" if "_last" in name else "every"
            assert (run["arguments"]["match_size"], run["arguments"]["attend"]) == (512, attend), name


def test_optimisation_of_both_data_sets(paper: dict[str, Any]) -> None:
    """ActivityNet: 2,512 iterations of 200 are 20 passes over 25,124 clips. Hollywood2: 9 steps of 100 a pass."""
    assert round(2512 / (25124 / 200)) == 20
    steps = 9
    for name, entry in paper["runs"].items():
        run = entry["paper"]
        assert run["dataset"] == ("hollywood2" if name.endswith("_hollywood2") else "activitynet")
        if run["model"] == "piece_average":
            continue
        found = (run["optimizer"], run["momentum"], run["batch"], run["learning_rate"], run["loss"])
        if run["dataset"] == "activitynet":
            assert found == ("sgd", 0.9, 200, 0.01, "softmax"), name
            assert run["lr_decay"] == {"after": 20, "every": 1, "ratio": 0.9}, name
            assert (run["stop_by"], run["patience"], round(run["validation"] * 25124)) == ("loss", 10, 2500), name
            assert "start" not in run
            continue
        assert found == ("sgd", 0.6, 100, 0.001, "sigmoid"), name
        assert [round(n / steps) for n in (1000, 100, 2500)] == [111, 11, 278]
        assert run["lr_decay"] == {"after": 111, "every": 11, "ratio": 0.9} and run["epochs"] == 278, name
        first = name.removesuffix("_hollywood2")
        assert run["start"] == {"dataset": "activitynet", "run": first, "protocol": "official"}, name
        other = paper["runs"][first]["paper"]
        assert run["validation"] == 0 and run["arguments"] == other["arguments"], name
        assert run["inputs"] == {role: f"{recipe}_hollywood2" for role, recipe in other["inputs"].items()}, name


def test_variants_of_the_text(paper: dict[str, Any]) -> None:
    rows = {row["method_id"]: row for row in paper["tables"]["alstm_variants"]["rows"]}
    assert rows["alstm_obj_fc8_last"]["published"] == {"hollywood2_map": 44.1}
    assert rows["alstm_obj_fc8"]["published"] == {
        "activitynet_acc": 47.4,
        "activitynet_map": 48.0,
        "hollywood2_map": 46.3,
    }
    assert rows["alstm_obj_fc8_t24"]["published"] == {}
