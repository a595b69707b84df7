# Videos -> optical flow between successive frames, in eight bits.


rule compute_flow:
    input:
        manifest="results/manifests/{dataset}/{shard}.tsv",
        weights=flow_weights,
    output:
        flow="results/flow/{dataset}/{recipe}/{shard}.h5",
        status="results/flow/{dataset}/{recipe}/{shard}.status.tsv",
    log:
        "results/logs/compute_flow/{dataset}.{recipe}.{shard}.log",
    benchmark:
        "results/benchmarks/compute_flow/{dataset}.{recipe}.{shard}.tsv"
    threads: flow_threads
    resources:
        gpu=lambda wildcards: gpus(wildcards) if flow_is_learnt(wildcards) else 0,
        mem_mb=memory(2000, 8000),
        runtime=longer(1440),
    params:
        root=lambda wildcards: raw_root(wildcards.dataset),
        recipe=lambda wildcards: recipe("flow", wildcards),
        clips=clips_digest,
        damaged=damaged,
        threads=flow_threads,
        device=lambda wildcards: (
            device(wildcards) if flow_is_learnt(wildcards) else "cpu"
        ),
        weights=lambda wildcards: digests_of(flow_weights(wildcards)),
        code=flow_code,
    shell:
        "python -m poseattn compute-flow --root {params.root:q} --manifest {input.manifest:q}"
        " --weights {input.weights:q} --recipe {params.recipe:q} --out {output.flow:q} --status {output.status:q}"
        " --threads {params.threads} --device {params.device} --damaged {params.damaged:q} --code {params.code}"
        " > {log:q} 2>&1"
