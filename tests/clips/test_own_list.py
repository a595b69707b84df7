"""Lists of a user's own clips."""

import random
from pathlib import Path

import pytest

from poseattn.clips import own_list as clip_list
from poseattn.clips.own_list import read_clip_list


def _write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def test_a_list_as_a_spreadsheet_saves_it(tmp_path: Path) -> None:
    """Byte order mark, CRLF, a quoted comma, blanks around values, columns in another order."""
    text = '\ufefflabel,path,split\r\n"run, fast",a/x.mp4, train \r\nsit|stand,a/-y [1].avi,test\r\njump,b/z.mov,\r\n'
    clips = read_clip_list(_write(tmp_path / "clips.csv", text))
    assert [tuple(clip) for clip in clips] == [
        ("a__x", "a/x.mp4", ("run, fast",), "train", "", "", "a/x.mp4"),
        ("a__-y [1]", "a/-y [1].avi", ("sit", "stand"), "test", "", "", "a/-y [1].avi"),
        ("b__z", "b/z.mov", ("jump",), "", "", "", "b/z.mov"),
    ]


def test_parts_of_one_video_are_clips_of_their_own(tmp_path: Path) -> None:
    text = "path,label,split,start,end,subject\nx.mp4,run,train,1,2.5,ann\nx.mp4,sit,val,2.5,,\nx.mp4,sit,test,,1,\n"
    clips = read_clip_list(_write(tmp_path / "clips.csv", text))
    assert [(clip.clip_id, clip.start, clip.end) for clip in clips] == [
        ("x__1-2.5", "1", "2.5"),
        ("x__2.5-end", "2.5", ""),
        ("x__0-1", "", "1"),
    ]
    assert [clip.subject for clip in clips] == ["ann", "x.mp4", "x.mp4"]


def test_one_video_has_one_spelling_and_one_label_one_form(tmp_path: Path) -> None:
    """Labels as editors compose their letters (NFC, NFD); paths by their bytes, as file systems keep them apart."""
    text = "path,label,split\n./d//cafe\u0301.mp4,cafe\u0301,train\nb.mp4,caf\u00e9|sit,test\n"
    clips = read_clip_list(_write(tmp_path / "clips.csv", text))
    assert clip_list.class_names(clips) == ("caf\u00e9", "sit")
    assert clips[0].path == clips[0].subject == "d/cafe\u0301.mp4"
    assert clips[0].clip_id == "d__cafe\u0301"


HEAD = "path,label,split"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"no column path, label, split; found nothing"),
        ("file;label;split\n", r"no column path, label, split; found file;label;split"),
        (f"{HEAD},fps\n", r"unknown column 'fps'; expected path, label, split, start, end, subject"),
        (f"{HEAD}\nx.mp4,run\n", r"line 2: not as many values as columns"),
        (f"{HEAD}\nx.mp4,run,train,9\n", r"line 2: not as many values as columns"),
        (f"{HEAD}\nx.mp4,run,training\n", r"line 2: split is 'training', expected train, val, test or nothing"),
        (f"{HEAD}\nx.mp4,,train\n", r"line 2: path is 'x.mp4' and label '', expected some text"),
        (f"{HEAD}\nx.mp4,run|,train\n", r"line 2: path is 'x.mp4' and label 'run|', expected some text"),
        ("path,path,label,split\n", "a column is there twice: path, path, label, split"),
        (f'{HEAD}\n"x\ny.mp4",run,train\n', "line 3: a value has a line end, a tab or another sign"),
        (f"{HEAD}\n.,run,train\n", r"line 2: path is '.' and label 'run', expected some text"),
        (f"{HEAD},start\nx.mp4,a,train,\nx.mp4,a,test,3\n", "seconds of 'x.mp4' are both for train and for test"),
        (f"{HEAD}\n/x.mp4,run,train\n", r"line 2: path is '/x.mp4', expected one below the folder"),
        (f"{HEAD}\na/../../x.mp4,run,train\n", r"line 2: path is .* expected one below the folder"),
        (f"{HEAD},start\nx.mp4,run,train,0:30\n", r"line 2: start is '0:30' and end '', expected seconds"),
        (f"{HEAD},start,end\nx.mp4,run,train,3,3\n", r"line 2: start is 3 and end 3, expected 0 <= start < end"),
        (f"{HEAD},start\nx.mp4,run,train,nan\n", r"line 2: start is nan and end open, expected 0 <="),
        (f"{HEAD}\nx.mp4,run,train\nx.avi,run,test\n", r"two lines are of the clip 'x'"),
        (f"{HEAD}\nd/x.mp4,run,train\n./d//x.mp4,run,test\n", r"two lines are of the clip 'd__x'"),
        (
            f"{HEAD},start\nd/x.mp4,a,train,\nd//x.mp4,a,test,3\n",
            "seconds of 'd/x.mp4' are both for train and for test",
        ),
        (f"{HEAD},start\nx.mp4,a,train,\n./x.mp4,a,test,3\n", "seconds of 'x.mp4' are both for train and for test"),
        (f"{HEAD}\nx.mp4,run,\ny.mp4,run,\n", "the column split is empty in every line, expected train, val or test"),
        (f'{HEAD}\n"x.mp4,run,train\n', r"unexpected end of data"),
    ],
)
def test_a_wrong_list_is_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("|", r"\|").replace("[", r"\[")) as caught:
        read_clip_list(_write(tmp_path / "clips.csv", text))
    assert "\n" not in str(caught.value) and "clips.csv" in str(caught.value)


def test_a_subject_has_one_form(tmp_path: Path) -> None:
    text = "path,label,split,subject\na.mp4,run,train,Rene\u0301\nb.mp4,run,test,Ren\u00e9\n"
    one, other = read_clip_list(_write(tmp_path / "clips.csv", text))
    assert one.subject == other.subject


def test_a_list_that_the_system_cannot_read_is_not_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise OSError(5, "Input/output error", str(arguments[0]))

    monkeypatch.setattr("builtins.open", broken)
    with pytest.raises(OSError, match=r"Input/output error: .*clips.csv"):
        read_clip_list(tmp_path / "clips.csv")


def test_a_missing_list_and_one_in_another_encoding_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"clips.csv: No such file"):
        read_clip_list(tmp_path / "clips.csv")
    (tmp_path / "clips.csv").write_bytes("path,label,split\nä.mp4,run,train\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"clips.csv: .*utf-8"):
        read_clip_list(tmp_path / "clips.csv")


@pytest.mark.parametrize("seed", range(40))
def test_parts_of_the_split_share_no_second_as_a_comparison_of_every_pair_says(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    parts = []
    for _ in range(rng.randrange(2, 8)):
        start = rng.randrange(20)
        parts.append((start, start + rng.randrange(1, 5), rng.choice(["train", "train", "val", "test", ""])))
    parts = list({(start, end): (start, end, split) for start, end, split in parts}.values())
    share = any(
        one[0] < other[1] and other[0] < one[1] and one[2] and other[2] and one[2] != other[2]
        for one in parts
        for other in parts
    )
    lines = "".join(f"a.avi,run,{split},{start},{end}\n" for start, end, split in parts)
    path = _write(tmp_path / "clips.csv", f"path,label,split,start,end\n{lines}")
    if share:
        with pytest.raises(ValueError, match="seconds of 'a.avi' are both for"):
            read_clip_list(path)
    else:
        assert len(read_clip_list(path)) == len(parts)


def test_the_work_for_parts_of_one_video_grows_as_their_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    seconds = clip_list._seconds
    monkeypatch.setattr(clip_list, "_seconds", lambda clip: calls.append(clip) or seconds(clip))
    lines = "".join(f"a.avi,run,{'test' if n > 150 else 'train'},{n},{n + 1}\n" for n in range(300))
    read_clip_list(_write(tmp_path / "clips.csv", f"path,label,split,start,end\n{lines}"))
    assert len(calls) == 2 * 300
