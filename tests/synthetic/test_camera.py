import numpy as np

from poseattn.synthetic.camera import Camera, Lens, draw_camera, lens_of, project, to_camera

LENS = Lens(350.0, (320.0, 180.0))


def test_projection_by_hand():
    # 1 m right, 0.5 m up, 2 m away: 350 / 2 pixels a metre, y downwards
    np.testing.assert_allclose(project(np.array([1.0, 0.5, 2.0]), LENS), [320 + 175, 180 - 87.5])


def test_level_camera_in_front():
    camera = Camera(yaw=0.0, pan=0.0, height=1.0, distance=2.0)
    np.testing.assert_allclose(to_camera(np.array([0.3, 1.5, 0.25]), camera), [0.3, 0.5, 2.25])


def test_a_quarter_turn_shows_depth_as_width():
    camera = Camera(yaw=np.pi / 2, pan=0.0, height=0.0, distance=3.0)
    np.testing.assert_allclose(to_camera(np.array([0.4, 0.0, 0.7]), camera), [0.7, 0, 2.6], atol=1e-12)


def test_turning_keeps_distances():
    points = np.random.default_rng(0).normal(size=(5, 3))
    seen = to_camera(points, Camera(0.6, 0.2, 1.1, 2.3))
    np.testing.assert_allclose(
        np.linalg.norm(np.diff(seen, axis=0), axis=1), np.linalg.norm(np.diff(points, axis=0), axis=1)
    )


def test_a_drawn_camera_stays_near_its_setup():
    recipe = {"yaw": 0.1, "pan": 0.2, "height": 0.05, "distance": 0.1}
    for seed in range(20):
        camera = draw_camera(np.random.default_rng(seed), recipe, 0.3, {"height": 1.0, "distance": 2.2})
        assert abs(camera.yaw - 0.3) <= 0.1
        assert abs(camera.height - 1.0) <= 0.05
        assert abs(camera.distance - 2.2) <= 0.1


def test_the_lens_looks_through_the_middle():
    assert lens_of({"size": [640, 360], "focal": 353.3}) == Lens(353.3, (320.0, 180.0))
