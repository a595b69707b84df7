"""Rewriting a trained network for speed: the same function with fewer passes over memory."""

import logging
from collections import Counter
from collections.abc import Iterator

import torch
from torch import Tensor, fx, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

_log = logging.getLogger(__name__)
_RELUS = (nn.ReLU, functional.relu, torch.relu)


def for_inference(network: nn.Module, device: torch.device) -> nn.Module:
    """A network that computes the same features faster, on its device.

    Batch norm is folded into the convolution before it, tensors are laid out channels last, and on a CPU a convolution
    also applies the ReLU that follows it. Outputs move by rounding only.

    Args:
        network: From normalised pixels to features, in evaluation mode. It is changed, and must not be used afterwards.
        device: Where it will run.

    Returns:
        The rewritten network; one whose steps cannot be traced is only laid out anew, and the log says so.
    """
    try:
        network = fx.symbolic_trace(network)
    except (TypeError, fx.proxy.TraceError) as error:
        _log.info("batch norm is not folded, the network cannot be traced: %s", error)
    else:
        _fold_batch_norm(network)
        if device.type == "cpu" and torch.backends.mkldnn.is_available():
            _fold_relu(network)
    has_volumes = any(isinstance(module, nn.Conv3d) for module in network.modules())
    memory_format = torch.channels_last_3d if has_volumes else torch.channels_last
    return network.eval().to(device, memory_format=memory_format)


def _fold_batch_norm(network: fx.GraphModule) -> None:
    for convolution, norm in _pairs(network, (nn.BatchNorm2d,)):
        modules = dict(network.named_modules())
        folded = fuse_conv_bn_eval(modules[convolution.target], modules[norm.target])
        _merge(network, convolution, norm, folded)


def _fold_relu(network: fx.GraphModule) -> None:
    for convolution, relu in _pairs(network, _RELUS):
        _merge(network, convolution, relu, _ConvolutionReLU(network.get_submodule(convolution.target)))


class _ConvolutionReLU(nn.Module):
    """Convolution and ReLU by one call of oneDNN, which applies the ReLU before it writes the result."""

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.convolution = convolution

    def forward(self, pixels: Tensor) -> Tensor:
        c = self.convolution
        geometry = (c.padding, c.stride, c.dilation, c.groups)
        return torch.ops.mkldnn._convolution_pointwise(pixels, c.weight, c.bias, *geometry, "relu", [], None)


def _pairs(network: fx.GraphModule, followers: tuple[object, ...]) -> Iterator[tuple[fx.Node, fx.Node]]:
    """Each convolution whose result only a certain module or function takes, with the call of that one."""
    modules = dict(network.named_modules())
    calls = Counter(node.target for node in network.graph.nodes)
    for node in list(network.graph.nodes):
        if not (node.op == "call_module" and type(modules[node.target]) is nn.Conv2d and len(node.users) == 1):
            continue
        convolution, user = modules[node.target], next(iter(node.users))
        follower = type(modules[user.target]) if user.op == "call_module" else user.target
        if calls[node.target] == 1 and follower in followers and convolution.padding_mode == "zeros":
            yield node, user


def _merge(network: fx.GraphModule, convolution: fx.Node, follower: fx.Node, merged: nn.Module) -> None:
    """Let one module do the work of two calls."""
    network.set_submodule(convolution.target, merged)
    follower.replace_all_uses_with(convolution)
    network.graph.erase_node(follower)
    network.recompile()
