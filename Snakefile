# Contents of the pipeline: from raw videos to results/<table>.csv. Start reading at rules/common.smk.
from snakemake.utils import min_version

min_version("9.20")


include: "rules/writable.smk"
include: "rules/configuration.smk"


container: "workflow/envs/poseattn.sif"


report: "workflow/report/workflow.rst"


include: "rules/common.smk"
include: "rules/raw.smk"
include: "rules/checks.smk"
include: "rules/inputs.smk"
include: "rules/starts.smk"
include: "rules/pictures.smk"
include: "rules/published_weights.smk"
include: "rules/backbones.smk"
include: "rules/finetuning.smk"
include: "rules/people.smk"
include: "rules/origins.smk"


rule all:
    default_target: True
    input:
        tables_of_config(),


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
include: "rules/pose_figures.smk"
include: "rules/moments.smk"
