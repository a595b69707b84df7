"""Which files of the same shard an extraction reads."""

from .toy import plan


def test_frames_read_poses_to_crop_and_uses_to_cut() -> None:
    features = plan().features
    assert features.poses_of_frames("crops", "films", "001") == ["results/poses/films/annotated/001.h5"]
    assert features.poses_of_frames("whole", "films", "001") == []
    assert features.uses_of_frames("cut", "films", "001") == ["results/manifests/films/001.uses.tsv"]
    assert features.uses_of_frames("whole", "films", "001") == []


def test_cubes_read_stored_pictures_alone() -> None:
    features = plan().features
    assert features.pictures_of_cubes("rgb", "films", "000") == ["results/frames/films/whole/000.h5"]
    assert features.pictures_of_cubes("rgb", "videos_synthetic", "000") == []  # decoded while they are described
    assert features.pictures_of_cubes("motion_split1", "films", "000") == ["results/flow/films/dis/000.h5"]


def test_cubes_read_uses_for_twins_and_heatmaps_to_draw() -> None:
    features = plan().features
    assert features.uses_of_cubes("rgb", "videos_synthetic", "000") == [
        "results/manifests/videos_synthetic/000.uses.tsv"
    ]
    assert features.uses_of_cubes("rgb", "films", "000") == []
    assert features.heatmaps_of_cubes("rgb", "films", "000") == []
    assert features.heatmaps_of_cubes("motion_split1", "films", "000") == ["results/heatmaps/films/maps/000.h5"]


def test_glimpses_read_crops() -> None:
    assert plan().features.frames_of_glimpses("hands", "films", "001") == ["results/frames/films/crops/001.h5"]


def test_heatmaps_read_boxes_unless_they_are_of_whole_frames() -> None:
    features = plan().features
    assert features.boxes("maps", "films", "000") == ["results/poses/films/annotated/000.h5"]
    assert features.boxes("maps", "videos_synthetic", "000") == []
    assert features.boxes_of_poses("estimated", "films", "000") == ["results/poses/films/annotated/000.h5"]
