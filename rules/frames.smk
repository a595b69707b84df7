# Videos -> only the pixels that the next stage needs.


rule decode_frames:
    input:
        manifest="results/manifests/{dataset}/{shard}.tsv",
        uses=ask(plan.features.uses_of_frames),
        poses=ask(plan.features.poses_of_frames),
    output:
        frames="results/frames/{dataset}/{recipe}/{shard}.h5",
        status="results/frames/{dataset}/{recipe}/{shard}.status.tsv",
    log:
        "results/logs/decode_frames/{dataset}.{recipe}.{shard}.log",
    benchmark:
        "results/benchmarks/decode_frames/{dataset}.{recipe}.{shard}.tsv"
    resources:
        mem_mb=memory(2000, 4000),
        runtime=longer(480),
    params:
        root=ask(plan.raw.root),
        recipe=ask_json(plan.recipes.block, kind="frames"),
        clips=ask(plan.raw.clips),
        damaged=ask(plan.datasets.damaged),
        code=source_hash("poseattn.stages.decode_frames"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn decode-frames --root {params.root:q} --manifest {input.manifest:q} --uses {input.uses:q}"
        " --poses {input.poses:q} --recipe {params.recipe:q} --out {output.frames:q} --status {output.status:q}"
        " --damaged {params.damaged:q} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"
