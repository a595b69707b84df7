"""The Kinect skeleton: joint order of the data set card, bones that form one tree."""

from poseattn.pose.skeleton import BONES, HANDS, JOINTS, SPINE_MID

# Order of the card, counted from 1 there: base of spine, middle of spine, neck, head, left shoulder, ...
CARD = {1: "spine_base", 2: "spine_mid", 4: "head", 8: "hand_left", 12: "hand_right", 15: "ankle_left"}
CARD |= {16: "foot_left", 19: "ankle_right", 21: "spine_shoulder", 22: "hand_tip_left", 25: "thumb_right"}


def test_joints_stand_in_the_order_of_the_card() -> None:
    assert len(set(JOINTS)) == 25
    assert {number: JOINTS[number - 1] for number in CARD} == CARD
    assert [JOINTS[hand] for hand in HANDS] == ["hand_left", "hand_right"]
    assert JOINTS[SPINE_MID] == "spine_mid"


def test_bones_reach_every_joint_once_from_the_base_of_the_spine() -> None:
    reached = {0}
    for parent, child in BONES:
        assert parent in reached
        assert child not in reached
        reached.add(child)
    assert reached == set(range(25))


def test_bones_of_the_left_mirror_those_of_the_right() -> None:
    named = {(JOINTS[parent], JOINTS[child]) for parent, child in BONES}
    mirrored = {
        tuple(name.replace("left", "?").replace("right", "left").replace("?", "right") for name in bone)
        for bone in named
    }
    assert mirrored == named
