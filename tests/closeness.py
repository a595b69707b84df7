"""Compare tensors through NumPy: PyTorch's own comparison imports 500 modules at its first call."""

import numpy as np
import torch


def assert_close(actual: torch.Tensor, expected: torch.Tensor, rtol: float = 1e-9, atol: float = 1e-12) -> None:
    np.testing.assert_allclose(actual.detach().cpu(), expected.detach().cpu(), rtol=rtol, atol=atol)
