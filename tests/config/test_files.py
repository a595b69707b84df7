"""Files of the configuration: what Snakemake passes over is refused with file and line."""

from pathlib import Path

import pytest

from poseattn.config.files import check_files, refuse_bad

_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"seeds: [0]\ndevice: cpu\nseeds: [1]\n", ":3: the key 'seeds' is there twice, first in line 1"),
        (b"datasets:\n  ntu:\n    root: a\n    root: b\n", ":4: the key 'root' is there twice, first in line 3"),
        (b"a: {b: 1, c: 2,\n  b: 3}\n", ":2: the key 'b' is there twice, first in line 1"),
        (b'{"seeds": [1],\n\t"seeds": [2]}', ":2: the key 'seeds' is there twice, first in line 1"),
        (b"a:\n  - b: .nan\n", ":2: found .nan, expected a finite number"),
        (b"a:\n\n  b: -.Inf\n", ":3: found -.Inf, expected a finite number"),
        (b"a: 1.0e+999\n", ":1: found 1.0e+999, expected a finite number"),
        (b"seeds: [" + b"9" * 5000 + b"]", ":1: a number of 5000 digits"),
        (b"# caf\xe9\nseeds: [0]\n", ": byte 5 (0xe9) is no UTF-8: save the file in UTF-8"),
        (b"__use_yte__: true\n", ":1: __use_yte__ asks Snakemake to run code (it was not run): remove it"),
        (b"a: 1\n__definitions__: [import os]\n", ":2: __definitions__ asks Snakemake to run code (it was not run)"),
        (
            b"a: !!python/object:os.system [x]\n",
            ":1: found a value of the kind 'tag:yaml.org,2002:python/object:os.sys",
        ),
        (b"a: 2021-13-45\n", ":1: found a value of the kind 'tag:yaml.org,2002:timestamp', expected text or a number"),
        (b"", ": found nothing, expected keys and values"),
        (b"# nothing\n", ": found nothing, expected keys and values"),
        (b"- a\n", ": found a list, expected keys and values"),
        (b"ntu", ": found 'ntu', expected keys and values"),
        (b"a: [1\nb: 2\n", ":2: no YAML: did not find expected ',' or ']'"),
        (b"a:\n\tb: 1\n", ":2: no YAML: found character that cannot start any token"),
        (b"? [a, b]\n: x\n", ":1: found a list or keys as a key, expected a name"),
        (b"a: &a [*a]\n", ":1: a value that contains itself"),
        (b"a: " + b"[" * 100_000, ":1: more than 100 levels of values"),
        (_BOMB.encode(), ":6: aliases repeat it to more than 1000000 values"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(content)
    with pytest.raises(ValueError) as caught:
        check_files([file])
    assert str(caught.value).startswith(f"{file}{said}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"a: &a {b: 1}\nc: {<<: *a, b: 2}\n", b"\xef\xbb\xbfa: caf\xc3\xa9\n", b'{"a":\t1}', b"a: 010\nb: ~\n"]
)
def test_a_good_file_passes(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "mine.yaml").write_bytes(content)
    check_files([tmp_path / "mine.yaml"])


def test_a_file_that_snakemake_has_read_has_run_its_code(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("__use_yte__: true\n")
    with pytest.raises(ValueError, match="asks Snakemake to run code .Snakemake has run it.: remove it"):
        check_files([tmp_path / "mine.yaml"], has_run=True)


def test_files_of_a_command_line_are_checked(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("seeds: [1]\n")
    (tmp_path / "bad.yaml").write_text("seeds: [.nan]\n")
    good, bad = str(tmp_path / "good.yaml"), str(tmp_path / "bad.yaml")
    refuse_bad(["-n", "results/x.csv", "--config", "seeds=[1]", "--configfile", good, "--cores", "1"])
    refuse_bad([])
    for words in (["--configfile", good, bad], [f"--configfile={bad}", "-n"], ["--configfiles", bad, "--cores", "1"]):
        with pytest.raises(SystemExit, match="bad.yaml:1: found .nan, expected a finite number"):
            refuse_bad(["results/x.csv", *words])
    with pytest.raises(SystemExit, match="none.yaml: cannot be read: No such file or directory"):
        refuse_bad(["--configfile", str(tmp_path / "none.yaml")])
