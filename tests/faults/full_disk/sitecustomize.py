"""Python imports this at its start where the folder is on its path: writes of one stage then fail as on a full disk.

POSEATTN_FULL_DISK is `stage limit bytes` (no file may grow beyond these) or `stage calls number` (this and every later
call that makes sure of space or of what was written finds none left).
"""

import errno
import os
import resource
import sys
from collections.abc import Callable
from typing import Any

_CALLS = ("posix_fallocate", "fsync", "replace")


def _fail_from(number: int) -> None:
    made = 0

    def failing(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*words: Any, **options: Any) -> Any:
            nonlocal made
            made += 1
            if made >= number:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return call(*words, **options)

        return counted

    for name in _CALLS:
        setattr(os, name, failing(getattr(os, name)))


stage, kind, number = os.environ["POSEATTN_FULL_DISK"].split()
if stage in sys.orig_argv:
    if kind == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(number), int(number)))
    else:
        _fail_from(int(number))
