import numpy as np

from poseattn.synthetic import motion
from poseattn.synthetic.figure import Posture
from tests.synthetic.recipe import shipped

RECIPE = shipped()["scene"]
PLAIN = motion.Style(1.0, 1.0, np.zeros(3))


def standing(frames: int = 30) -> Posture:
    return motion.stand(np.random.default_rng(0), frames, np.array([0.5, 0, 0.1]), 0.0, RECIPE["stand"])


def test_envelope_by_hand():
    np.testing.assert_allclose(motion.envelope(9, 1.0, 7.0, 2), [0, 0, 0.5, 1, 1, 1, 0.5, 0, 0])


def test_smooth_noise_has_its_standard_deviation_and_is_smooth():
    noise = motion.smooth_noise(np.random.default_rng(0), 5000, (20,), 0.3)
    np.testing.assert_allclose(noise.std(), 0.3, rtol=0.1)
    assert np.abs(np.diff(noise, axis=0)).mean() < 0.2 * noise.std()


def test_somebody_standing_stays_where_he_is():
    posture = standing()
    assert np.abs(posture.ground - [0.5, 0, 0.1]).max() < 4 * RECIPE["stand"]["sway"]
    assert np.abs(posture.hands[:, 0] * [-1, 1, 1] - RECIPE["stand"]["hand"]).max() < 4 * RECIPE["stand"]["fidget"]


def test_a_gesture_moves_the_acting_hand_to_its_goal():
    posture, step = standing(), motion.envelope(30, 5.0, 25.0, 4)
    recipe = RECIPE["gestures"]["to_mouth"] | {"swing": [0, 0, 0]}
    for hand, sign in ((0, -1), (1, 1)):
        moved = motion.gesture(posture, step, recipe, PLAIN, hand)
        np.testing.assert_allclose(moved.hands[15, hand], np.array(recipe["goal"]) * [sign, 1, 1])
        np.testing.assert_array_equal(moved.hands[:, 1 - hand], posture.hands[:, 1 - hand])
        np.testing.assert_array_equal(moved.hands[:5], posture.hands[:5])


def test_style_scales_the_swing():
    posture, step = standing(), motion.envelope(30, 5.0, 25.0, 4)
    wave = RECIPE["gestures"]["wave"]
    wide = motion.gesture(posture, step, wave, PLAIN._replace(amplitude=1.5), 1).hands[10:20, 1, 0]
    plain = motion.gesture(posture, step, wave, PLAIN, 1).hands[10:20, 1, 0]
    np.testing.assert_allclose(np.ptp(wide), 1.5 * np.ptp(plain))


def test_walking_goes_where_one_looks_with_the_feet_in_turns():
    posture = standing()._replace(yaw=np.full(30, np.pi / 2))
    walked = motion.walk(posture, np.linspace(0, 0.9, 30), RECIPE["walk"])
    np.testing.assert_allclose((walked.ground - posture.ground)[-1], [0.9, 0, 0], atol=1e-9)
    feet = (walked.feet - posture.feet)[..., 2]
    np.testing.assert_allclose(feet[:, 0], -feet[:, 1])
    assert np.ptp(feet[:, 0]) > RECIPE["walk"]["step"]


def test_somebody_who_stops_puts_the_feet_down():
    walked = motion.walk(standing(), np.full(30, 0.3), RECIPE["walk"])
    np.testing.assert_array_equal(walked.feet, standing().feet)


def test_a_clip_varies_the_style_of_its_person():
    person = motion.draw_style(np.random.default_rng(1), RECIPE["style"]["person"])
    clips = [motion.draw_style(np.random.default_rng(seed), RECIPE["style"]["clip"]) for seed in range(200)]
    amplitudes = [motion.combine(person, clip).amplitude for clip in clips]
    np.testing.assert_allclose(np.mean(amplitudes), person.amplitude, rtol=0.02)
    assert np.std(amplitudes) > 0
