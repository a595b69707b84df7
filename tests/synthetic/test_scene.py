import cv2
import numpy as np
import pytest

from poseattn.synthetic import scene
from poseattn.synthetic.camera import Camera, lens_of, project, to_camera
from poseattn.synthetic.figure import HANDS
from poseattn.synthetic.performance import Performance, draw_person, perform
from tests.synthetic.recipe import shipped

RECIPE = shipped()["scene"]
IMAGE = RECIPE["image"]
LENS = lens_of(IMAGE)
CAMERA = Camera(0.2, 0.0, 1.05, 2.25)


@pytest.fixture(scope="module")
def performance() -> Performance:
    subject = draw_person(np.random.default_rng(9), RECIPE)
    action = {"gesture": "before_chest", "object": "any"}
    return perform(np.random.default_rng(2), action, subject, 12, RECIPE)


def shoot(performance: Performance, look: dict) -> tuple[np.ndarray, np.ndarray]:
    """Pictures over black, (frame, row, col, bgr), and the pixels of the hands, (person, frame, hand, xy)."""
    position = to_camera(performance.joints, CAMERA)
    black = np.zeros((*IMAGE["size"][::-1], 3), np.uint8)
    pictures = np.stack(list(scene.film(performance, [look, look], position, LENS, black)))
    return pictures, project(position[:, :, list(HANDS)], LENS)


def test_hands_are_drawn_exactly_at_their_projection(performance):
    look = dict.fromkeys(scene.draw_look(np.random.default_rng(0)), (0, 0, 0)) | {"hand": (255, 255, 255)}
    bare = performance._replace(grips=[([None] * 12, [None] * 12)] * 2)
    pictures, hands = shoot(bare, look)
    for frame in (0, 6, 11):
        for x, y in hands[0, frame]:
            corner = np.rint([x, y]).astype(int) - 12
            patch = pictures[frame, corner[1] :, corner[0] :][:25, :25, 0].astype(float)
            weight = cv2.moments(patch)
            center = np.array([weight["m10"], weight["m01"]]) / weight["m00"] + corner
            np.testing.assert_allclose(center, [x, y], atol=0.6)


def test_held_things_are_drawn_around_the_hand(performance):
    look = dict.fromkeys(scene.draw_look(np.random.default_rng(0)), (0, 0, 0))
    pictures, hands = shoot(performance, look)
    seen = 0
    for frame in range(12):
        for hand, (x, y) in enumerate(hands[0, frame]):
            col, row = np.rint([x, y]).astype(int) - 25
            if performance.grips[0][hand][frame] is not None:
                share = pictures[frame, row : row + 50, col : col + 50].any(-1).mean()
                assert 0.04 < share < 0.75
                seen += 1
    assert seen > 5


def test_people_are_drawn_large_and_upright(performance):
    look = dict.fromkeys(scene.draw_look(np.random.default_rng(0)), (255, 255, 255))
    still = performance.at(np.array([0]))._replace(grips=[([None], [None])] * 2)
    rows, cols = np.nonzero(shoot(still, look)[0][0].any(-1))
    assert 230 < np.ptp(rows) < 340
    assert rows.min() < 110 and rows.max() > 300


def test_near_parts_hide_far_ones(performance):
    grey = dict.fromkeys(scene.draw_look(np.random.default_rng(0)), (90, 90, 90))
    near, far = grey | {"shirt": (255, 0, 0)}, grey | {"shirt": (0, 0, 255)}
    pair = performance.at(np.array([0]))._replace(grips=[([None], [None])] * 2)
    same_place = np.stack([pair.joints[0], pair.joints[0] + [0, 0, 0.5]])
    position = to_camera(same_place, Camera(0.0, 0.0, 1.05, 2.25))
    black = np.zeros((*IMAGE["size"][::-1], 3), np.uint8)
    picture = next(scene.film(pair, [near, far], position, LENS, black))
    chest = np.rint(project(position[0, 0, 1], LENS)).astype(int)
    assert picture[chest[1], chest[0]].tolist() == [255, 0, 0]


def test_backgrounds_are_cluttered_and_all_different():
    first, second = (scene.paint_background(np.random.default_rng(seed), IMAGE) for seed in (0, 1))
    assert first.shape == (360, 640, 3)
    assert cv2.Laplacian(first, cv2.CV_64F).std() > 5
    assert np.abs(first.astype(float) - second).mean() > 20


def test_grain_is_of_a_random_strength_and_leaves_the_picture():
    picture = np.full((360, 640, 3), 100, np.uint8)
    rng = np.random.default_rng(0)
    noise = [scene.add_grain(picture, rng, IMAGE["grain"]).astype(float) - picture for _ in range(20)]
    assert max(np.abs(part).mean() for part in noise) < 10
    assert len({round(part.std()) for part in noise}) >= 3
