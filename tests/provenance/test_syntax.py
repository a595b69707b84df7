"""The normal form of source: what it leaves out, what it keeps, and the same under every version of Python."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from poseattn.provenance.syntax import normal_form

# Syntax of which versions of Python made other trees: f-strings, docstrings, empty fields, folded constants.
SOURCE = '''
"""Module
    of two lines."""
import os.path as p
from a.b import c, d as e
X: int = -1
Y = ("a" "b", b"\\xff", 1.5e300, 2j, ..., None, True, "\\u0378", 10**3)


class A(B, metaclass=C):
    """Doc."""

    async def f(self, a, /, b: int = 2, *c, d=None, **e) -> str:
        """Indented
            more."""
        async with a as b, c:
            return f"{a!r:>{b}.2f} {b=} {{}}" "tail" f"{d}" f""
        for x, *y in z:
            yield (await x) if (n := y) else lambda q: q[1:, ::2]


def g():
    global X
    try:
        pass
    except (A, B) as error:
        raise OSError(error.errno, f"{error} {n}") from error
    match x:
        case {"a": [1, *_]} | A(b=2) if x < 3 <= 4:
            del x
    _log.info("%d", x)
'''
EXPECTED = "060f963c60005297234b9d99fbf971f634b2a4b78c25a1b2ad5ee189274d0d85"


def test_the_form_of_a_text_never_changes() -> None:
    assert hashlib.sha256(normal_form(SOURCE).encode()).hexdigest() == EXPECTED


def _python(version: str) -> str | None:
    """A Python of a version that starts: pyenv puts names on the path of which not every one does."""
    kept_apart = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for python in filter(None, [shutil.which(f"python{version}"), *map(str, kept_apart)]):
        if subprocess.run([python, "-c", ""], capture_output=True).returncode == 0:
            return python
    return None


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_every_python_gives_the_same_form(version: str) -> None:
    python = _python(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    program = "import hashlib, sys; from syntax import normal_form; "
    program += "print(hashlib.sha256(normal_form(sys.stdin.read()).encode()).hexdigest())"
    folder = Path(__file__).parents[2] / "poseattn/provenance"
    environment = {"PYTHONUTF8": "1"}
    done = subprocess.run(
        [python, "-c", program], input=SOURCE, cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.stdout.strip() == EXPECTED, done.stderr


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("x = 1", "x = 1  # one"),
        ("x = (1 +\n 2)", "x = 1 + 2"),
        ("def f():\n    'doc'\n    return 1", "def f():\n    return 1"),
        ("raise ValueError('a')", "raise ValueError('b')"),
        ("raise a.Error(f'{x} of {y:g}')", "raise a.Error(f'{len(x)}')"),
        ("raise Error('a' if x else 'b')", "raise Error(f'{x}' if x else 'c')"),
        ("raise Error(', '.join(names))", "raise Error(' and '.join(names))"),
        ("raise OSError(error.errno, 'a')", "raise OSError(error.errno, 'b')"),
        ("_log.info('a %d', x)", "_log.info('b %d of %d', x, len(y))"),
        ("logging.warning('a')", "logging.warning(f'{x}')"),
        ("MOVES_NO_NUMBER = ('_A',)\n_A = 1", "MOVES_NO_NUMBER = ('_A', )\n_A = 2"),
        ("MOVES_NO_NUMBER = ('_A', '_B')\n_A, _B = 1, 2", "MOVES_NO_NUMBER = ('_A', '_B')\n_A, _B = 3, 4"),
    ],
)
def test_what_moves_no_number_is_left_out(one: str, two: str) -> None:
    assert normal_form(one) == normal_form(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = None", "x: None"),
        ("x = 'a'", "x = b'a'"),
        ("return_(1)", "return_()"),
        ("raise ValueError('a')", "raise KeyError('a')"),
        ("raise ValueError('a')", "raise ValueError('a') from None"),
        ("raise ValueError(f'{(x := 1)}')", "raise ValueError(f'{(x := 2)}')"),
        ("raise ValueError(f'{tidy(x)}')", "raise ValueError('a')"),
        ("raise ValueError(f'{files.pop()}')", "raise ValueError('a')"),
        ("raise OSError(errno.EIO, 'a')", "raise OSError(errno.ENOENT, 'a')"),
        ("raise Error(a='x')", "raise Error(b='x')"),
        ("raise VideoError(NO_VIDEO)", "raise VideoError(OTHER)"),
        ("raise refusal('a')", "raise refusal('b')"),
        ("_log.info('%d', x := 1)", "_log.info('%d', x := 2)"),
        ("_log.info('%s', next(x))", "_log.info('%s', x)"),
        ("np.log(x)", "np.log(y)"),
        ("log.append('a')", "log.append('b')"),
        ("_A = 1", "_A = 2"),
        ("def f():\n    MOVES_NO_NUMBER = ('_A',)\n    _A = 1", "def f():\n    MOVES_NO_NUMBER = ('_A',)\n    _A = 2"),
        ("print('a')", "print('b')"),
        ("f'{x}'", "f'{x!r}'"),
        ("f'{x} a'", "f'{x} b'"),
    ],
)
def test_whatever_else_counts(one: str, two: str) -> None:
    assert normal_form(one) != normal_form(two)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("MOVES_NO_NUMBER = ('_A',)", "_A is no constant of the module"),
        ("MOVES_NO_NUMBER = ('_A',)\n_A = f()", "line 2: _A is no literal"),
        ("MOVES_NO_NUMBER = '_A'\n_A = 1", "line 1: expected a tuple of names"),
    ],
)
def test_only_literal_constants_may_be_left_out(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        normal_form(text)
