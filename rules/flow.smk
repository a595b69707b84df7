# Videos -> optical flow between successive frames, in eight bits.


rule compute_flow:
    input:
        manifest="results/manifests/{dataset}/{shard}.tsv",
        weights=ask(plan.weights.of_flow),
    output:
        flow="results/flow/{dataset}/{recipe}/{shard}.h5",
        status="results/flow/{dataset}/{recipe}/{shard}.status.tsv",
    log:
        "results/logs/compute_flow/{dataset}.{recipe}.{shard}.log",
    benchmark:
        "results/benchmarks/compute_flow/{dataset}.{recipe}.{shard}.tsv"
    threads: ask(plan.flow.threads)
    resources:
        gpu=ask(plan.flow.gpus),
        mem_mb=memory(2000, 8000),
        runtime=longer(1440),
    params:
        root=ask(plan.raw.root),
        recipe=ask_json(plan.recipes.block, kind="flow"),
        clips=ask(plan.raw.clips),
        damaged=ask(plan.datasets.damaged),
        threads=ask(plan.flow.threads),
        device=ask(plan.flow.device),
        weights=ask(plan.weights.digest_of_flow),
        code=ask(plan.codes.flow),
    shell:
        "python -m poseattn compute-flow --root {params.root:q} --manifest {input.manifest:q}"
        " --weights {input.weights:q} --recipe {params.recipe:q} --out {output.flow:q} --status {output.status:q}"
        " --threads {params.threads} --device {params.device} --damaged {params.damaged:q} --code {params.code}"
        " > {log:q} 2>&1"
