"""Tool explain: values as they would be used, each with the line where a person wrote it."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from poseattn.__main__ import main
from poseattn.config import load as loading
from poseattn.config.placed import plain
from poseattn.plan.inventory import Inventory
from poseattn.plan.plan import Plan
from poseattn.tools import explain as explain_tool
from tests import papers


@pytest.fixture(autouse=True)
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(papers.ROOT)
    monkeypatch.setattr(loading, "read_shipped", lambda workflow: papers.files())


def _explain(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[dict[str, Any], list[str]]:
    """What YAML reads of the output, and its lines."""
    assert main(["explain", *words]) == 0
    text = capsys.readouterr().out
    return yaml.safe_load(text), text.splitlines()


def _refused(capsys: pytest.CaptureFixture[str], *words: str, code: int = 1) -> str:
    assert main(["explain", *words]) == code
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("poseattn explain: error: ") and said.err.count("\n") == 1
    return said.err.removeprefix("poseattn explain: error: ").strip()


def _line(file: str, text: str) -> str:
    """File and line of a text that is there once."""
    (number,) = [n for n, line in enumerate((papers.FOLDER / file).read_text().split("\n"), 1) if line.strip() == text]
    return f"# workflow/papers/{file}:{number}"


def test_a_run_on_its_stand_in(capsys: pytest.CaptureFixture[str]) -> None:
    found, lines = _explain(capsys, "run", "rpan_t_max_penn_action")
    expected = plain(papers.shipped().value["runs"].value["rpan_t_max_penn_action"])
    settings = {key: plain(papers.shipped().value[key]) for key in ("seeds", "device")}
    assert found == {"runs.rpan_t_max_penn_action.standin": expected["standin"]} | settings
    assert lines[0] == "# paper: not used for penn_action"
    assert re.fullmatch(r"# standin: used for penn_action \(root: synthetic, config.yaml:\d+\)", lines[1])
    assert lines[2] == "# official: cubes penn_action_flow_official"
    assert [line.split(":")[0] for line in lines[4:6]] == ["  model", "  dataset"]
    assert all(re.search(rf"^{key}: .*  # config.yaml:\d+$", "\n".join(lines), re.M) for key in settings)
    assert lines[-1] == "# stand-ins run on the CPU, whatever `device` says"
    place = {line.split(":")[0].strip(): line[line.index("# ") :] for line in lines[4:-1] if "# " in line}
    file = "rpan/runs.yaml"
    assert place["epochs"] == _line(file, "epochs: 60")  # of the budget
    assert place["hidden"] == place["attention_size"] == _line(file, "arguments: {hidden: 64, attention_size: 32}")
    assert place["momentum"] == _line(file, "momentum: 0.9")  # behind an alias
    own = "paper: {<<: [*guided, *penn_action, *training], arguments: {<<: *penn_action_model, pooling: max}}"
    assert place["pooling"] == _line(file, own)


def test_a_run_on_real_data(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("datasets:\n  ntu: {root: /data/ntu}\nruns:\n  deep_gru:\n    paper:\n      epochs: 7\n")
    found, lines = _explain(capsys, "run", "deep_gru", "--configfile", str(mine))
    paper = plain(papers.shipped().value["runs"].value["deep_gru"].value["paper"])
    assert found["runs.deep_gru.paper"] == paper | {"epochs": 7}
    assert lines[0] == f"# paper: used for ntu (root: /data/ntu, {mine}:2)"
    assert "# standin: not used for ntu" in lines
    assert [line for line in lines if "epochs: 7 " in line][0].endswith(f"# {mine}:6")


def test_a_recipe(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found, lines = _explain(capsys, "recipe", "cubes", "googlenet")
    recipe = plain(papers.shipped().value["cubes"].value["googlenet"])
    assert found == {"cubes.googlenet.standin": recipe["standin"]}
    assert lines[0] == "# paper: the block for data sets with a real root or weights: pretrained (there is none)"
    assert lines[1].startswith("# standin: the block for data sets with root: synthetic or weights: standin (ntu, ")
    (tmp_path / "mine.yaml").write_text("datasets: {ucf11: {root: /data}}\n")
    found, lines = _explain(capsys, "recipe", "cubes", "googlenet", "--configfile", str(tmp_path / "mine.yaml"))
    assert found == {f"cubes.googlenet.{block}": recipe[block] for block in ("paper", "standin")}
    assert lines[0] == "# paper: the block for data sets with a real root or weights: pretrained (ucf11)"


def test_weights_pick_the_block_of_a_network(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("datasets: {ucf11: {weights: pretrained}}\n")
    for kind, name, users in (("cubes", "googlenet", "ucf11"), ("frames", "squashed", "there is none")):
        _, lines = _explain(capsys, "recipe", kind, name, "--configfile", str(tmp_path / "mine.yaml"))
        assert lines[0].startswith("# paper: ") and lines[0].endswith(f" ({users})")


def test_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    found, lines = _explain(capsys, "rpan_table4")
    assert found == {"tables.rpan_table4": plain(papers.shipped().value["tables"].value["rpan_table4"])}
    assert [line.split(" (")[0] for line in lines[:2]] == [
        "# standin: used for penn_action",
        "# standin: used for sub_jhmdb",
    ]
    (value,) = [line for line in lines if "penn_action_acc: 93.8" in line]
    assert value.endswith("# workflow/papers/rpan/rpan_table4.csv:4, column penn_action_acc")
    (runs,) = [line for line in lines if "[tsn_s_penn_action, tsn_t_penn_action]" in line]
    assert runs.endswith("# workflow/papers/rpan/rpan_table4.csv:4, column runs")


def test_a_data_set(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found, lines = _explain(capsys, "dataset", "ucf11")
    config = papers.shipped().value
    expected = {f"{kind}.ucf11": plain(config[kind].value["ucf11"]) for kind in ("datasets", "raw", "synthetic")}
    assert found == expected and lines[0] == "# standin: the block of each recipe and run that is used for it"
    assert lines[1] == "# weights: standin, shards: 2, max_excluded: 0.01"
    mine = tmp_path / "mine.yaml"
    mine.write_text("datasets: {own: {layout: csv, root: /data, manifest: clips.csv}}\n")
    found, lines = _explain(capsys, "dataset", "own", "--configfile", str(mine))
    assert found == {"datasets.own": {"layout": "csv", "root": "/data", "manifest": "clips.csv"}}
    assert lines[1].startswith("# weights: pretrained, shards: ")
    assert all(line.endswith(f"# {mine}:1") for line in lines[3:])


def test_a_recipe_that_nothing_uses(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A network that stands in for a published one, where every data set is real."""
    mine = tmp_path / "mine.yaml"
    names = plain(papers.shipped().value["datasets"])
    mine.write_text(yaml.safe_dump({"datasets": {name: {"root": "/data"} for name in names}}))
    found, lines = _explain(capsys, "recipe", "pretrain", "held_objects", "--configfile", str(mine))
    assert found is None and lines == ["# standin: the block for data sets with root: synthetic (there is none)"]


@pytest.mark.parametrize(
    ("words", "begins", "ends"),
    [
        (["ntu_table4"], "no table or figure 'ntu_table4'; there are ntu_table1, ntu_table2, ntu_table3, ", " more"),
        (["deep_gru"], "no table or figure 'deep_gru'; there are ", "; try `poseattn explain run deep_gru`"),
        (["run", "deep_gur"], "no run 'deep_gur'; there are deep_gru and ", " more"),
        (["recipe", "cube", "googlenet"], "no kind of recipe 'cube'; there are cubes", " and 9 more"),
        (["recipe", "cubes", "googelnet"], "no recipe of cubes 'googelnet'; there are googlenet and ", " more"),
        (
            ["recipe", "cubes", "hands"],
            "no recipe of cubes 'hands'; ",
            "; try `poseattn explain recipe glimpses hands`",
        ),
        (["dataset", "ucf12"], "no data set 'ucf12'; there are ucf11 and ", " more"),
        (["recipe", "cube"], "no kind of recipe 'cube'; there are cubes", " and 9 more"),
        (["ntu"], "no table or figure 'ntu'; ", "; try `poseattn explain dataset ntu`"),
        (["tsn_s_penn_action"], "no table or figure ", "; try `poseattn explain run tsn_s_penn_action`"),
    ],
)
def test_unknown_names_are_answered_by_what_is_near(
    capsys: pytest.CaptureFixture[str], words: list[str], begins: str, ends: str
) -> None:
    said = _refused(capsys, *words)
    assert said.startswith(begins) and said.endswith(ends)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run"], "`explain run` lacks a name; there are alstm_"),
        (["recipe", "frames"], "`explain recipe frames` lacks a name; there are "),
        (["recipe"], "`explain recipe` lacks a kind and a name; there are cubes, "),
        (["dataset"], "`explain dataset` lacks a name; there are activitynet, "),
    ],
)
def test_a_missing_name(capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert _refused(capsys, *words, code=2).startswith(said)


def test_every_name_of_list_can_be_explained() -> None:
    """Names as `list` prints them."""
    items = Inventory(Plan(plain(papers.shipped())))
    names = [["dataset", item.name] for item in items.datasets()] + [["run", item.name] for item in items.runs()]
    names += [[item.name] for item in (*items.tables(), *items.figures())]
    assert len(names) > 100
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(explain_tool, "_load", lambda given: papers.shipped())
        assert all(len(list(explain_tool.explain(words, []))) > 2 for words in names)


def test_a_scoring_of_snippets(capsys: pytest.CaptureFixture[str]) -> None:
    found, lines = _explain(capsys, "run", "tsn_t_sub_jhmdb")
    assert list(found) == ["snippet_scores.tsn_t_sub_jhmdb.standin", "seeds", "device"]
    assert "# split2: network sub_jhmdb_flow_split2" in lines
    assert "# snippets are scored once: the seed is 0, whatever `seeds` says" in lines


def test_a_figure(capsys: pytest.CaptureFixture[str]) -> None:
    (name,) = plain(papers.shipped())["confusions"]
    found, lines = _explain(capsys, name)
    assert found == {f"confusions.{name}": plain(papers.shipped())["confusions"][name]}
    assert lines[0].startswith("# standin: used for ")


def test_one_long_value_moves_no_place(capsys: pytest.CaptureFixture[str]) -> None:
    _, lines = _explain(capsys, "run", "tsn_t_sub_jhmdb")
    places = [line.index("  # ") for line in lines if "  # " in line]
    assert min(places) == 48 < max(places)


def test_usage_has_the_four_forms(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["explain"])
    forms = "TABLE or FIGURE | run NAME | recipe KIND NAME | dataset NAME"
    assert f"usage: poseattn explain {forms}" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["run", "a", "b"], ["figure", "x"]])
def test_other_words_are_refused(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    expected = f"found {' '.join(words)!r}, expected TABLE or FIGURE, run NAME, recipe KIND NAME or dataset NAME"
    assert _refused(capsys, *words, code=2) == expected


def test_a_wrong_configuration_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("seeds: [0]\nruns: {deep_gru: {paper: {epochs: x}}}\n")
    said = _refused(capsys, "ntu_table1", "--configfile", str(mine))
    assert said.startswith(f"{mine}:2: runs.deep_gru.paper.epochs: 'x' is not of type 'integer'")


def test_it_runs_no_code_and_needs_neither_snakemake_nor_torch(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("__use_yte__: true\n__definitions__:\n  - open('RAN', 'w').close()\n")
    code = "import sys; from poseattn.tools import explain; explain.run(names=['ntu_table1']); "
    code += "print(sorted({name.partition('.')[0] for name in sys.modules} & {'snakemake', 'torch', 'yte'}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=papers.ROOT)
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "[]", done.stderr
    command = [sys.executable, "-m", "poseattn", "explain", "ntu_table1", "--configfile", str(tmp_path / "mine.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=papers.ROOT)
    assert done.returncode == 1 and "asks Snakemake to run code (it was not run): remove it" in done.stderr
    assert not (papers.ROOT / "RAN").exists()
