"""What keys of a run mean: the roles in which it reads features, and settings that only its scoring depends on."""

_KINDS = {"attended": "pieces"}  # most roles are called as the kind of shard
# Settings of a run that move no number of a training.
SCORING_ONLY = ("readout", "test_draws", "test_stride", "test_mirror", "note", "checkpoint_of")


def kind_of(role: str) -> str:
    """Kind of shard that plays a role.

    Args:
        role: A key of a run's `inputs`.

    Returns:
        Name of the kind, and of its folder and its section of recipes.
    """
    return _KINDS.get(role, role)
