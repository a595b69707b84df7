"""Feature maps from inside a network: a layer is named, what comes after it is cut away."""

from timm.models._features import FeatureGetterNet
from torch import fx, nn
from torchvision.models.feature_extraction import create_feature_extractor

_NAMED = 12  # taps that a message lists


def tapped(network: nn.Module, tap: str) -> nn.Module:
    """The part of a network up to a layer.

    A network of timm tells which of its layers give maps, and gives these with the channels at their usual place. Any
    other layer, of any network, is found by tracing what the network computes.

    Args:
        network: From normalised pixels to features, in evaluation mode. It is changed, and must not be used afterwards.
        tap: Name of a module, such as `inception5b`; its last result is taken.

    Returns:
        Network with one output, in a list or dictionary (see `poseattn.networks.shared.rows_of`).

    Raises:
        ValueError: There is no such layer, or the network cannot be traced as far as that.
    """
    stages = _stages(network)
    if tap in stages:
        return FeatureGetterNet(network, out_indices=[stages.index(tap)]).eval()
    if tap not in dict(network.named_modules()):
        raise ValueError(f"tap: no layer {tap!r}, there are for instance {', '.join(_examples(network))}")
    try:
        return create_feature_extractor(network, [tap], suppress_diff_warning=True).eval()
    except (TypeError, ValueError, fx.proxy.TraceError) as error:
        known = f"; it can be tapped at {', '.join(stages)}" if stages else ""
        raise ValueError(
            f"tap {tap!r}: the network cannot be traced ({' '.join(str(error).split())}){known}"
        ) from error


def _stages(network: nn.Module) -> list[str]:
    """Layers whose maps a network of timm offers, in order."""
    if not hasattr(network, "forward_intermediates"):
        return []
    return [stage["module"] for stage in network.feature_info]


def _examples(network: nn.Module) -> list[str]:
    """Layers that may be meant: those that timm offers, else the last of the outermost."""
    return _stages(network) or [name for name, _ in network.named_children()][-_NAMED:]
