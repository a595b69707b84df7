"""Crops of pictures: around hands (Baradel et al. 2017), around people for a pose network (Newell et al. 2016).

Positions are in pixels from the edges of a picture, x to the right and y down. A square is (x1, y1, x2, y2) and may
reach beyond the picture, where it is black.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int, UInt8

from poseattn.video.frames import VideoError
from poseattn.video.opencv import cv2

_ROUNDED = 1.0  # pixels by which the shorter side of a resized copy may be off


def check_picture(found: Sequence[int], size: Sequence[int]) -> None:
    """Refuse a picture that is not the one that positions were annotated in, where nothing says how to scale them.

    Args:
        found: Rows and columns of the picture.
        size: Rows and columns of the annotated picture.

    Raises:
        VideoError: The picture has another size.
    """
    if tuple(found) != tuple(size):
        raise VideoError(_sizes(found, size))


def scale_to(found: Sequence[int], size: Sequence[int] | Int[np.ndarray, " 2"]) -> float:
    """By what positions of an annotation are multiplied to be those of a picture, which may be a resized copy.

    Args:
        found: Rows and columns of the picture.
        size: Rows and columns of the picture that was annotated, as the annotation states them.

    Returns:
        Pixels of the picture for one of the annotation; 1 if both have one size.

    Raises:
        VideoError: The picture is no resized copy: it has other proportions.
    """
    rows, cols = (int(side) for side in size)
    longer = 0 if rows > cols else 1
    scale = found[longer] / (rows, cols)[longer]
    if abs(found[1 - longer] - scale * (rows, cols)[1 - longer]) > _ROUNDED:
        raise VideoError(_sizes(found, size))
    return scale


def _sizes(found: Sequence[int], size: Sequence[int] | np.ndarray) -> str:
    rows, cols = (int(side) for side in size)
    return f"the picture has {found[1]} x {found[0]} pixels, it is annotated as {cols} x {rows}"


def whole_square(rows: int, cols: int) -> Float[np.ndarray, " 4"]:
    """Square around a whole picture: its middle, and a scale of max(rows, cols) / 200.

    Args:
        rows: Of the picture, pixels.
        cols: Of the picture, pixels.

    Returns:
        The square, which has the length of the longer side.
    """
    return square_around(np.array([0, 0, cols, rows], float), 1)


def square_around(box: Float[np.ndarray, "*frame 4"], margin: float | int) -> Float[np.ndarray, "*frame 4"]:
    """Square with the middle of a box.

    Args:
        box: Left, top, right and bottom in pixels.
        margin: Length of an edge, as a multiple of the box's longer side.

    Returns:
        The square.
    """
    middle = (box[..., :2] + box[..., 2:]) / 2
    reach = margin * (box[..., 2:] - box[..., :2]).max(axis=-1, keepdims=True) / 2
    return np.concatenate([middle - reach, middle + reach], axis=-1)


def cut_square(
    image: UInt8[np.ndarray, "row col bgr"], square: Float[np.ndarray, " 4"], size: int
) -> UInt8[np.ndarray, "size size bgr"]:
    """Cut a square out of a picture and resize it.

    Args:
        image: The picture.
        square: Where, in pixels of the picture.
        size: Edge of the result, pixels.

    Returns:
        The square. What shrinks is averaged over areas, what grows is interpolated linearly.
    """
    rows, cols = image.shape[:2]
    scale = size / (square[2] - square[0])
    if scale < 1:
        shape = (max(1, round(cols * scale)), max(1, round(rows * scale)))
        image = cv2.resize(image, shape, interpolation=cv2.INTER_AREA)
    across, down = scale * cols / image.shape[1], scale * rows / image.shape[0]
    # what OpenCV calls (0, 0) is the middle of the first pixel
    shift = (across - 1) / 2 - scale * square[0], (down - 1) / 2 - scale * square[1]
    move = np.array([[across, 0, shift[0]], [0, down, shift[1]]])
    return cv2.warpAffine(image, move, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def to_square(position: Float[np.ndarray, "*joint 2"], square: Float[np.ndarray, "*#joint 4"]) -> np.ndarray:
    """Positions as shares of a square's edge, (0, 0) at its top left and (1, 1) at its bottom right.

    Args:
        position: Pixels of the picture.
        square: Of each position, in the same pixels.

    Returns:
        Shares, x and y.
    """
    return (position - square[..., :2]) / (square[..., 2:] - square[..., :2])


def from_square(share: Float[np.ndarray, "*joint 2"], square: Float[np.ndarray, "*#joint 4"]) -> np.ndarray:
    """Positions in pixels of the picture; the reverse of `to_square`."""
    return square[..., :2] + share * (square[..., 2:] - square[..., :2])


def crop_hands(image: np.ndarray, xy: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Square crops around hand joints, as they are in the image, without resizing (Baradel et al. 2017, Sec. 4).

    The pixel nearest to the joint (halves rounded up) gets row and column `size // 2` of the crop. What lies outside
    the image is zero. A hand is absent if it has no finite position or its crop no pixel in the image.

    Args:
        image: (row, col, bgr) uint8, as `Video.frames` yields it.
        xy: Position of each hand (hand, xy), pixels of the image, x right, y down; NaN or infinite where unknown.
        size: Side of a crop in pixels.

    Returns:
        Crops (hand, row, col, rgb) uint8 and mask (hand) uint8, 1 where the hand is present.
    """
    crops = np.zeros((len(xy), size, size, 3), np.uint8)
    mask = np.zeros(len(xy), np.uint8)
    height, width = image.shape[:2]
    known = (np.abs(xy) < height + width + size).all(axis=1)  # not so for NaN, nor for what no integer can hold
    for hand in np.flatnonzero(known):
        left, top = (np.floor(xy[hand] + 0.5).astype(int) - size // 2).tolist()
        rows, cols = slice(max(top, 0), min(top + size, height)), slice(max(left, 0), min(left + size, width))
        if rows.start < rows.stop and cols.start < cols.stop:
            inside = crops[hand, rows.start - top : rows.stop - top, cols.start - left : cols.stop - left]
            inside[:] = image[rows, cols, ::-1]
            mask[hand] = 1
    return crops, mask
