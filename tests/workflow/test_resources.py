"""What every rule asks for: memory, time and, where it computes on one, a GPU."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from snakemake.api import SnakemakeApi
from snakemake.settings.types import OutputSettings, Quietness, ResourceSettings

from tests.pipeline import ROOT

# A training saves its progress and goes on, so that its limit of time stays.
RESUMES = {"train", "finetune_backbone"}
STANDIN, REAL = "penn_action_synthetic", "penn_action"


@pytest.fixture(scope="module")
def rules() -> Iterator[dict[str, Any]]:
    """Rules whose jobs a cluster runs, for the stand-in of every data set and for a real Penn Action."""
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        workflow = api.workflow(ResourceSettings(cores=1), snakefile=ROOT / "Snakefile", workdir=ROOT)._workflow
        yield {rule.name: rule for rule in workflow.rules if rule.name not in {"all", *workflow._localrules}}


def asked(rule: Any, name: str, attempt: int = 1, dataset: str = STANDIN) -> int:
    """A resource of a job; the flow of Penn Action is the one that no network computes."""
    wildcards = SimpleNamespace(dataset=dataset, recipe="penn_action_flow", figure="rpan_fig5")
    assert name in rule.resources, f"rule {rule.name} does not say {name}"
    return rule.resources[name].evaluate(wildcards, attempt=attempt).value


def test_every_rule_says_its_memory_and_gets_more_in_the_next_attempt(rules: dict[str, Any]) -> None:
    assert len(rules) == 19
    for rule in rules.values():
        for dataset in (STANDIN, REAL):
            first, second = (asked(rule, "mem_mb", attempt, dataset) for attempt in (1, 2))
            # Two processes of Snakemake stand beside the stage in a job of Slurm.
            assert 1500 <= first <= 24000, rule.name
            assert second == 2 * first, rule.name


def test_every_rule_says_its_time_and_gets_more_unless_it_goes_on(rules: dict[str, Any]) -> None:
    assert rules.keys() > RESUMES
    for name, rule in rules.items():
        first, third = (asked(rule, "runtime", attempt) for attempt in (1, 3))
        assert 10 <= first <= 1440, name
        assert third == (first if name in RESUMES else min(3 * first, 2880)), name


def test_every_rule_on_a_device_asks_for_one_gpu_with_real_data(rules: dict[str, Any]) -> None:
    on_device = {name for name, rule in rules.items() if "{params.device}" in rule.shellcmd}
    assert len(on_device) == 11
    assert {name for name, rule in rules.items() if "gpu" in rule.resources} == on_device
    for name in on_device:
        assert asked(rules[name], "gpu") == 0, name
        assert asked(rules[name], "gpu", dataset=REAL) == (name != "compute_flow"), name


@pytest.mark.parametrize("name", ["slurm", "cluster-generic"])
def test_profiles_of_clusters_have_room_for_every_rule(name: str, rules: dict[str, Any]) -> None:
    profile = yaml.safe_load((ROOT / f"profiles/{name}/config.yaml").read_text())
    assert profile["groups"].keys() <= rules.keys()
    assert profile["group-components"].keys() == set(profile["groups"].values())
    assert profile["cores"] == max(asked(rule, "_cores", dataset=REAL) for rule in rules.values())


def test_partitions_take_every_attempt_of_every_rule(rules: dict[str, Any]) -> None:
    partitions = yaml.safe_load((ROOT / "profiles/slurm/partitions.yaml").read_text())["partitions"]
    days = {name: int(limits["max_runtime"].removesuffix("d")) for name, limits in partitions.items()}
    attempts = yaml.safe_load((ROOT / "profiles/slurm/config.yaml").read_text())["retries"] + 1
    for rule in rules.values():
        partition = "gpu" if "gpu" in rule.resources else "cpu"  # flow by RAFT as well
        for attempt in range(1, attempts + 1):
            assert asked(rule, "runtime", attempt, REAL) <= days[partition] * 24 * 60, rule.name
