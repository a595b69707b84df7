"""Literal transcription of Du et al. 2017, Eq. 2-10 and 13, one clip at a time, and of its target maps by summation.

Parameters are those of the equations, by name: `A_h`, `A_c` and `b` have one entry a part, `v` one a joint; of the LSTM
`U_s`, `U_h` and `b_lstm` have one entry a gate, in the order i f g o; `U_y` and `b_y` classify.
"""

import math

import numpy as np

Parameters = dict[str, np.ndarray]


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def heatmaps(slices: np.ndarray, h: np.ndarray, p: Parameters, group_of: list[int]) -> np.ndarray:
    """Attention alpha_t^J (joint, k) over the slices (k, channel) of a frame; `group_of` names each joint's A and b."""
    found = np.zeros((len(group_of), len(slices)))
    for joint, group in enumerate(group_of):
        scores = np.zeros(len(slices))
        for k in range(len(slices)):
            e = np.tanh(p["A_h"][group] @ h + p["A_c"][group] @ slices[k] + p["b"][group])  # Eq. 2
            scores[k] = p["v"][joint] @ e
        total = sum(math.exp(score) for score in scores)
        for k in range(len(slices)):
            found[joint, k] = math.exp(scores[k]) / total  # Eq. 3
    return found


def part_features(alpha: np.ndarray, slices: np.ndarray, part_of: list[int]) -> np.ndarray:
    """F_t^P (part, channel): a sum over the joints of the part, not a mean."""
    found = np.zeros((max(part_of) + 1, slices.shape[1]))
    for joint, part in enumerate(part_of):
        for k in range(len(slices)):
            found[part] += alpha[joint, k] * slices[k]  # Eq. 4
    return found


def pool(features: np.ndarray, pooling: str) -> np.ndarray:
    """S_t of the features of all parts (Eq. 5)."""
    if pooling == "concat":
        return np.concatenate(list(features))
    found = np.zeros(features.shape[1])
    for channel in range(features.shape[1]):
        column = [features[part, channel] for part in range(len(features))]
        found[channel] = max(column) if pooling == "max" else sum(column) / len(column)
    return found


def lstm_cell(s: np.ndarray, h: np.ndarray, r: np.ndarray, p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """h_t and the memory r_t."""
    i, f, g, o = (p["U_s"][gate] @ s + p["U_h"][gate] @ h + p["b_lstm"][gate] for gate in range(4))
    r = _sigmoid(f) * r + _sigmoid(i) * np.tanh(g)  # Eq. 6-8
    return _sigmoid(o) * np.tanh(r), r  # Eq. 9


def recur(vectors: np.ndarray, p: Parameters) -> np.ndarray:
    """States h_t of a sequence of vectors that does not depend on them."""
    h = r = np.zeros(p["U_h"].shape[-1])
    found = []
    for vector in vectors:
        h, r = lstm_cell(vector, h, r, p)
        found.append(h)
    return np.stack(found)


def rpan(
    cube: np.ndarray, p: Parameters, group_of: list[int], part_of: list[int], pooling: str
) -> tuple[np.ndarray, np.ndarray]:
    """Scores before the softmax of Eq. 10 (frame, class) and alpha (frame, joint, k); `cube` (frame, k, channel)."""
    h = r = np.zeros(p["U_h"].shape[-1])
    logits, alphas = [], []
    for slices in cube:
        alphas.append(heatmaps(slices, h, p, group_of))
        h, r = lstm_cell(pool(part_features(alphas[-1], slices, part_of), pooling), h, r, p)
        logits.append(p["U_y"] @ h + p["b_y"])
    return np.stack(logits), np.stack(alphas)


def pose_loss(alpha: np.ndarray, target: np.ndarray, valid: np.ndarray) -> float:
    """L_pose of one clip; all are (frame, joint, k) but `valid` (frame, joint)."""
    total = 0.0
    n_frames, n_joints, n_places = alpha.shape
    for joint in range(n_joints):
        for t in range(n_frames):
            for k in range(n_places):
                if valid[t, joint]:
                    total += (target[t, joint, k] - alpha[t, joint, k]) ** 2  # Eq. 13
    return total


def target_map(x: float, y: float, frame: tuple[int, int], grid: tuple[int, int], deviation: float) -> np.ndarray:
    """M_t^J (row, col): a Gaussian summed over points a quarter of a pixel apart, cell by cell, divided by the sum."""
    (height, width), (n_rows, n_cols), apart = frame, grid, 0.25
    found = np.zeros(grid)
    for down in np.arange(apart / 2, height, apart):
        for right in np.arange(apart / 2, width, apart):
            density = math.exp(-((right - x) ** 2 + (down - y) ** 2) / (2 * deviation**2))
            found[int(down * n_rows / height), int(right * n_cols / width)] += density
    return found / found.sum()
