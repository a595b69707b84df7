# The configuration: each file is checked before it is merged, and the whole before any job. Later files count more.
from pathlib import Path

from poseattn.config.check import Mistake, check_all
from poseattn.config.files import check_files, place_of
from poseattn.plan.refusals import Refusal
from poseattn.networks.gpus import jobs_per_gpu
from poseattn.video.opencv_builds import check_one_build

FOLDER = Path(workflow.basedir) / "workflow"
FILES = [
    FOLDER / "standins/ntu.yaml",
    FOLDER / "standins/moving.yaml",
    FOLDER / "standins/people.yaml",
    FOLDER / "standins/still_people.yaml",
    FOLDER / "standins/untrimmed.yaml",
    FOLDER / "papers/sta_hands.yaml",
    FOLDER / "papers/soft_attention.yaml",
    FOLDER / "papers/rpan.yaml",
    FOLDER / "papers/alstm.yaml",
    FOLDER / "papers/pose_lstm.yaml",
    Path("config.yaml"),
]
GIVEN = workflow.config_settings.configfiles  # by --configfile


def located(mistake):
    """A mistake with the place where it was written."""
    value = workflow.config_settings.config
    for key in mistake.keys:
        value = value.get(key) if isinstance(value, dict) else value
    if (
        mistake.keys
        and mistake.keys[0] in workflow.config_settings.config
        and value is not None
    ):
        return f"--config: {mistake}"
    files = [*reversed(GIVEN), *reversed([file for file in FILES if file.exists()])]
    place = place_of(mistake.keys, files)
    return f"{place}: {mistake}" if place else str(mistake)


try:
    check_files(GIVEN, has_run=True)
    check_files(file for file in FILES if file.exists())
except ValueError as error:
    raise Refusal(str(error)) from None

for file in FILES:
    if file.exists() or GIVEN:

        configfile: file


try:
    check_all(config, FOLDER / "schemas")
    jobs_per_gpu()
    check_one_build()
except Mistake as mistake:
    raise Refusal(located(mistake)) from None
except ValueError as error:
    raise Refusal(str(error)) from None
