"""Shape annotations of the tensors that stages pass to models. Axis letters: b batch, t frame, d channel, c class."""

from jaxtyping import Float
from torch import Tensor

Glimpse = Float[Tensor, "b t hand d"]
Pose = Float[Tensor, "b t 150"]
AugmentedPose = Float[Tensor, "b t 450"]
Motion = Float[Tensor, "b t 2"]
Logits = Float[Tensor, "b t c"]
