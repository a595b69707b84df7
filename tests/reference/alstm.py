"""Literal transcription of Torabi, Sigal 2017, Eq. 3-13, for one chunk of a clip: loops over steps and attended frames.

Parameters have the names of the equations; those of the LSTM have one entry a gate, in the order i f g o.
"""

import math

import numpy as np

Parameters = dict[str, np.ndarray]


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def attention(h: np.ndarray, attended: np.ndarray, p: Parameters) -> np.ndarray:
    """Weights w_t of the attended frames (frame, channel)."""
    scores = np.zeros(len(attended))
    for i in range(len(attended)):
        match = p["W_s"] @ h + p["W_a"] @ attended[i] + p["b_a"]
        scores[i] = p["u"] @ np.tanh(match)  # Eq. 3
    total = sum(math.exp(score) for score in scores)
    return np.array([math.exp(score) / total for score in scores])  # Eq. 4


def alstm(
    pieces: np.ndarray, attended: np.ndarray | None, p: Parameters, last: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Scores before the softmax (step, class) and weights (step, frame) of the steps that are classified.

    Architecture (b) of Fig. 4 if `last`, else (a); without attended frames the vanilla LSTM. With `D_v` the context is
    added to the features and not to the gates; `P` are peepholes of i, f and o; `h_0` and `c_0` the first state.
    """
    h, c = (p.get(name, np.zeros(p["U"].shape[-1])) for name in ("h_0", "c_0"))
    logits, weights = [], []
    for t in range(len(pieces)):
        v = _sigmoid(p["W_m"] @ pieces[t] + p["b_m"])
        k = None
        if attended is not None and (t == len(pieces) - 1 or not last):
            weights.append(attention(h, attended, p))
            k = np.zeros(attended.shape[1])
            for i in range(len(attended)):
                k += weights[-1][i] * attended[i]  # Eq. 5
            v = v + p["D_v"] @ k if "D_v" in p else v
        pre = [p["W"][gate] @ v + p["U"][gate] @ h + p["b"][gate] for gate in range(4)]
        if k is not None and "D" in p:
            pre = [pre[gate] + p["D"][gate] @ k for gate in range(4)]
        i, f, g, o = pre
        if "P" in p:
            i, f = i + p["P"][0] * c, f + p["P"][1] * c
        c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)  # Eq. 7-11
        o = o + p["P"][2] * c if "P" in p else o
        h = _sigmoid(o) * np.tanh(c)  # Eq. 12
        logits.append(p["W_y"] @ h + p["b_y"])  # Eq. 13 before the softmax
    return np.stack(logits[-1:] if last else logits), np.array(weights)
