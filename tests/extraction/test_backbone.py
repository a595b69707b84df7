"""Backbones by recipe: inputs that are no RGB images, and sizes that are no squares."""

from typing import Any

import pytest

from poseattn.extraction.backbone import build_backbone, feature_shape

FLOW = {"backbone": "bn_inception", "arguments": {"in_channels": 10, "width": 0.25}, "size": [48, 80], "seed": 0}
PIECES = {"backbone": "c3d", "arguments": {"mean": [104, 117, 123], "crop": 48, "width": 0.125}, "size": [56, 75]}


@pytest.mark.parametrize(
    ("recipe", "shape"),
    [
        (FLOW | {"tap": "inception_5a"}, (2, 3, 256)),
        (FLOW, (256,)),
        (FLOW | {"tap": "global_pool"}, (256,)),
        (FLOW | {"backbone": "vgg:vgg16", "tap": "pool5"}, (1, 2, 128)),
        (PIECES | {"seed": 0}, (512,)),
    ],
)
def test_shape_of_what_a_backbone_makes(recipe: dict[str, Any], shape: tuple[int, ...]) -> None:
    backbone = build_backbone(recipe, None)
    assert feature_shape(backbone) == shape
    assert backbone.channels == shape[-1]


def test_features_of_other_axes_are_refused() -> None:
    with pytest.raises(ValueError, match="^recipe: tap 'pool5' of c3d gives 4 axes, not 1 or 3$"):
        build_backbone(PIECES | {"seed": 0, "tap": "pool5"}, None)
