"""Names of parameters in the published checkpoints of the stacked hourglass, by the names of the release."""

import re

from torch import Tensor, nn

_OF_BEARPAW = "score."  # what names in its files begin with, and in those of the release none


def renamed(state: dict[str, Tensor], network: nn.Module, depth: int) -> dict[str, Tensor]:
    """Rename published parameters, and leave out the skip layers that never run.

    Args:
        state: Parameters by their names in a file of the release or of bearpaw's port.
        network: The network that they are for.
        depth: Times that an hourglass halves its maps.

    Returns:
        Parameters by the names of the network.
    """
    plain = {re.sub(r"^(model\.)?(module\.)?", "", name): value for name, value in state.items()}
    if any(name.startswith(_OF_BEARPAW) for name in plain):
        plain = {_name_in_release(name, depth): value for name, value in plain.items()}
    unused = {f"{name}.conv" for name, module in network.named_modules() if isinstance(module, nn.Identity)}
    return {name: value for name, value in plain.items() if name.rpartition(".")[0] not in unused}


def _name_in_release(name: str, depth: int) -> str:
    """Name in the release of a parameter of bearpaw's port; one that has no place there stays as it is."""
    branches = ("up1", "low1", "low3", "low2")
    for pattern, ours in {
        r"conv1\.": "pre.0.conv.",
        r"bn1\.": "pre.0.bn.",
        r"layer1\.0\.": "pre.1.",
        r"layer2\.0\.": "pre.3.",
        r"layer3\.0\.": "pre.4.",
        r"res\.(\d)\.0\.": r"features.\1.0.",
        r"fc\.(\d)\.0\.": r"features.\1.1.conv.",
        r"fc\.(\d)\.1\.": r"features.\1.1.bn.",
        r"score\.(\d)\.": r"outs.\1.conv.",
        r"fc_\.(\d)\.": r"merge_features.\1.conv.conv.",
        r"score_\.(\d)\.": r"merge_preds.\1.conv.conv.",
    }.items():
        name, n_found = re.subn(f"^{pattern}", ours, name)
        if n_found:
            break
    if found := re.match(r"hg\.(\d)\.hg\.(\d)\.(\d)\.0\.", name):  # levels count from the lowest
        stack, level, branch = map(int, found.groups())
        inner = "low2." * (depth - 1 - level)
        name = f"hgs.{stack}.0.{inner}{branches[branch]}.{name[found.end() :]}"
    return re.sub(r"(?<!pre\.0\.)(?<=\.)(conv[123])\.(?=weight|bias)", r"\1.conv.", name).replace(
        "downsample.0.", "skip_layer.conv."
    )
