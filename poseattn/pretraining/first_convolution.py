"""A network for flow that starts from one for colours (Wang et al. 2016, arXiv 1608.00859, Sec. 3.2)."""

from torch import nn


def average_first_convolution(colours: nn.Module, flow: nn.Module) -> None:
    """Cross-modality initialisation: the first convolution is averaged over its input channels and repeated for all.

    Args:
        colours: Network with trained weights.
        flow: The same network but for the input channels of its first convolution; it is changed.

    Raises:
        ValueError: The networks differ in something else.
    """
    state = colours.state_dict()
    name = next(name for name, value in state.items() if value.dim() > 2)
    channels = flow.state_dict()[name].shape[1]
    state[name] = state[name].mean(dim=1, keepdim=True).repeat_interleave(channels, dim=1)
    try:
        flow.load_state_dict(state)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"the networks for colours and for flow differ: {reason[:300]}") from error
