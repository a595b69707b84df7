"""Literal transcription of Baradel et al. 2017, Eq. 2-6, one sequence at a time, in nested loops over numpy scalars."""

import numpy as np

Weights = dict[str, np.ndarray]


def sigmoid(value: float) -> float:
    return 1 / (1 + np.exp(-value))


def linear(vector: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    out = np.zeros(len(bias))
    for row in range(len(bias)):
        out[row] = bias[row]
        for column in range(len(vector)):
            out[row] += weight[row, column] * vector[column]
    return out


def softmax(scores: np.ndarray) -> np.ndarray:
    total = 0.0
    for score in scores:
        total += np.exp(score)
    return np.array([np.exp(score) / total for score in scores])


def attention(condition: np.ndarray, weights: Weights) -> np.ndarray:
    """f_p and f'_p: one hidden layer with ReLU, then softmax (Sec. 4)."""
    hidden = linear(condition, weights["projection.weight"], weights["projection.bias"])
    for unit in range(len(hidden)):
        hidden[unit] = max(0.0, hidden[unit])
    return softmax(linear(hidden, weights["score.weight"], weights["score.bias"]))


def gru_cell(x: np.ndarray, h: np.ndarray, weights: Weights) -> np.ndarray:
    """Gated recurrent unit: reset r, update z, candidate n (Cho et al. 2014), with two sets of biases."""
    size = len(h)
    of_x = linear(x, weights["weight_ih_l0"], weights["bias_ih_l0"])
    of_h = linear(h, weights["weight_hh_l0"], weights["bias_hh_l0"])
    out = np.zeros(size)
    for unit in range(size):
        r = sigmoid(of_x[unit] + of_h[unit])
        z = sigmoid(of_x[size + unit] + of_h[size + unit])
        n = np.tanh(of_x[2 * size + unit] + r * of_h[2 * size + unit])
        out[unit] = (1 - z) * n + z * h[unit]
    return out


def context_vector(glimpse: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Eq. 4 for one frame: V_t p_t, with V_t stored as (hand, d)."""
    n_hands, channels = glimpse.shape
    out = np.zeros(channels)
    for channel in range(channels):
        for hand in range(n_hands):
            out[channel] += glimpse[hand, channel] * p[hand]
    return out


def sta_hands(
    weights: Weights, hands: str, temporal: bool, glimpse: np.ndarray, pose: np.ndarray, motion: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Logits, p (frame hand) and p' (frame) of one sequence: glimpse (frame hand d), pose (frame channel)."""
    gru, spatial = part(weights, "gru."), part(weights, "spatial.")
    h = np.zeros(gru["weight_hh_l0"].shape[1])
    states, ps = [], []
    for t in range(len(glimpse)):
        condition = {"pose": [pose[t]], "hidden": [h], "hidden_pose": [h, pose[t]]}.get(hands)
        if condition is not None:
            ps.append(attention(np.concatenate(condition), spatial))  # Eq. 3
            context = context_vector(glimpse[t], ps[-1])  # Eq. 4
        elif hands == "sum":
            context = context_vector(glimpse[t], np.ones(glimpse.shape[1]))
        else:
            context = np.concatenate([glimpse[t, hand] for hand in range(glimpse.shape[1])])
        h = gru_cell(context, h, gru)  # Eq. 2
        states.append(h)
    p = np.stack(ps) if ps else None
    if not temporal:
        return np.stack([classify(weights, state) for state in states]), p, None
    p_time = attention(np.concatenate(list(motion)), part(weights, "temporal.mlp."))  # Eq. 5
    pooled = np.zeros(len(h))
    for unit in range(len(h)):
        for t in range(len(states)):
            pooled[unit] += states[t][unit] * p_time[t]
    return classify(weights, pooled)[None], p, p_time


def deep_gru(weights: Weights, layers: int, pose: np.ndarray) -> np.ndarray:
    """Eq. 6: logits of each frame of one sequence of poses (frame channel)."""
    grus = [part(weights, f"layers.{layer}.") for layer in range(layers)]
    h = [np.zeros(gru["weight_hh_l0"].shape[1]) for gru in grus]
    logits = []
    for t in range(len(pose)):
        x = pose[t]
        for layer, gru in enumerate(grus):
            h[layer] = x = gru_cell(x, h[layer], gru)
        logits.append(classify(weights, x))
    return np.stack(logits)


def classify(weights: Weights, state: np.ndarray) -> np.ndarray:
    return linear(state, weights["classifier.weight"], weights["classifier.bias"])


def part(weights: Weights, prefix: str) -> Weights:
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
