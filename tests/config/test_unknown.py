"""Sentences about names that do not exist."""

from poseattn.config.unknown import meant, no_such, word_of


def test_names_that_are_near_are_listed_and_others_counted() -> None:
    tables = ["ntu_table1", "ntu_table2", "films", "people"]
    assert (
        no_such("table", "ntu_table4", tables) == "no table 'ntu_table4'; there are ntu_table1, ntu_table2 and 2 more"
    )


def test_the_first_names_are_listed_where_none_is_near() -> None:
    names = [f"run{number}" for number in range(10)]
    said = no_such("run", "xyz", reversed(names), " of films")
    assert said == "no run 'xyz' of films; there are run0, run1, run2, run3, run4, run5, run6, run7 and 2 more"


def test_no_names_at_all() -> None:
    assert no_such("run", "x", []) == "no run 'x'; there is none"


def test_what_is_no_text_is_written_as_it_is() -> None:
    assert no_such("budget", 3, ["small"]) == "no budget 3; there are small"


def test_what_was_meant() -> None:
    assert meant(["shrads"], ["root", "shards"]) == " (did you mean shards?)" and meant(["x"], ["root"]) == ""


def test_the_word_for_an_entry() -> None:
    assert [word_of(section) for section in ("raw", "runs", "cubes")] == ["data set", "run", "recipe of cubes"]
