"""The skeleton of a Kinect v2: its 25 joints, and which of them are hands.

Joint numbers count from 0; the data set's own papers and files count the same order from 1 (Shahroudy et al. 2016).
Left and right are the tracked person's.
"""

JOINTS = (
    "spine_base",
    "spine_mid",
    "neck",
    "head",
    "shoulder_left",
    "elbow_left",
    "wrist_left",
    "hand_left",
    "shoulder_right",
    "elbow_right",
    "wrist_right",
    "hand_right",
    "hip_left",
    "knee_left",
    "ankle_left",
    "foot_left",
    "hip_right",
    "knee_right",
    "ankle_right",
    "foot_right",
    "spine_shoulder",
    "hand_tip_left",
    "thumb_left",
    "hand_tip_right",
    "thumb_right",
)
N_JOINTS = len(JOINTS)
N_BODIES = 2  # people kept of a clip: the main subject and, in actions of two, the second

SPINE_MID = 1  # "middle of the spine", the origin of body-centred coordinates
HANDS = (7, 11)  # left, right
