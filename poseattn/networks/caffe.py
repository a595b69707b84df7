"""Files of Caffe, read without its library: weights of trained networks and mean images.

They are protocol buffers (https://protobuf.dev/programming-guides/encoding), defined by caffe.proto of BVLC/caffe and,
with an axis more in each array, of facebookarchive/C3D.
"""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

_LAYERS = {2: (4, 6), 100: (1, 7)}  # field of a network's layers, old and new -> fields of their name and arrays
_FIXED = {1: 8, 5: 4}  # kind of value -> its bytes
_LONGEST = 10  # bytes of a whole number of 64 bits


def read_layers(path: Path) -> dict[str, list[np.ndarray]]:
    """Arrays of a trained network.

    Args:
        path: File that Caffe calls `.caffemodel`.

    Returns:
        Of each layer that has any, by its name: mostly weight and bias, without leading axes of length 1.

    Raises:
        ValueError: The file is damaged or something else.
    """
    layers: dict[str, list[np.ndarray]] = {}
    try:
        for field, layer in _fields(memoryview(path.read_bytes())):
            if field in _LAYERS:
                name_field, arrays_field = _LAYERS[field]
                parts = list(_fields(layer))
                name = next(bytes(value).decode() for number, value in parts if number == name_field)
                if arrays := [_array(value) for number, value in parts if number == arrays_field]:
                    layers[name] = arrays
    except (ValueError, IndexError, TypeError, KeyError, StopIteration) as error:
        raise ValueError(f"{path}: damaged, or no file of Caffe weights") from error
    if not layers:
        raise ValueError(f"{path}: holds no Caffe weights")
    return layers


def read_mean(path: Path) -> np.ndarray:
    """A mean image or volume.

    Args:
        path: File that Caffe calls `.binaryproto`.

    Returns:
        (channel, row, col), or (channel, frame, row, col) as C3D has it; channels blue, green, red.

    Raises:
        ValueError: The file is damaged or something else.
    """
    try:
        return _array(memoryview(path.read_bytes()))
    except (ValueError, IndexError, TypeError, KeyError) as error:
        raise ValueError(f"{path}: damaged, or no mean of Caffe") from error


def _array(message: memoryview) -> np.ndarray:
    """One array. Its axes, last to first, are numbered up to the field before its values, unless a list gives them."""
    fields = dict(_fields(message))
    values_field = 6 if isinstance(fields[5], int) else 5  # C3D's has one axis more
    shape = [fields.get(number, 1) for number in range(1, values_field)]
    if values_field == 5 and 7 in fields:
        shape = [size for _, sizes in _fields(fields[7]) for size in _varints(sizes)]
    values = np.frombuffer(fields[values_field], "<f4")
    if not len(values) or math.prod(shape) != len(values):
        raise ValueError(f"{len(values)} values of shape {shape}")
    while len(shape) > 1 and shape[0] == 1:
        shape = shape[1:]
    return values.reshape(shape)


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Numbers and values of the fields of a message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield number, value
            continue
        length, at = _varint(message, at) if kind == 2 else (_FIXED[kind], at)
        if at + length > len(message):
            raise ValueError(f"field {number} ends {at + length - len(message)} bytes after its message")
        yield number, message[at : at + length]
        at += length


def _varints(packed: int | memoryview) -> Iterator[int]:
    """Whole numbers that stand one after the other, or a single one."""
    if isinstance(packed, int):
        yield packed
        return
    at = 0
    while at < len(packed):
        value, at = _varint(packed, at)
        yield value


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """A whole number, seven bits in a byte from the lowest on, and where the next thing begins."""
    value = 0
    for number, byte in enumerate(message[at : at + _LONGEST]):
        value |= (byte & 127) << 7 * number
        if byte < 128:
            return value, at + number + 1
    raise ValueError(f"a number at byte {at} does not end")
