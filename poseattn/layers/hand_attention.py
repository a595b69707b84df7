"""Spatial attention over hands, conditioned on pose or on the recurrent state (Baradel et al. 2017, Sec. 3.1)."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import linear

from poseattn.layers.attention_mlp import AttentionMLP


def weighted_hands(
    glimpse: Float[Tensor, "*batch hand d"], weights: Float[Tensor, "*batch hand"]
) -> Float[Tensor, "*batch d"]:
    """Weighted sum over hands, the context vector (Eq. 4).

    Args:
        glimpse: Features V of each hand.
        weights: Attention p over the hands.

    Returns:
        One vector for all hands.
    """
    return (weights.unsqueeze(-2) @ glimpse).squeeze(-2)


def attend_with_state(
    gru: nn.GRU,
    attention: AttentionMLP,
    glimpse: Float[Tensor, "b t hand d"],
    condition: Float[Tensor, "b t condition"],
    dropout: Callable[[Tensor], Tensor],
) -> tuple[Float[Tensor, "b t h"], Float[Tensor, "b t hand"]]:
    """Attend to hands and recur, frame by frame, where the attention depends on the previous hidden state.

    The first layer of the attention takes (h_{t-1}, condition_t). Its second part is known for all frames beforehand
    and leaves the loop; the rest cannot, since the input of the recurrent layer depends on its own last output.

    Args:
        gru: Recurrent layer f_h whose parameters are stepped through.
        attention: Mapping f_p over `h + condition` channels.
        glimpse: Features V of each hand.
        condition: What the attention depends on besides the state; may have no channels.
        dropout: Applied to the context vector of each frame.

    Returns:
        Hidden states h_t, and weights p_t that sum to 1 over hands.
    """
    widths = [gru.hidden_size, condition.shape[-1]]
    state_weight, condition_weight = attention.projection.weight.split(widths, dim=1)
    offset = linear(condition, condition_weight, attention.projection.bias)  # (b, t, unit)
    state = glimpse.new_zeros(len(glimpse), gru.hidden_size)
    states, weights = [], []
    for glimpse_t, offset_t in zip(glimpse.unbind(1), offset.unbind(1), strict=True):
        weights.append(attention.weigh(linear(state, state_weight) + offset_t))  # Eq. 3 on h_{t-1}
        context = dropout(weighted_hands(glimpse_t, weights[-1]))  # Eq. 4
        state = torch.gru_cell(
            context, state, gru.weight_ih_l0, gru.weight_hh_l0, gru.bias_ih_l0, gru.bias_hh_l0
        )  # Eq. 2
        states.append(state)
    return torch.stack(states, dim=1), torch.stack(weights, dim=1)
