"""Body parts: the numbers of the data set cards, and refusal of anything but a partition."""

import numpy as np
import pytest

from poseattn.pose.parts import BODIES, Body, body_of, mirror

# Joint numbers of each part, and mirror pairs, as the cards of the data sets list them.
CARDS = {
    "sub_jhmdb": {"torso": range(7), "elbow": (7, 8), "wrist": (11, 12), "knee": (9, 10), "ankle": (13, 14)},
    "penn_action": {"torso": (0, 1, 2, 7, 8), "elbow": (3, 4), "wrist": (5, 6), "knee": (9, 10), "ankle": (11, 12)},
    "mpii": {
        "torso": (2, 3, 6, 7, 8, 9, 12, 13),
        "elbow": (11, 14),
        "wrist": (10, 15),
        "knee": (1, 4),
        "ankle": (0, 5),
    },
}
PAIRS = {
    "sub_jhmdb": {(3, 4), (5, 6), (7, 8), (9, 10), (11, 12), (13, 14)},
    "penn_action": {(1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12)},
    "mpii": {(0, 5), (1, 4), (2, 3), (10, 15), (11, 14), (12, 13)},
}
FIRST_OF_A_PAIR = {"sub_jhmdb": "right", "penn_action": "left", "mpii": "right"}


def test_the_cards_of_the_data_sets_are_here() -> None:
    assert BODIES.keys() == CARDS.keys()
    assert [len(BODIES[name].joints) for name in CARDS] == [15, 13, 16]


@pytest.mark.parametrize("name", CARDS)
def test_parts_are_those_of_the_card(name: str) -> None:
    body = body_of(name)
    for number, part in enumerate(body.parts):
        assert [joint for joint, own in enumerate(body.part_of) if own == number] == list(CARDS[name][part])
    assert body.parts.keys() == CARDS[name].keys()


@pytest.mark.parametrize("name", CARDS)
def test_mirror_pairs_are_those_of_the_card(name: str) -> None:
    body = body_of(name)
    assert {(j, image) for j, image in enumerate(body.mirrored) if j < image} == PAIRS[name]
    assert all(body.joints[j].startswith(FIRST_OF_A_PAIR[name]) for j, _ in PAIRS[name])
    assert [body.mirrored[image] for image in body.mirrored] == list(range(len(body.joints)))


@pytest.mark.parametrize("name", CARDS)
def test_mirroring_twice_is_the_identity(name: str) -> None:
    body = body_of(name)
    position = np.random.default_rng(0).uniform(0, 200, size=(2, 4, len(body.joints), 2))
    once = mirror(position, body, 320)
    assert not np.allclose(once, position)
    np.testing.assert_allclose(mirror(once, body, 320), position)


def test_mirroring_by_hand() -> None:
    body = Body(joints=("head", "left_eye", "right_eye"), parts={"face": ("head", "left_eye", "right_eye")})
    position = np.array([[10.0, 1], [30, 2], [5, 3]])
    np.testing.assert_array_equal(mirror(position, body, 100), [[90, 1], [95, 3], [70, 2]])


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"up": ("head",), "down": ("left_knee",)}, "joint right_knee is in 0 parts, expected 1"),
        ({"up": ("head", "left_knee"), "down": ("left_knee", "right_knee")}, "joint left_knee is in 2 parts"),
        ({"up": ("head", "head"), "down": ("left_knee", "right_knee")}, "joint head is in 2 parts"),
        ({"up": ("head", "tail"), "down": ("left_knee", "right_knee")}, "tail is in a part, but is no joint"),
    ],
)
def test_what_is_no_partition_is_refused(parts: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Body(joints=("head", "left_knee", "right_knee"), parts=parts)


def test_a_joint_without_mirror_image_is_named() -> None:
    with pytest.raises(ValueError, match="joint left_knee has no mirror image right_knee"):
        Body(joints=("left_knee",), parts={"knee": ("left_knee",)})


def test_an_unknown_body_is_named() -> None:
    with pytest.raises(ValueError, match="parts: 'kinect' is not one of sub_jhmdb, penn_action"):
        body_of("kinect")
