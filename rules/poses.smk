# Skeleton files -> camera-space joints of the one or two people of each clip.


rule read_poses:
    input:
        manifest="results/manifests/{dataset}/{shard}.tsv",
    output:
        poses="results/poses/{dataset}/{recipe}/{shard}.h5",
        status="results/poses/{dataset}/{recipe}/{shard}.status.tsv",
    log:
        "results/logs/read_poses/{dataset}.{recipe}.{shard}.log",
    benchmark:
        "results/benchmarks/read_poses/{dataset}.{recipe}.{shard}.tsv"
    wildcard_constraints:
        recipe=plan.names.poses(estimated=False),
    resources:
        mem_mb=growing(2000),
        runtime=longer(60),
    params:
        root=ask(plan.raw.root),
        layout=ask(plan.datasets.layout),
        recipe=ask_json(plan.recipes.block, kind="poses"),
        clips=ask(plan.raw.clips),
        code=ask(plan.codes.poses),
    shell:
        "python -m poseattn read-poses --root {params.root:q} --manifest {input.manifest:q} --layout {params.layout}"
        " --recipe {params.recipe:q} --out {output.poses:q} --status {output.status:q} --code {params.code} > {log:q} 2>&1"
