"""What pose shards hold: joints in space, or joints in the image with what the annotation says of each."""

from typing import Any, NamedTuple

from poseattn.pose.parts import Body
from poseattn.shards.shard import SideArray


class PoseFormat(NamedTuple):
    """How a data set's poses are stored.

    Attributes:
        axes: Of the joints: `frame body joint xyz` or `frame body joint xy`.
        units: `metres` or `pixels`.
        shape: Of one frame.
        side: Further arrays.
    """

    axes: str
    units: str
    shape: tuple[int, ...]
    side: dict[str, SideArray]


def planar_format(body: Body) -> PoseFormat:
    """Format of joints in the image, of one person.

    Args:
        body: Whose joints they are.

    Returns:
        Pixels from the edges of the frame; beside them `visibility`, `valid` (0 where a position is a placeholder),
        `box` (x1, y1, x2, y2) around the person and `size` (rows, columns) of the frames.
    """
    side = {
        "presence": SideArray("frame body", "1"),
        "visibility": SideArray("frame body joint", "1"),
        "valid": SideArray("frame body joint", "1"),
        "box": SideArray("frame body corner", "pixels"),
        "size": SideArray("frame extent", "pixels"),
    }
    return PoseFormat("frame body joint xy", "pixels", (1, len(body.joints), 2), side)


def no_choice(recipe: dict[str, Any]) -> None:
    """Refuse a recipe that says anything, where annotations are taken as they are.

    Args:
        recipe: Of a pose shard.

    Raises:
        ValueError: It is not empty.
    """
    if recipe:
        raise ValueError(f"recipe: has {', '.join(sorted(recipe))}; expected no key")
