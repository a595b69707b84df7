"""What becomes of a video in which some frames cannot be decoded: it is refused, or its other frames are kept."""

from typing import NamedTuple

_KEEP, _REFUSE = "keep", "refuse"


class Decoding(NamedTuple):
    """How the frames of clips are decoded.

    Attributes:
        most_damaged: Largest share of the frames of a clip that may be damaged, between 0 and 1.
        stored: Whether images stay as they are stored, whatever their EXIF orientation says.
    """

    most_damaged: float = 0.0
    stored: bool = False

    def of(self, pose_path: str) -> "Decoding":
        """The same for one clip.

        Args:
            pose_path: Annotation of the clip, empty if there is none.

        Returns:
            Annotations are in pixels of the stored picture, so that a clip with one stays as it is stored.
        """
        return self._replace(stored=bool(pose_path))


ANY = Decoding(most_damaged=1.0)  # for pictures of clips that a run has used


class Policy(NamedTuple):
    """What a data set's configuration says of damaged videos.

    Attributes:
        keeps: Whether the healthy frames of a damaged video are used; shards then say which frames are healthy.
        decoding: How clips are decoded then.
    """

    keeps: bool
    decoding: Decoding


def read_policy(text: str) -> Policy:
    """Read the parameter of the stages that decode videos.

    Args:
        text: `refuse`, or `keep` and the largest share of damaged frames, such as `keep 0.1`.

    Returns:
        The policy.

    Raises:
        ValueError: It is another text, or the share is not between 0 and 1.
    """
    word, _, share = text.partition(" ")
    if text == _REFUSE:
        return Policy(keeps=False, decoding=Decoding())
    try:
        most = float(share)
    except ValueError:
        most = -1.0
    if word != _KEEP or not 0 <= most <= 1:
        raise ValueError(f"damaged: found {text!r}, expected 'refuse', or 'keep' and a share between 0 and 1")
    return Policy(keeps=True, decoding=Decoding(most))
