"""Files as Caffe writes them, for tests: protocol buffers by hand, from the field numbers of its caffe.proto."""

import numpy as np


def varint(value: int) -> bytes:
    head = b""
    while value > 127:
        head += bytes([value & 127 | 128])
        value >>= 7
    return head + bytes([value])


def text(number: int, value: bytes | str) -> bytes:
    """A field of known length: a string, a message or packed numbers."""
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def whole(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def blob(values: np.ndarray) -> bytes:
    """BlobProto of today: shape is field 7, values are field 5."""
    shape = text(1, b"".join(varint(length) for length in values.shape))
    return text(7, shape) + text(5, values.astype("<f4").tobytes())


def old_blob(values: np.ndarray, n_axes: int = 4) -> bytes:
    """BlobProto before: one field for each of four axes, then values and their differences; in C3D's fork five axes."""
    shape = (1,) * (n_axes - values.ndim) + values.shape
    axes = b"".join(whole(number, length) for number, length in enumerate(shape, 1))
    content = values.astype("<f4").tobytes()
    return axes + text(n_axes + 1, content) + text(n_axes + 2, content[::-1])


def network(layers: dict[str, list[np.ndarray]]) -> bytes:
    """NetParameter of today: layers are field 100, with name 1, type 2 and blobs 7; data layers have no blobs."""
    content = text(1, "net") + text(100, text(1, "data") + text(2, "Input"))
    for name, arrays in layers.items():
        blobs = b"".join(text(7, blob(array)) for array in arrays)
        content += text(100, text(1, name) + text(2, "Convolution") + text(3, "below") + blobs)
    return content


def old_network(layers: dict[str, list[np.ndarray]], n_axes: int = 4) -> bytes:
    """NetParameter before: layers are field 2, with bottom 2, name 4, type 5, blobs 6, and learning rates 7."""
    content = text(1, "net") + text(2, text(4, "data") + whole(5, 5))
    for name, arrays in layers.items():
        rate = varint(7 << 3 | 5) + np.float32(1).tobytes()
        blobs = b"".join(text(6, old_blob(array, n_axes)) for array in arrays)
        content += text(2, text(2, "below") + text(4, name) + whole(5, 4) + blobs + rate)
    return content
