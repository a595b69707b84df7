"""Functions of wildcards from methods of the plan."""

from types import SimpleNamespace

from poseattn.plan.ask import ask, ask_json
from poseattn.plan.resources import growing, longer, memory

from .toy import plan


def test_arguments_are_wildcards_or_fixed_or_have_a_default() -> None:
    def method(recipe: str, dataset: str, kind: str, evaluation: bool = False) -> list[object]:
        return [recipe, dataset, kind, evaluation]

    wildcards = SimpleNamespace(recipe="r", dataset="d", evaluation="a wildcard of that name", other="o")
    assert ask(method, kind="cubes")(wildcards) == ["r", "d", "cubes", False]
    assert ask(method, kind="cubes", evaluation=True)(wildcards) == ["r", "d", "cubes", True]


def test_recipes_are_one_line_with_sorted_keys() -> None:
    wildcards = SimpleNamespace(recipe="whole", dataset="films")
    assert ask_json(plan().recipes.block, kind="frames")(wildcards) == '{"size": 224, "store": "jpeg"}'


def test_later_attempts_get_more_memory_and_time() -> None:
    real, standin = SimpleNamespace(dataset="films"), SimpleNamespace(dataset="videos_synthetic")
    assert [growing(2000)(real, attempt) for attempt in (1, 3)] == [2000, 6000]
    assert [memory(2000, 8000)(one, 2) for one in (standin, real)] == [4000, 16000]
    assert [longer(1440)(real, attempt) for attempt in (1, 2, 3)] == [1440, 2880, 2880]


def test_stand_ins_run_on_one_thread_of_the_cpu() -> None:
    resources = plan().resources
    asked = {
        name: (resources.device(name), resources.gpus(name), resources.threads(name))
        for name in ("films", "films_synthetic")
    }
    assert asked == {"films": ("auto", 1, 4), "films_synthetic": ("cpu", 0, 1)}


def test_flow_needs_a_gpu_where_a_network_computes_it() -> None:
    flow = plan().flow
    assert [
        (flow.device(name, "films"), flow.gpus(name, "films"), flow.threads(name, "films")) for name in ("raft", "dis")
    ] == [
        ("auto", 1, 4),
        ("cpu", 0, 1),
    ]
