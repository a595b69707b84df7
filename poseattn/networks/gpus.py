"""A GPU for each process of one machine: none takes one that another process of this package holds.

A claim is an abstract socket of Linux, named after the GPU. The kernel lets one process of the machine have that name
and takes it back however the process ends, so that a kill leaves nothing behind.
"""

import errno
import logging
import os
import re
import socket
import time
from collections.abc import Sequence

_log = logging.getLogger(__name__)
_SECONDS = 0.5  # between two looks at the GPUs
_held: list[socket.socket] = []


def jobs_per_gpu() -> int:
    """How many processes may share a GPU: the environment variable `POSEATTN_JOBS_PER_GPU`, by default one.

    Returns:
        Their number.

    Raises:
        ValueError: It is no whole number from 1 to 999.
    """
    jobs = os.environ.get("POSEATTN_JOBS_PER_GPU", "1")
    if not re.fullmatch("0*[1-9][0-9]{0,2}", jobs):
        raise ValueError(f"POSEATTN_JOBS_PER_GPU: found {jobs[:20]!r}, expected a number from 1 to 999")
    return int(jobs)


def claim(names: Sequence[str], jobs: int = 1) -> int:
    """Claim a GPU until the process ends; wait while all of them are claimed.

    Args:
        names: Names of the GPUs, such as their UUIDs: the same ones in every process.
        jobs: Processes that may share a GPU, at least 1. One without company is preferred.

    Returns:
        Number of the GPU among the names.
    """
    waits = False
    while True:
        for place in range(jobs):
            for number, name in enumerate(names):
                if _take(f"poseattn-gpu-{name}-{place}"):
                    return number
        if not waits:
            _log.info(
                "waiting for a GPU: other processes hold all %d (POSEATTN_JOBS_PER_GPU lets more share)", len(names)
            )
            waits = True
        time.sleep(_SECONDS)


def mark(name: str) -> None:
    """Claim a GPU that somebody has chosen, unless it is claimed, so that others who may choose keep away.

    Args:
        name: Its name, as in `claim`.
    """
    _take(f"poseattn-gpu-{name}-0")


def _take(name: str) -> bool:
    """Bind a name of this machine, unless it is bound."""
    holder = socket.socket(socket.AF_UNIX)
    try:
        holder.bind("\0" + name)
    except OSError as error:
        holder.close()
        if error.errno == errno.EADDRINUSE:
            return False
        raise
    _held.append(holder)
    return True
