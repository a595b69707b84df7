import numpy as np
import pytest

from poseattn.tables.scores import ScoreIndex, Scores, fuse, why_nothing


def scores(run: str, logits: dict[str, list[float]], labels: dict[str, int], n_excluded: int = 0, **attrs) -> Scores:
    attrs = {
        "run": run,
        "protocol": "cross_view",
        "split": "test",
        "seed": 0,
        "n_excluded": n_excluded,
        "note": "",
        "units": "logits",
        **attrs,
    }
    rows = np.array(list(logits.values()) or np.zeros((0, 2)), np.float32)
    return Scores(
        list(logits), rows, np.eye(max(2, rows.shape[1]), dtype=np.uint8)[[labels[clip] for clip in logits]], attrs
    )


LABELS = {"a": 0, "b": 1, "c": 0, "d": 1, "e": 0, "f": 1}
POSE = {"a": [1.0, 0.0], "b": [0.0, 1.0], "c": [0.0, 2.0], "d": [9.0, 0.0], "e": [1.0, 0.0]}
RGB = {"c": [3.0, 0.0], "b": [0.5, 0.0], "a": [0.0, 4.0]}


def test_streams_are_added_over_the_clips_of_both() -> None:
    fused = fuse([scores("pose", POSE, LABELS, 1), scores("rgb", RGB, LABELS, 3)])
    assert fused.values.tolist() == [[1.0, 4.0], [0.5, 1.0], [3.0, 2.0]]  # a, b, c: the order of files is no matter
    assert fused.label.tolist() == [[1, 0], [0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("rgb", "rgb_excluded", "n_test", "n_excluded"),
    [
        ("abc", 3, 3, 3),  # of the six clips f has no skeleton, d and e have no video either
        ("abcf", 2, 3, 3),  # f has a video only
        ("abcdef", 0, 5, 1),
        ("f", 5, 0, 6),
        ("", 6, 0, 6),
        ("abc", 0, 3, 3),  # a stream that did not count what it left out cannot hide it
    ],
)
def test_a_clip_that_streams_lack_is_excluded_once(rgb: str, rgb_excluded: int, n_test: int, n_excluded: int) -> None:
    rows = {clip: [0.0, 1.0] for clip in rgb}
    streams = [scores("pose", POSE, LABELS, 1), scores("rgb", rows, LABELS, rgb_excluded)]
    for fused in (fuse(streams), fuse(streams[::-1])):
        assert (len(fused.label), fused.n_excluded) == (n_test, n_excluded)


def test_streams_have_weights_of_their_own() -> None:
    """RPAN adds the spatial stream once and the temporal stream twice."""
    fused = fuse([scores("pose", POSE, LABELS), scores("rgb", RGB, LABELS)], [1, 2])
    assert fused.values.tolist() == [[1.0, 8.0], [1.0, 1.0], [6.0, 2.0]]
    same = fuse([scores("pose", POSE, LABELS), scores("pose", POSE, LABELS)], [1, 2])
    assert same.values.tolist() == [[3 * value for value in row] for row in POSE.values()]


def test_weights_and_units_that_do_not_fit_are_refused() -> None:
    pose = scores("pose", POSE, LABELS)
    with pytest.raises(ValueError, match="stream_weights: 3 weights for 2 streams"):
        fuse([pose, scores("rgb", RGB, LABELS)], [1, 2, 1])
    with pytest.raises(ValueError, match="streams pose, rgb have different units: logits, probabilities"):
        fuse([pose, scores("rgb", RGB, LABELS, units="probabilities")])


def test_one_stream_is_itself() -> None:
    fused = fuse([scores("pose", POSE, LABELS, 7)])
    assert fused.values.tolist() == list(POSE.values())
    assert fused.n_excluded == 7


def test_streams_of_other_classes_are_refused() -> None:
    wide = {clip: [0.0, 0.0, 1.0] for clip in "abc"}
    with pytest.raises(ValueError, match="runs pose and rgb have 2 and 3 classes"):
        fuse([scores("pose", POSE, LABELS), scores("rgb", wide, LABELS)])


def test_streams_that_disagree_on_a_class_are_refused() -> None:
    with pytest.raises(ValueError, match="runs pose and rgb disagree on the class of clip c"):
        fuse([scores("pose", POSE, LABELS), scores("rgb", RGB, LABELS | {"c": 1})])


def test_the_reason_for_nothing() -> None:
    pose, none = scores("pose", POSE, LABELS), scores("rgb", {}, LABELS)
    assert why_nothing([pose, none]) == "rgb scored no clip of cross_view"
    assert why_nothing([pose, scores("rgb", {}, LABELS, note="no video")]) == "no video"
    other = scores("rgb", {"f": [0.0, 1.0]}, LABELS)
    assert why_nothing([pose, other]) == "no clip of cross_view was scored by all of pose, rgb"


def test_scores_are_found_by_what_they_are_scores_of() -> None:
    given = [scores("pose", POSE, LABELS, seed=seed) for seed in (2, 0)] + [scores("rgb", RGB, LABELS, seed=1)]
    index = ScoreIndex(given)
    assert index.seeds(["pose"]) == [0, 2]
    assert index.seeds(["pose", "rgb"]) == [0, 1, 2]
    assert index.get("pose", "cross_view", "test", 2) is given[0]
    with pytest.raises(ValueError, match="no scores of run rgb, cross_view test, seed 0 among the 3 given"):
        index.get("rgb", "cross_view", "test", 0)
    with pytest.raises(ValueError, match="no scores of flow, depth among the 3 given"):
        index.seeds(["flow", "depth"])
    with pytest.raises(ValueError, match="scores of run pose, cross_view test, seed 0 are given twice"):
        ScoreIndex([*given, given[1]])
