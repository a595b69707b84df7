"""The Kinect skeleton: joint order of the data set card."""

from poseattn.pose.skeleton import HANDS, JOINTS, SPINE_MID

# Order of the card, counted from 1 there: base of spine, middle of spine, neck, head, left shoulder, ...
CARD = {1: "spine_base", 2: "spine_mid", 4: "head", 8: "hand_left", 12: "hand_right", 15: "ankle_left"}
CARD |= {16: "foot_left", 19: "ankle_right", 21: "spine_shoulder", 22: "hand_tip_left", 25: "thumb_right"}


def test_joints_stand_in_the_order_of_the_card() -> None:
    assert len(set(JOINTS)) == 25
    assert {number: JOINTS[number - 1] for number in CARD} == CARD
    assert [JOINTS[hand] for hand in HANDS] == ["hand_left", "hand_right"]
    assert JOINTS[SPINE_MID] == "spine_mid"
