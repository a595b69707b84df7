"""What protocols do with the clips of a shard."""

import json
from pathlib import Path

from poseattn.clips.shard_clips import USE_COLUMNS, read_uses
from poseattn.stages import list_uses

FILES = json.dumps({"video": "nturgb+d_rgb/*_rgb.avi", "skeleton": "nturgb+d_skeletons/*.skeleton"})
LIST = "NTU_RGBD_samples_with_missing_skeletons.txt"
CLIP = "S001C002P003R001A050"


def test_a_clip_has_its_class_its_group_and_its_part_of_each_protocol(tmp_path: Path) -> None:
    """One that lacks its video and one that the protocols leave out have them too; another shard has none of them."""
    for clip in (CLIP, CLIP.replace("C002P003", "C001P001")):
        (tmp_path / f"nturgb+d_skeletons/{clip}.skeleton").parent.mkdir(exist_ok=True)
        (tmp_path / f"nturgb+d_skeletons/{clip}.skeleton").touch()
    (tmp_path / LIST).write_text(CLIP)
    about = {"root": tmp_path, "layout": "ntu", "files": FILES, "lists": json.dumps([LIST]), "with_missing": 0}
    list_uses.run(**about, shard=0, n_shards=1, out=tmp_path / "uses.tsv")
    uses = read_uses(tmp_path / "uses.tsv")
    assert list(uses.columns) == list(USE_COLUMNS)
    assert [tuple(row) for row in uses.itertuples(index=False)] == [
        ("S001C001P001R001A050", "49", "P001", "cross_subject", "", "cross_view"),
        (CLIP, "49", "P003", "cross_view", "", "cross_subject"),
    ]
    sizes = []
    for shard in range(5):
        list_uses.run(**about, shard=shard, n_shards=5, out=tmp_path / "part.tsv")
        sizes.append(len(read_uses(tmp_path / "part.tsv")))
    assert sum(sizes) == 2
