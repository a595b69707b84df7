"""Python imports this at its start where the folder is on its path: files vanish as the jobs of one stage begin.

POSEATTN_VANISHING is JSON: the name of the stage, and a new place for each file that goes away, as on a share that is
lost after the run was planned.
"""

import contextlib
import json
import os
import sys

stage, moves = json.loads(os.environ["POSEATTN_VANISHING"])
if stage in sys.orig_argv:
    for place, elsewhere in moves.items():
        with contextlib.suppress(FileNotFoundError):  # another job of the stage was faster
            os.rename(place, elsewhere)
