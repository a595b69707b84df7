"""The report: every number of every table on one page that needs nothing else."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from poseattn.stages import build_report

HEADER = (
    "row_label,method_id,own_method,pose_input,cs_acc,cs_acc_sd,cs_acc_published,cs_acc_delta,cs_acc_n_test,"
    "cs_acc_n_excluded,seeds,data,weights,note"
)
OTHER = "Lie <Group> [35],lie_group,false,yes,,,50.1,,,,,,,"
REAL = 'A+B,a_b,true,attention_only,81.25,0.50,82.5,-1.25,16487,12,3,real,imagenet-torchvision,"one, two & <three>"'
SYNTHETIC = "A,a,true,no,40.00,,68.0,,96,0,1,synthetic,standin,stand-in"
EMPTY = "B,b,true,no,,,73.5,,0,0,1,real,none,no test clip in cross_view"


class Cells(HTMLParser):
    """Text of all cells of the tables, row by row, and all addresses on the page."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.addresses: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in ("meta", "img"):
            self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "data")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += ("|" if self.open[-1] == "span" else "") + data


def _csv(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def _png(path: Path) -> Path:
    texts = PngInfo()
    texts.add_text("Title", "handshaking")
    texts.add_itxt("Description", 'who looks at "<what>" · here')
    Image.new("RGB", (8, 4), "red").save(path, pnginfo=texts)
    return path


def _page(tmp_path: Path, tables: list[Path], figures: list[Path]) -> str:
    build_report.run(tables=tables, figures=figures, out=tmp_path / "report.html")
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def _cells(page: str) -> Cells:
    cells = Cells()
    cells.feed(page)
    assert cells.open == []
    return cells


def test_measured_and_published_values_stand_side_by_side_in_the_order_of_the_file(tmp_path: Path) -> None:
    cells = _cells(_page(tmp_path, [_csv(tmp_path / "ntu_table1.csv", OTHER, REAL, EMPTY)], []))
    assert cells.rows == [
        ["method", "pose input", "cs acc", "seeds", "data", "weights", "note"],
        ["measured", "published", "difference"],
        ["Lie <Group> [35]", "✓", "", "50.1", "", "", "", "", ""],
        [
            "A+B",
            "attention only",
            "81.25 ± 0.50|16487 clips, 12 excluded",
            "82.5",
            "−1.25",
            "3",
            "real",
            "imagenet-torchvision",
            "one, two & <three>",
        ],
        ["B", "–", "|0 clips", "73.5", "", "1", "real", "none", "no test clip in cross_view"],
    ]


def test_columns_of_other_tables_are_shown_too(tmp_path: Path) -> None:
    header = "row_label,method_id,own_method,m,m_published,m_delta,seeds,data,weights,note,extra_value"
    cells = _cells(_page(tmp_path, [_csv(tmp_path / "t.csv", "A,a,true,0.5,0.25,0.25,1,real,w,,7", header=header)], []))
    assert cells.rows[0] == ["method", "m", "extra value", "seeds", "data", "weights", "note"]
    assert cells.rows[2] == ["A", "0.5", "0.25", "+0.25", "7", "1", "real", "w", ""]


def test_synthetic_data_are_announced_by_name(tmp_path: Path) -> None:
    real, made = _csv(tmp_path / "ntu_table1.csv", OTHER, REAL), _csv(tmp_path / "ntu_table2.csv", OTHER, SYNTHETIC)
    page = _page(tmp_path, [real, made], [])
    warning = re.search(r'<p class="warning".*?</p>', page, re.DOTALL)
    assert "ntu_table2" in warning[0]
    assert "ntu_table1" not in warning[0]
    assert "Data: real, synthetic" in page
    assert "Weights: imagenet-torchvision, standin" in page
    assert "Seeds: 1, 3" in page
    assert 'class="warning"' not in _page(tmp_path, [real], [])


def test_the_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    page = _page(tmp_path, [_csv(tmp_path / "a.csv", REAL)], [_png(tmp_path / "sta_hands_fig5.png")])
    assert all(address.startswith("data:image/png;base64,") for address in _cells(page).addresses)
    assert not re.search(r"<script|<link|<iframe|@import|url\(|https?:", page)
    assert "sta_hands_fig5: handshaking" in page
    assert 'alt="handshaking: who looks at &quot;&lt;what&gt;&quot; · here"' in page


def test_the_same_files_give_the_same_page(tmp_path: Path) -> None:
    files = [_csv(tmp_path / "a.csv", OTHER, SYNTHETIC)], [_png(tmp_path / "f.png")]
    assert _page(tmp_path, *files) == _page(tmp_path, *files)
    assert _cells(_page(tmp_path, [], [])).rows == []


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a.csv: no column row_label, own_method"):
        _page(tmp_path, [_csv(tmp_path / "a.csv", "1,2", header="x,y")], [])
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(ValueError, match="empty.csv: no column row_label"):
        _page(tmp_path, [tmp_path / "empty.csv"], [])
    with pytest.raises(ValueError, match="b.csv: row 3 has 2 cells, expected 14"):
        _page(tmp_path, [_csv(tmp_path / "b.csv", OTHER, "a,b")], [])
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ValueError, match="text.png: no whole PNG file"):
        _page(tmp_path, [], [tmp_path / "text.png"])
    whole = _png(tmp_path / "cut.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[:-30])
    with pytest.raises(ValueError, match="cut.png: no whole PNG file"):
        _page(tmp_path, [], [tmp_path / "cut.png"])
    assert not (tmp_path / "report.html").exists()
