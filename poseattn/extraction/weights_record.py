"""What stages record of a file of weights, which they check against its published digest once more."""

from pathlib import Path
from types import ModuleType

from poseattn.networks import weights_files
from poseattn.networks.torch_files import read_torch


def file_attrs(name: str, file: Path) -> dict[str, str]:
    """Attributes of a shard that was made with a file of weights.

    Args:
        name: What tables say of the weights.
        file: The file.

    Returns:
        Name, path and digest.
    """
    return {"weights": name, "weights_file": str(file), "weights_sha256": weights_files.sha256(file)}


def pretrained_name(module: ModuleType, file: Path) -> str:
    """Return the name of the weights as printed in results tables.

    For a network that the pipeline fine-tuned, this name is stored in the file.

    Args:
        module: Of the network. Its `PUBLISHED` has the address of each file, or its name, and what tables say of it;
            without it the file may be any, and is called by its name.
        file: The file.

    Returns:
        Name of the weights.

    Raises:
        ValueError: The file is no published one, or has another digest.
        OSError: There is no such file.
    """
    addresses = {address.rpartition("/")[2]: address for address in getattr(module, "PUBLISHED", ())}
    name, sums = file.name, file.with_name("SHA256SUMS")
    if name not in addresses and (recorded := _recorded_name(file)):
        return recorded
    if not hasattr(module, "PUBLISHED"):  # a library of networks: the user's `weights` entry names the file
        weights_files.check(file, weights_files.published_prefix(name), name, sums)
        return file.stem
    if name not in addresses:
        raise ValueError(f"recipe: {name} is none of the files published for {module.__name__}: {', '.join(addresses)}")
    weights_files.check(file, weights_files.published_prefix(addresses[name]), addresses[name], sums)
    return module.PUBLISHED[addresses[name]]


def _recorded_name(file: Path) -> str | None:
    """The entry `weights` of a file of PyTorch, if it is one and has it: fine-tuning says there what it began with."""
    try:
        content = read_torch(file, "meta")
    except ValueError:
        return None
    name = content.get("weights") if isinstance(content, dict) else None
    return name if isinstance(name, str) else None
