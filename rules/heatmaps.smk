# Images or videos -> heatmaps of joints, and joints where nobody annotated any.


rule estimate_heatmaps:
    input:
        manifest="results/manifests/{dataset}/{shard}.tsv",
        poses=ask(plan.features.boxes),
        weights=ask(plan.weights.of, kind="heatmaps"),
    output:
        heatmaps="results/heatmaps/{dataset}/{recipe}/{shard}.h5",
        status="results/heatmaps/{dataset}/{recipe}/{shard}.status.tsv",
    log:
        "results/logs/estimate_heatmaps/{dataset}.{recipe}.{shard}.log",
    benchmark:
        "results/benchmarks/estimate_heatmaps/{dataset}.{recipe}.{shard}.tsv"
    wildcard_constraints:
        recipe=plan.names.of("heatmaps"),
    threads: ask(plan.resources.threads)
    resources:
        gpu=ask(plan.resources.gpus),
        mem_mb=memory(2000, 8000),
        runtime=longer(480),
    params:
        root=ask(plan.raw.root),
        recipe=ask_json(plan.recipes.network, kind="heatmaps"),
        clips=ask(plan.raw.clips),
        damaged=ask(plan.datasets.damaged),
        threads=ask(plan.resources.threads),
        device=ask(plan.resources.device),
        weights=ask(plan.weights.digest_of, kind="heatmaps"),
        code=ask(plan.codes.extraction, stage="estimate_heatmaps", kind="heatmaps"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn estimate-heatmaps --root {params.root:q} --manifest {input.manifest:q}"
        " --poses {input.poses:q} --weights {input.weights:q} --recipe {params.recipe:q} --out {output.heatmaps:q}"
        " --status {output.status:q} --threads {params.threads} --device {params.device} --damaged {params.damaged:q}"
        " --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


rule estimate_poses:
    input:
        manifest="results/manifests/{dataset}/{shard}.tsv",
        poses=ask(plan.features.boxes_of_poses),
        weights=ask(plan.weights.of_poses),
    output:
        poses="results/poses/{dataset}/{recipe}/{shard}.h5",
        status="results/poses/{dataset}/{recipe}/{shard}.status.tsv",
    log:
        "results/logs/estimate_poses/{dataset}.{recipe}.{shard}.log",
    benchmark:
        "results/benchmarks/estimate_poses/{dataset}.{recipe}.{shard}.tsv"
    wildcard_constraints:
        recipe=plan.names.poses(estimated=True),
    threads: ask(plan.resources.threads)
    resources:
        gpu=ask(plan.resources.gpus),
        mem_mb=memory(2000, 8000),
        runtime=longer(480),
    params:
        root=ask(plan.raw.root),
        recipe=ask_json(plan.recipes.estimated_poses),
        clips=ask(plan.raw.clips),
        damaged=ask(plan.datasets.damaged),
        threads=ask(plan.resources.threads),
        device=ask(plan.resources.device),
        weights=ask(plan.weights.digest_of_poses),
        code=ask(plan.codes.estimated_poses),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn estimate-poses --root {params.root:q} --manifest {input.manifest:q}"
        " --poses {input.poses:q} --weights {input.weights:q} --recipe {params.recipe:q} --out {output.poses:q}"
        " --status {output.status:q} --threads {params.threads} --device {params.device} --damaged {params.damaged:q}"
        " --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"
