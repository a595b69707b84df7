"""Augmented pose and augmented motion, written as loops over frames, bodies, joints and coordinates."""

import numpy as np


def centered_pose(pose: np.ndarray, presence: np.ndarray, mode: str) -> np.ndarray:
    """Baradel et al. 2017, Sec. 3.1: minus the middle of the spine, joint 2 counted from 1; absent bodies are 0."""
    out = np.zeros(pose.shape)
    for t in range(pose.shape[0]):
        for body in range(2):
            if not presence[t, body]:
                continue
            owner, when = (body, t) if mode == "per_subject" else (0, t)
            if owner == 0 and body != 0:
                while when >= 0 and not presence[when, 0]:
                    when -= 1
            if when < 0 or mode == "first_frame":
                when = 0
                while not presence[when, 0]:
                    when += 1
            for joint in range(25):
                for xyz in range(3):
                    out[t, body, joint, xyz] = pose[t, body, joint, xyz] - pose[when, owner, 1, xyz]
    return out


def augmented_pose(x: np.ndarray, presence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Augmented pose (t, 450) = [x, velocity, acceleration] and augmented motion (t, 2) = sums of |.| of both."""
    n_frames = x.shape[0]
    augmented, motion = np.zeros((n_frames, 450)), np.zeros((n_frames, 2))
    for t in range(n_frames):
        column = 0
        for body in range(2):
            for joint in range(25):
                for xyz in range(3):
                    track = x[:, body, joint, xyz]
                    velocity = acceleration = 0.0
                    if t >= 1 and presence[t, body] and presence[t - 1, body]:
                        velocity = track[t] - track[t - 1]
                    if t >= 2 and presence[t, body] and presence[t - 1, body] and presence[t - 2, body]:
                        acceleration = (track[t] - track[t - 1]) - (track[t - 1] - track[t - 2])
                    augmented[t, column] = track[t]
                    augmented[t, 150 + column] = velocity
                    augmented[t, 300 + column] = acceleration
                    motion[t, 0] += abs(acceleration)
                    motion[t, 1] += abs(velocity)
                    column += 1
    return augmented, motion
