"""Literal transcription of Sharma et al. 2015, Eq. 1-6, for one clip: loops over frames, layers, gates and places."""

import numpy as np

Parameters = dict[str, np.ndarray]


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def logits(cube: np.ndarray, p: Parameters, n_layers: int, content: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Class scores before the softmax and location weights of every frame; `cube` is (frame, row, col, channel)."""
    n_frames, rows, cols, channels = cube.shape
    slices = cube.reshape(n_frames, rows * cols, channels)
    mean = np.zeros(channels)
    for frame in range(n_frames):
        for place in range(rows * cols):
            mean += slices[frame, place] / (n_frames * rows * cols)
    size = p["lstm.layers.0.weight_hh_l0"].shape[1]
    start = np.tanh(p["lstm.start.weight"] @ mean + p["lstm.start.bias"])  # Eq. 6: h and c of layer 1, 2, ...
    h = [start[2 * layer * size : (2 * layer + 1) * size] for layer in range(n_layers)]
    c = [start[(2 * layer + 1) * size : (2 * layer + 2) * size] for layer in range(n_layers)]
    found, weights = [], []
    for frame in range(n_frames):
        scores = np.zeros(rows * cols)
        for place in range(rows * cols):
            if content:
                inner = p["location.content.weight"] @ slices[frame, place] + p["location.content.bias"]
                scores[place] = p["location.score.weight"][0] @ np.tanh(inner + p["location.state.weight"] @ h[-1])
            else:
                scores[place] = p["location.weight.weight"][place] @ h[-1]  # Eq. 1
        location = np.exp(scores) / np.exp(scores).sum()
        x = np.zeros(channels)
        for place in range(rows * cols):
            x += location[place] * slices[frame, place]  # Eq. 2
        for layer in range(n_layers):
            name = f"lstm.layers.{layer}."
            gates = p[name + "weight_ih_l0"] @ x + p[name + "bias_ih_l0"]
            gates = gates + p[name + "weight_hh_l0"] @ h[layer] + p[name + "bias_hh_l0"]  # Eq. 3, order i f g o
            i, f, g, o = gates[:size], gates[size : 2 * size], gates[2 * size : 3 * size], gates[3 * size :]
            c[layer] = _sigmoid(f) * c[layer] + _sigmoid(i) * np.tanh(g)  # Eq. 4
            h[layer] = _sigmoid(o) * np.tanh(c[layer])  # Eq. 5
            x = h[layer]
        z = np.tanh(p["hidden.weight"] @ h[-1] + p["hidden.bias"])
        found.append(p["classifier.weight"] @ z + p["classifier.bias"])
        weights.append(location)
    return np.stack(found), np.stack(weights)
