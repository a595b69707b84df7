"""Stanford 40: lists, subsets and divisions, and boxes of people."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from poseattn.datasets import stanford40
from poseattn.datasets.stanford40 import PROTOCOLS, class_of, manifest_rows, read_counts
from poseattn.datasets.stanford40_poses import POSES, read_poses
from poseattn.datasets.voc_xml import read_box

NAMES = ("writing_on_a_book", "applauding", *(f"class_{number:02d}" for number in range(18)))  # not in order
TRAIN, TEST = 20, 30

XML = """<annotation><filename>{name}.jpg</filename><size><width>300</width><height>200</height></size>
<object><name>person</name><action>x</action>
<bndbox><xmax>120</xmax><xmin>11</xmin><ymax>150</ymax><ymin>21</ymin></bndbox></object></annotation>"""


def write_lists(root: Path, names: tuple[str, ...] = NAMES) -> list[str]:
    """As the data set has them: CR LF, a header line, images numbered from 1."""
    folder = root / "ImageSplits"
    folder.mkdir(parents=True)
    lines = ["Action name\tNumber of images"] + [f"{name}\t{TRAIN + TEST}" for name in names]
    (folder / "actions.txt").write_bytes("".join(f"{line}\r\n" for line in lines).encode())
    for name in names:
        images = [f"{name}_{number:03d}.jpg\r\n" for number in range(1, TRAIN + TEST + 1)]
        (folder / f"{name}_train.txt").write_bytes("".join(images[:TRAIN]).encode())
        (folder / f"{name}_test.txt").write_bytes("".join(images[TRAIN:]).encode())
    return [f"ImageSplits/{path.name}" for path in sorted(folder.iterdir())]


def _parts(rows: list[dict[str, str]], protocol: str) -> dict[str, list[str]]:
    columns = ("trains", "validates", "tests")
    return {c: [row["clip_id"] for row in rows if protocol in row[c].split()] for c in columns}


def test_classes_are_in_the_order_of_the_list(tmp_path: Path) -> None:
    assert stanford40.classes(tmp_path, write_lists(tmp_path)) == NAMES
    assert class_of("riding_a_bike_012") == "riding_a_bike" and class_of("watching_TV_001") == "watching_TV"


def test_rows_of_images(tmp_path: Path) -> None:
    lists = write_lists(tmp_path)
    files = {
        "applauding_002": {"image": "JPEGImages/applauding_002.jpg", "annotation": "XMLAnnotations/applauding_002.xml"}
    }
    rows = {row["clip_id"]: row for row in manifest_rows(tmp_path, files, lists)}
    assert len(rows) == 20 * 50
    assert rows["applauding_002"]["path"] == "JPEGImages/applauding_002.jpg"
    assert rows["applauding_002"]["pose_path"] == "XMLAnnotations/applauding_002.xml"
    assert rows["applauding_002"]["label"] == "1" and rows["writing_on_a_book_001"]["label"] == "0"
    assert rows["applauding_003"]["path"] == ""


def test_every_protocol_divides_as_it_says(tmp_path: Path) -> None:
    rows = manifest_rows(tmp_path, {}, write_lists(tmp_path))
    label = {row["clip_id"]: int(row["label"]) for row in rows}
    official_train = {f"{name}_{number:03d}" for name in NAMES for number in range(1, TRAIN + 1)}
    assert len(PROTOCOLS) == 6
    drawn = {}
    for protocol in PROTOCOLS:
        parts = _parts(rows, protocol)
        images = [image for part in parts.values() for image in part]
        assert len(images) == len(set(images))
        drawn[protocol] = set(images)
        subset, _, rule = protocol.partition("_")
        n_classes, per_class = {"complete": (20, 50), "small": (20, 25), "xsmall": (15, 25)}[subset]
        counts = {part: Counter(label[image] for image in found) for part, found in parts.items()}
        assert sum(counts.values(), Counter()) == dict.fromkeys(range(n_classes), per_class)
        if rule == "official":
            assert set(parts["trains"]) | set(parts["validates"]) <= official_train
            assert not set(parts["tests"]) & official_train
        else:
            fifth = per_class // 5
            assert counts["tests"] == counts["validates"] == dict.fromkeys(range(n_classes), fifth)
        if protocol == "complete_official":
            assert set(counts["validates"].values()) == {2} and set(counts["trains"].values()) == {18}
    assert drawn["small_official"] == drawn["small_stratified_60_20_20"]
    assert drawn["xsmall_official"] == {image for image in drawn["small_official"] if label[image] < 15}


def test_small_sets_have_15_5_and_5_images_of_a_class(tmp_path: Path) -> None:
    parts = _parts(manifest_rows(tmp_path, {}, write_lists(tmp_path)), "xsmall_stratified_60_20_20")
    assert [len(found) for found in parts.values()] == [15 * 15, 75, 75]


def test_draws_do_not_depend_on_the_order_of_the_lists(tmp_path: Path) -> None:
    rows = manifest_rows(tmp_path, {}, write_lists(tmp_path))
    path = tmp_path / "ImageSplits/applauding_train.txt"
    path.write_text("".join(sorted(path.read_text().splitlines(keepends=True), reverse=True)))
    again = manifest_rows(tmp_path, {}, [f"ImageSplits/{path.name}" for path in (tmp_path / "ImageSplits").iterdir()])
    assert sorted(rows, key=lambda row: row["clip_id"]) == sorted(again, key=lambda row: row["clip_id"])


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            "applauding_train.txt",
            "phoning_001.jpg\r\n",
            "applauding_train.txt: image 'phoning_001.jpg' is not one of appl",
        ),
        (
            "applauding_test.txt",
            "applauding_001.jpg\r\n",
            "applauding_test.txt: image 'applauding_001.jpg' is listed twice",
        ),
        ("applauding_test.txt", "applauding_099.jpg\r\n", "21 images of applauding are listed, actions.txt says 50"),
        ("actions.txt", "header\r\napplauding two\r\n", "actions.txt: line 'applauding two', expected a class and its"),
    ],
)
def test_broken_lists_say_what_is_wrong(tmp_path: Path, file: str, text: str, message: str) -> None:
    lists = write_lists(tmp_path)
    (tmp_path / "ImageSplits" / file).write_text(text)
    with pytest.raises(ValueError, match=message):
        manifest_rows(tmp_path, {}, lists)


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    lists = write_lists(tmp_path)
    (tmp_path / "ImageSplits/class_03_test.txt").unlink()
    with pytest.raises(ValueError, match="no list ImageSplits/class_03_test.txt"):
        manifest_rows(tmp_path, {}, lists)
    with pytest.raises(ValueError, match="no list ImageSplits/actions.txt"):
        stanford40.classes(tmp_path, [])


def test_box_of_a_person_by_hand(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(XML.format(name="a"))
    box, size = read_box(tmp_path / "a.xml")
    assert box.tolist() == [10, 20, 120, 150] and size == (200, 300)
    arrays = read_poses(tmp_path / "a.xml", {})
    assert set(arrays) == {"data", *POSES.side} and arrays["data"].shape == (1, *POSES.shape) == (1, 1, 0, 2)
    assert arrays["box"].tolist() == [[[10, 20, 120, 150]]] and arrays["size"].tolist() == [[200, 300]]


BOMB = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]>
<annotation><size><width>&y;</width></size></annotation>"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "declares a document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/hostname"><annotation/>', "declares a document type"),
        ("<annotation><size>", "no XML, or cut off: no element found"),
        ("<annotation/>", "size/height is None, expected a number"),
        (XML.replace("<width>", "<width>1e999"), "size/width is '1e999.*, expected a number of pixels"),
        (XML.replace("<height>", "<height>-"), "expected pixels"),
        (XML.replace("<xmin>", "<xmin>nan"), "object/bndbox/xmin is 'nan"),
        (XML.replace("<xmin>11", "<xmin>121"), "box 121, 21, 120, 150 has no area"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        (tmp_path / "a.xml").write_bytes(text.encode(encoding))
        with pytest.raises(ValueError, match=message):
            read_box(tmp_path / "a.xml")


@pytest.mark.data
def test_the_official_training_images_are_100_of_each_of_40_classes(samples: Path) -> None:
    folder = samples / "stanford40/annotations"
    names = (folder / "voc_classes.txt").read_text().split()
    lines = [line.split() for line in (folder / "annotations.txt").read_text().splitlines() if line.strip()]
    counts = Counter(class_of(Path(image).stem) for image, _ in lines)
    assert len(lines) == 4000 and len(names) == 40 and counts == dict.fromkeys(names, 100)
    assert all(class_of(Path(image).stem) == names[int(box.split(",")[-1])] for image, box in lines)
    boxes = np.array([[int(number) for number in box.split(",")[:4]] for _, box in lines])
    assert (boxes[:, :2] < boxes[:, 2:]).all()


def test_counts_of_the_list(tmp_path: Path) -> None:
    write_lists(tmp_path)
    assert read_counts(tmp_path / "ImageSplits/actions.txt") == dict.fromkeys(NAMES, 50)


def test_an_unknown_encoding_is_no_xml(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(b'<?xml version="1.0" encoding="zip"?><annotation/>')
    with pytest.raises(ValueError, match="no XML, or cut off: .*encoding"):
        read_box(tmp_path / "a.xml")


def test_only_plain_digits_count_images(tmp_path: Path) -> None:
    for count in ("\u00b2", "9" * 5000, "-1"):
        (tmp_path / "actions.txt").write_text(f"head\nclimbing {count}\n", encoding="utf-8")
        with pytest.raises(ValueError, match="actions.txt: line 'climbing .*expected a class and its number"):
            read_counts(tmp_path / "actions.txt")
