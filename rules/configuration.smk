# The configuration, checked before any job: see poseattn/config/load.py. No `configfile:` reads it, since Snakemake
# writes a line for each such file under every command with --configfile.
from pathlib import Path

from poseattn.config.load import load
from poseattn.config.placed import plain
from poseattn.networks.gpus import jobs_per_gpu
from poseattn.plan.refusals import Refusal
from poseattn.video.opencv_builds import check_one_build

try:
    loaded = load(
        Path(workflow.basedir) / "workflow",
        Path("config.yaml"),
        given=workflow.config_settings.configfiles,
        command=workflow.config_settings.config,
        has_run=True,
    )
    jobs_per_gpu()
    check_one_build()
except ValueError as error:
    raise Refusal(str(error)) from None

config.clear()
config.update(plain(loaded))
