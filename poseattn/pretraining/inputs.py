"""What a training of a backbone reads, by whatever method."""

from pathlib import Path
from typing import NamedTuple

from poseattn.training.checkpoint import SideFile


class Inputs(NamedTuple):
    """Files of a training, of which a method takes what it needs.

    Attributes:
        images: Shards of pictures.
        poses: Shards of the people in them; none where nothing is learnt of these.
        manifest: Clips of the data set; none for pictures that are not of clips, as with the next one.
        classes: Names of its classes.
        protocol: Which clips are for training; empty for pictures that are not of clips.
        threads: CPU threads of an operation, and how many more read pictures.
        side_file: Where a killed training goes on from, if its method can.
    """

    images: list[Path]
    poses: list[Path]
    manifest: list[Path]
    classes: list[Path]
    protocol: str
    threads: int
    side_file: SideFile
