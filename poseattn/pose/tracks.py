"""People among the tracked bodies of a clip: which of them are persons, and which is the main subject.

A Kinect also fits skeletons to tables, chairs and bags. Such ghosts may be listed first and may jitter more than the
actor moves, so neither order nor motion tells them apart; and the Kinect gives them the bones of a person, so neither
bone lengths, nor their symmetry, nor their constancy do. What does is that the skeleton has to fold up to fit.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, UInt8

from poseattn.pose.skeleton import N_BODIES, N_JOINTS


class Track(NamedTuple):
    """One body, followed through a clip by its id.

    Attributes:
        body_id: The Kinect's number for it, as text: it has more digits than a float holds.
        frame: Frames in which it was tracked, ascending, (n,).
        xyz: Joint positions in metres in the camera's frame, y up, (n, 25, 3).
        color_xy: Joint positions in pixels of the colour video, x right, y down, NaN where unknown, (n, 25, 2).
    """

    body_id: str
    frame: Int[np.ndarray, " n"]
    xyz: Float[np.ndarray, "n 25 3"]
    color_xy: Float[np.ndarray, "n 25 2"]


class PersonRule(NamedTuple):
    """What a body must show to be taken for a person where several bodies were tracked.

    `min_track`, `spread_ratio` and `max_bad_frames` are the values that users of the data set share (pyskl; the idea is
    its authors'); `min_height` is ours. Measured on 42 real clips with 49 people and 4 ghosts: frames that spread too
    much are at most 38 % for people (a fall) and at least 95 % for ghosts; the height is at least 0.90 m for people
    (who put on shoes, sitting) and at most 0.53 m for ghosts. In all windows of 40 frames out of these clips, people
    are at least 0.72 m high and ghosts at most 0.60 m; each of the two tests alone refuses every ghost.

    Attributes:
        min_track: A body tracked in so many frames or fewer is noise.
        spread_ratio: A frame is bad if the body is wider than this multiple of its height.
        max_bad_frames: A body with a larger share of bad frames is noise.
        height_quantile: A body's height is that reached in all but this share of its frames, so that neither sitting
            down nor a moment of bad tracking counts.
        min_height: A body of less height, in metres, is noise.
    """

    min_track: int
    spread_ratio: float
    max_bad_frames: float
    height_quantile: float
    min_height: float

    def is_person(self, track: Track) -> bool:
        """Whether a body stands upright like a person for long enough.

        Args:
            track: A body, however long it was tracked.

        Returns:
            True for a person, False for a ghost.
        """
        width, height = (np.ptp(track.xyz[..., axis], axis=1) for axis in (0, 1))
        bad = np.mean(width > self.spread_ratio * height)
        return bool(bad <= self.max_bad_frames and self.height(track) >= self.min_height)

    def height(self, track: Track) -> float:
        """Vertical extent of a body.

        Args:
            track: A body.

        Returns:
            Metres between its highest and its lowest joint, in one of its more upright frames.
        """
        return float(np.quantile(np.ptp(track.xyz[..., 1], axis=1), self.height_quantile))


def choose_people(tracks: Sequence[Track], rule: PersonRule) -> list[Track]:
    """Main subject and, if there is one, second person of a clip.

    The main subject is the person whose joints vary more over the clip: variances of x, y and z over time, summed over
    all joints (Shahroudy et al. 2016; the data set authors' "amount of motion"). More than two people: two are kept.

    Args:
        tracks: All bodies of a clip, at least one.
        rule: What makes a body a person.

    Returns:
        One or two people, the main subject first. If no body passes for a person, the highest one is taken for the
        main subject: a clip whose only skeleton lies or crouches still has its actor.

    Deviates: pyskl takes the variance over time and joints together, which mostly measures how large a body is.
    """
    lasting = [track for track in tracks if len(track.frame) > rule.min_track] or list(tracks)
    people = [track for track in lasting if rule.is_person(track)] or [max(lasting, key=rule.height)]
    return sorted(people, key=lambda track: float(track.xyz.var(axis=0).sum()), reverse=True)[:N_BODIES]


def lay_out(
    people: Sequence[Track], n_frames: int
) -> tuple[Float[np.ndarray, "t 2 25 3"], Float[np.ndarray, "t 2 25 2"], UInt8[np.ndarray, "t 2"]]:
    """Arrays over all frames of a clip out of the people in it.

    Args:
        people: Main subject and perhaps second person.
        n_frames: Frames of the clip, also those without anybody.

    Returns:
        Joint positions in metres, 0 where a body is absent; joint positions in pixels of the colour video, NaN where
        absent or unknown; and 1 where a body was tracked.
    """
    xyz = np.zeros((n_frames, N_BODIES, N_JOINTS, 3), np.float32)
    color_xy = np.full((n_frames, N_BODIES, N_JOINTS, 2), np.nan, np.float32)
    presence = np.zeros((n_frames, N_BODIES), np.uint8)
    for body, track in enumerate(people):
        xyz[track.frame, body], color_xy[track.frame, body] = track.xyz, track.color_xy
        presence[track.frame, body] = 1
    return xyz, color_xy, presence
