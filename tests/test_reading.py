"""Faults of the system keep the name of their file, and never become what the bytes of the file say."""

import errno
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import poseattn.reading as reading_module
from poseattn.reading import is_directory, open_input, read_input, reading, system_fault

_HANG = """
import logging, sys
from pathlib import Path
from poseattn.reading import reading, watch
logging.basicConfig(level=logging.INFO, format="%(message)s")
watch("read-poses", warn=0.1, end=0.4)
with reading(Path("outer")), reading(Path(sys.argv[1])):
    open(sys.argv[1]).read()
"""


def test_a_file_is_read_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    (tmp_path / "link").symlink_to("a")
    assert read_input(tmp_path / "link") == b"content" and read_input(tmp_path / "a", most=3) == b"con"
    assert is_directory(tmp_path) and not is_directory(tmp_path / "a") and not is_directory(tmp_path / "a/b")


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
    kinds = {tmp_path / "fifo": "a FIFO", tmp_path: "a folder", Path("/dev/zero"): "a device"}
    for path, kind in (kinds | {tmp_path / "socket": "a socket"}).items():
        with pytest.raises(ValueError, match=f"^{path.name} is {kind}, expected a file$"):
            open_input(path)


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EMFILE, errno.EACCES, errno.ENOENT, errno.ETIMEDOUT])
def test_every_fault_of_the_system_names_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))  # as of a read, which does not know the name

    (tmp_path / "a.mat").write_bytes(b"x")
    monkeypatch.setattr("os.open", fail)
    with pytest.raises(OSError, match=rf"^\[Errno {number}\] {os.strerror(number)}.*: '{tmp_path}/a.mat'$") as raised:
        read_input(tmp_path / "a.mat")
    assert raised.value.errno == number and type(raised.value) is type(OSError(number, ""))
    assert ("chmod u+r" in str(raised.value)) == (number == errno.EACCES)


def test_what_a_library_says_of_the_system_is_told_from_what_it_says_of_bytes() -> None:
    path = Path("a.h5")
    eio = OSError("Unable to open file (file read failed: errno = 5, error message = 'Input/output error')")
    assert isinstance(found := system_fault(eio, path), OSError) and found.errno == errno.EIO
    assert str(found) == "[Errno 5] Input/output error: 'a.h5'"
    for error in (
        MemoryError(),
        RuntimeError("OpenCV(4.1) alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate 3 bytes"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"),
        ValueError("Error tokenizing data. C error: out of memory"),
    ):
        assert isinstance(system_fault(error, path), MemoryError)
    damaged = OSError("Unable to open file (file read failed: errno = 22, error message = 'Invalid argument')")
    for error in (damaged, OSError("bad magic"), OSError(errno.EINVAL, "negative seek"), ValueError("cut off")):
        assert system_fault(error, path) is None


def test_a_file_that_hangs_is_named_and_ends_its_process(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "share")
    command = [sys.executable, "-c", _HANG, str(tmp_path / "share")]
    done = subprocess.run(command, text=True, capture_output=True, timeout=60)
    assert done.returncode == 1
    said, error = done.stderr.splitlines()
    assert said.startswith(f"still reading {tmp_path}/share after ")
    assert error.startswith(f"poseattn read-poses: error: {tmp_path}/share: no answer of the system for ")


def test_threads_are_watched_apart() -> None:
    names = []

    def read() -> None:
        with reading(Path("b")):
            names.extend(name for _, name in reading_module._waiting.values())

    with reading(Path("a")):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
        names.extend(name for _, name in reading_module._waiting.values())
    assert names == ["a", "b", "a"] and not reading_module._waiting
