"""A pool over frames, rows and columns whose gradient repeats itself on a GPU."""

from torch import nn
from torch.nn import functional

from poseattn.networks.shared import Traceable


class BlockPool(nn.MaxPool3d):
    """Take the maximum over small blocks of frames, rows and columns, which lie side by side.

    PyTorch has no gradient of it on a GPU that repeats itself; in training the blocks' places and frames are taken one
    after the other, which gives the same.
    """

    def forward(self, maps: Traceable) -> Traceable:
        """Pool maps.

        Args:
            maps: Maps (b, d, frame, row, col).

        Returns:
            Smaller maps, their edges rounded up.
        """
        if not self.training:
            return super().forward(maps)
        frames, *places = self.kernel_size
        rows_cols = functional.max_pool2d(maps.flatten(1, 2), places, ceil_mode=True).unflatten(1, maps.shape[1:3])
        steps = functional.max_pool2d(rows_cols.flatten(3), (frames, 1), ceil_mode=True)
        return steps.unflatten(3, rows_cols.shape[3:])
