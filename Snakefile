# Contents of the pipeline: from raw videos to results/<table>.csv. Which file is made from which is in poseattn/plan/.
from snakemake.utils import min_version

from poseattn.plan import preflight
from poseattn.plan.ask import ask, ask_json
from poseattn.plan.resources import growing, longer, memory
from poseattn.provenance.source_digest import source_hash

min_version("9.20")
preflight.begin(workflow)
plan = preflight.planned(workflow)


container: "workflow/envs/poseattn.sif"


report: "workflow/report/workflow.rst"


include: "rules/common.smk"


rule all:
    default_target: True
    input:
        plan.tables.of_config(),


include: "rules/synthetic.smk"
include: "rules/weights.smk"
include: "rules/manifests.smk"
include: "rules/poses.smk"
include: "rules/frames.smk"
include: "rules/flow.smk"
include: "rules/pretrain.smk"
include: "rules/features.smk"
include: "rules/heatmaps.smk"
include: "rules/train.smk"
include: "rules/evaluate.smk"
include: "rules/tables.smk"
include: "rules/joints.smk"
include: "rules/figures.smk"


onstart:
    preflight.start(plan, workflow)
