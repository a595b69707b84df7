"""Names of clips and the shards that they belong to."""

from poseattn.clips.ids import file_of, part_of, shard_of


def test_a_clip_keeps_its_shard_when_others_come_and_all_shards_are_used() -> None:
    ids = [f"S{setup:03d}C001P001R001A{action:03d}" for setup in range(1, 18) for action in range(1, 61)]
    shards = [shard_of(clip_id, 10) for clip_id in ids]
    assert set(shards) == set(range(10))
    assert shard_of("S001C001P001R001A001", 100) == 35  # CRC-32 of the id: 0xdcb5eb8b = 3702909835


def test_parts_of_a_file_share_its_shard_and_other_signs_do_not_count() -> None:
    assert part_of("--1DO2V4K74", 3) == "--1DO2V4K74=3"
    for name in ("S001C001P001R001A001", "-_FREE_HUGS_-_Abrazos_wave_1", "a=b", "=4", "Training_Day_#_7", "lr=0.1__a"):
        assert file_of(name) == name
        assert file_of(part_of(name, 12)) == name
        shards = {shard_of(part_of(name, number), 997) for number in range(30)}
        assert shards == {shard_of(name, 997)}
