"""Roles in which a run reads features: most are called as the kind of shard, two may be of one kind."""

_KINDS = {"attended": "pieces"}


def kind_of(role: str) -> str:
    """Kind of shard that plays a role.

    Args:
        role: A key of a run's `inputs`.

    Returns:
        Name of the kind, and of its folder and its section of recipes.
    """
    return _KINDS.get(role, role)
