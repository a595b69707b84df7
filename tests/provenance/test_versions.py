"""What is recorded of the software."""

import json

from poseattn.provenance.versions import versions


def test_versions_name_the_software_that_moves_numbers() -> None:
    found = json.loads(versions())
    assert {"poseattn", "torch", "opencv-python"} <= set(found)
    assert all(found.values())
