"""Literal transcription of the pose-guided LSTM stack (Stanford 40 report), an image at a time, loops over numbers."""

import numpy as np

Weights = dict[str, np.ndarray]


def sigmoid(value: float) -> float:
    return 1 / (1 + np.exp(-value))


def affine(weight: np.ndarray, bias: np.ndarray | None, vector: np.ndarray) -> np.ndarray:
    out = np.zeros(len(weight))
    for row in range(len(weight)):
        out[row] = 0 if bias is None else bias[row]
        for column in range(len(vector)):
            out[row] += weight[row, column] * vector[column]
    return out


def resize(square: np.ndarray, edge: int) -> np.ndarray:
    """Bilinear; a side that shrinks is averaged with a triangle as wide as two new cells."""
    old = len(square)
    scale = max(old / edge, 1.0)
    weights = np.zeros((edge, old))
    for new in range(edge):
        centre = (new + 0.5) * old / edge
        for place in range(old):
            weights[new, place] = max(0.0, 1 - abs(place + 0.5 - centre) / scale)
        weights[new] /= weights[new].sum()
    return weights @ square @ weights.T


def cube_vector(cube: np.ndarray, edge: int) -> np.ndarray:
    """All numbers of a cube (row, col, d), channel by channel, as a square that is resized."""
    numbers = []
    for channel in range(cube.shape[2]):
        for row in range(cube.shape[0]):
            for col in range(cube.shape[1]):
                numbers.append(cube[row, col, channel])
    side = round(len(numbers) ** 0.5)
    return resize(np.array(numbers).reshape(side, side), edge).reshape(-1)


def pose_vector(heatmap: np.ndarray, edge: int) -> np.ndarray:
    """Maximum over the joints of maps (j, row, col) clipped to [0, 1]."""
    rows, cols = heatmap.shape[1:]
    best = np.zeros((rows, cols))
    for row in range(rows):
        for col in range(cols):
            best[row, col] = max(min(max(value, 0.0), 1.0) for value in heatmap[:, row, col])
    return (best if rows == edge else resize(best, edge)).reshape(-1)


def lstm(weights: Weights, below: np.ndarray, hidden: np.ndarray, memory: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    n = len(below)
    gates = affine(weights["W"], weights.get("b"), np.concatenate([below, hidden]))
    new_hidden, new_memory = np.zeros(n), np.zeros(n)
    for unit in range(n):
        i, f, o = (sigmoid(gates[unit + k * n]) for k in range(3))
        g = np.tanh(gates[unit + 3 * n])
        new_memory[unit] = f * memory[unit] + i * g
        new_hidden[unit] = o * np.tanh(new_memory[unit])
    return new_hidden, new_memory


def gru(weights: Weights, below: np.ndarray, hidden: np.ndarray, memory: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    n = len(below)
    gates = affine(weights["W"], weights.get("b"), np.concatenate([below, hidden]))
    reset = np.array([sigmoid(gates[unit]) * hidden[unit] for unit in range(n)])
    candidate = affine(weights["W_candidate"], weights.get("b_candidate"), np.concatenate([below, reset]))
    found = np.zeros(n)
    for unit in range(n):
        z = sigmoid(gates[unit + n])
        found[unit] = (1 - z) * hidden[unit] + z * np.tanh(candidate[unit])
    return found, memory


def stack(
    cells: list[Weights], kind: str, vector: np.ndarray, first: np.ndarray, steps: int, attention: Weights | None
) -> list[np.ndarray]:
    """Hidden states of all cells after the last step."""
    step = {"lstm": lstm, "gru": gru}[kind]
    hidden = [np.zeros(len(vector)) for _ in cells]
    memory = [np.zeros(len(vector)) for _ in cells]
    hidden[0] = first.copy()
    for _ in range(steps):
        below = vector
        if attention is not None:
            scores = np.exp(affine(attention["W"], attention["b"], hidden[-1]))
            below = below * scores / scores.sum() * len(vector)
        for number, weights in enumerate(cells):
            hidden[number], memory[number] = step(weights, below, hidden[number], memory[number])
            below = hidden[number]
    return hidden
