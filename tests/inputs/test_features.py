"""Windows of frames against rows computed by hand, resident and memory-mapped."""

import numpy as np
import pytest
import torch

from poseattn.inputs.features import load_features
from poseattn.pose.parts import BODIES
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.shards.shard_set import ShardSet, mirrored_of
from tests import toy

CPU = torch.device("cpu")
ENOUGH = 1 << 30


@pytest.fixture
def shards(tmp_path):
    """Clips 0-3 and 6 in the first shard, 4 and 5 in the second; pose shards hold a frame more than glimpse shards."""
    poses = [toy.write_poses(tmp_path / f"p{i}.h5", n, extra_frames=1) for i, n in enumerate([[0, 1, 2, 3, 6], [4, 5]])]
    glimpses = [toy.write_glimpses(tmp_path / f"g{i}.h5", n) for i, n in enumerate([[6, 3, 2, 1, 0], [5, 4]])]
    return {"poses": ShardSet(poses, "poses"), "glimpses": ShardSet(glimpses, "glimpses")}


CLIPS = ["clip005", "clip000", "clip003", "clip004"]


def expected_glimpse(clip_id: str) -> np.ndarray:
    number = int(clip_id[4:])
    glimpse = np.random.default_rng(1000 + number).normal(size=(toy.clip_length(number), 4, 5)) * 0.3
    glimpse[:, :, :2] += [[number % 3, (number + 1) % 3]]
    return glimpse.astype(np.float16).astype(np.float32)


@pytest.mark.parametrize("budget", [ENOUGH, 0])
def test_windows_hold_the_rows_asked_for(shards, budget):
    features = load_features(CLIPS, shards, ["glimpse"], toy.settings(), CPU, budget)
    clips, frames = np.array([3, 0, 1]), np.array([[0, 2, 2], [1, 3, 6], [6, 0, 5]])
    window = features.window(clips, frames)["glimpse"]
    assert window.shape == (3, 3, 4, 5) and window.dtype == torch.float32
    for row, (clip, numbers) in enumerate(zip(clips, frames, strict=True)):
        for step, frame in enumerate(numbers):
            assert (window[row, step].numpy() == expected_glimpse(CLIPS[clip])[frame]).all()


def test_the_shorter_input_sets_the_length(shards):
    features = load_features(CLIPS, shards, ["glimpse", "pose"], toy.settings(), CPU, ENOUGH)
    assert features.timeline.length.tolist() == [toy.clip_length(int(clip_id[4:])) for clip_id in CLIPS]


def test_poses_are_centred_and_differ_from_frame_to_frame(shards):
    """A literal loop over frames, bodies and joints (Baradel et al. 2017, Sec. 3.1-3.2)."""
    features = load_features(CLIPS, shards, ["pose", "augmented_pose", "motion"], toy.settings(), CPU, ENOUGH)
    frames = np.array([[1, 2, 5]])
    window = features.window(np.array([2]), frames)  # clip003: two bodies throughout
    pose = shards["poses"].shard_of("clip003").clip("clip003").astype(np.float64)
    centred = np.array([[[joint - frame[0, 1] for joint in body] for body in frame] for frame in pose])
    for step, frame in enumerate(frames[0]):
        velocity = centred[frame] - centred[frame - 1]
        before = centred[frame - 1] - centred[frame - 2]
        acceleration = velocity - before if frame >= 2 else np.zeros_like(velocity)
        expected = np.concatenate([centred[frame].ravel(), velocity.ravel(), acceleration.ravel()])
        assert np.allclose(window["augmented_pose"][0, step], expected, atol=1e-5)
        assert np.allclose(window["pose"][0, step], centred[frame].ravel(), atol=1e-5)
        assert np.allclose(window["motion"][0, step], [np.abs(acceleration).sum(), np.abs(velocity).sum()], atol=1e-3)


def test_sampled_differences_are_between_the_frames_of_the_window(shards):
    names = ["pose", "augmented_pose", "motion"]
    native = load_features(CLIPS, shards, names, toy.settings(), CPU, ENOUGH)
    sampled = load_features(CLIPS, shards, names, toy.settings(differences="sampled"), CPU, ENOUGH)
    frames = np.array([[0, 3, 4]])
    pose = native.window(np.array([2]), frames)["pose"][0]
    window = sampled.window(np.array([2]), frames)
    assert torch.equal(window["pose"][0], pose)
    velocity = window["augmented_pose"][0, :, 150:300]
    assert torch.allclose(velocity, torch.stack([torch.zeros(150), pose[1] - pose[0], pose[2] - pose[1]]))
    assert torch.allclose(window["motion"][0, :, 1], velocity.abs().sum(1))


@pytest.mark.parametrize("budget", [ENOUGH, 0])
def test_batches_cover_all_clips_in_order(shards, budget):
    features = load_features(CLIPS, shards, ["glimpse", "motion"], toy.settings(), CPU, budget)
    clips, frames = np.array([1, 3, 0, 2, 1]), np.arange(10).reshape(5, 2) % 7
    whole = features.window(clips, frames)
    batches = list(features.windows(clips, frames, 2))
    assert [len(batch["glimpse"]) for batch in batches] == [2, 2, 1]
    for name in whole:
        assert torch.equal(torch.cat([batch[name] for batch in batches]), whole[name])


def test_both_ways_of_loading_give_the_same_numbers(shards):
    clips, frames = np.array([0, 1, 2, 3]), np.tile([0, 1, 4, 6], (4, 1))
    names = ["glimpse", "augmented_pose"]
    resident, mapped = (load_features(CLIPS, shards, names, toy.settings(), CPU, b) for b in (ENOUGH, 0))
    for name in names:
        assert torch.equal(resident.window(clips, frames)[name], mapped.window(clips, frames)[name])


def test_shards_of_different_recipes_are_refused(tmp_path, monkeypatch):
    first = toy.write_poses(tmp_path / "a.h5", [0])
    second = toy.write_poses(tmp_path / "b.h5", [0])
    with pytest.raises(ValueError, match="b.h5: clip clip000 is in .*a.h5 as well"):
        ShardSet([first, second], "poses")
    with pytest.raises(ValueError, match="a.h5.*glimpses"):
        ShardSet([first], "glimpses")


def test_joints_in_the_image_are_normalised_and_mirrored(tmp_path):
    """A clip, its mirrored twin, positions and velocities between the sampled frames."""
    joints = np.random.default_rng(0).uniform(0, 200, (6, 1, 13, 2)).astype(np.float32)
    side = {"presence": SideArray("frame body", "1"), "valid": SideArray("frame body joint", "1")}
    header = {"kind": "poses", "axes": "frame body joint xy", "units": "pixels", "recipe": "{}", "code": ""}
    with ShardWriter(tmp_path / "p.h5", **header, side=side, attrs={"layout": "penn_action"}) as writer:
        writer.append("a", joints, presence=np.ones((6, 1), np.uint8), valid=np.ones((6, 1, 13), np.uint8))
    run = toy.settings(center="per_clip", differences="sampled", derivatives=1)
    shards = {"poses": ShardSet([tmp_path / "p.h5"], "poses")}
    features = load_features(["a", mirrored_of("a")], shards, ["pose"], run, CPU, ENOUGH)
    frames = np.array([[0, 3, 5]])
    window, twin = (features.window(np.array([clip]), frames)["pose"][0].numpy() for clip in (0, 1))
    centred = joints - joints.mean(axis=(0, 1, 2))
    centred /= np.sqrt(np.square(centred).mean())
    sampled = centred[frames[0]].reshape(3, 26)
    velocity = np.concatenate([np.zeros((1, 26)), np.diff(sampled, axis=0)])
    np.testing.assert_allclose(window, np.concatenate([sampled, velocity], axis=1), atol=1e-5)
    mirrored = centred[:, :, list(BODIES["penn_action"].mirrored)] * [-1, 1]
    np.testing.assert_allclose(twin[:, :26], mirrored[frames[0]].reshape(3, 26), atol=1e-5)
