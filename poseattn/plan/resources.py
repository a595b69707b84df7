"""What jobs ask for: GPUs, threads, memory and time."""

from collections.abc import Callable
from typing import Any

from poseattn.plan.datasets import is_standin
from poseattn.plan.recipes import Recipes

# Function of the wildcards and of the number of the attempt: a job that a cluster ended because it was out of memory or
# time runs again (`retries` of the profile).
OfAttempt = Callable[[Any, int], int]

LONGEST = 2880  # minutes of the GPU partition in profiles/slurm/partitions.yaml


class Resources:
    """Resources of jobs by the kind of their data set.

    Args:
        device: `device` of config.yaml; stand-ins always run on the CPU.
    """

    def __init__(self, device: str) -> None:
        self._device = device

    def gpus(self, dataset: str) -> int:
        """Number of GPUs of a job."""
        return 0 if self.device(dataset) == "cpu" else 1

    def device(self, dataset: str) -> str:
        """Device of a job: `auto`, `cuda` or `cpu`."""
        return "cpu" if is_standin(dataset) else self._device

    def threads(self, dataset: str) -> int:
        """Threads of a job: a recorded parameter, which `--cores` does not move, because floats depend on it."""
        return 1 if is_standin(dataset) else 4


class FlowResources:
    """Resources of flow: a GPU and threads only where a network computes it.

    Args:
        resources: Resources of jobs with a network.
        recipes: The recipes.
    """

    def __init__(self, resources: Resources, recipes: Recipes) -> None:
        self._resources = resources
        self._recipes = recipes

    def gpus(self, recipe: str, dataset: str) -> int:
        """Number of GPUs of a job."""
        return self._resources.gpus(dataset) if self._recipes.flow_is_learnt(recipe, dataset) else 0

    def device(self, recipe: str, dataset: str) -> str:
        """Device of a job."""
        return self._resources.device(dataset) if self._recipes.flow_is_learnt(recipe, dataset) else "cpu"

    def threads(self, recipe: str, dataset: str) -> int:
        """Threads of a job."""
        return self._resources.threads(dataset) if self._recipes.flow_is_learnt(recipe, dataset) else 1


def growing(amount: int) -> OfAttempt:
    """MiB of a job: twice as many in the second attempt, three times in the third."""
    return lambda wildcards, attempt: attempt * amount


def memory(standin: int, real: int) -> OfAttempt:
    """MiB of a job by the kind of its data set; more in later attempts."""
    return lambda wildcards, attempt: attempt * (standin if is_standin(wildcards.dataset) else real)


def longer(minutes: int) -> OfAttempt:
    """Minutes of a job: more in later attempts, but never more than partitions have."""
    return lambda wildcards, attempt: min(attempt * minutes, LONGEST)
