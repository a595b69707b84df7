"""OpenCV, for resizing, images, drawing and flow; the only place that imports it for the package.

It decodes and writes no video: `poseattn.video.decode` and `poseattn.video.encode` do.
"""

import os

MOST_PIXELS = 1 << 25  # of a frame or an image: the pixels of 8K video
# OpenCV reads this at the first image, so that it allocates nothing for the size that a damaged header states.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MOST_PIXELS))

try:
    import cv2
except ImportError as error:
    if "lib" not in str(error):
        raise
    raise OSError(f"OpenCV needs libGL and glib: apt-get install libgl1 libglib2.0-0 ({error})") from error

__all__ = ["MOST_PIXELS", "cv2", "silence"]


def silence() -> None:
    """Keep OpenCV's own messages about a bad image out of the log."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
