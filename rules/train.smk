# Cached features -> a trained model. A killed job goes on at its last epoch.


rule train:
    input:
        manifest=run_manifest,
        classes="results/manifests/{dataset}.classes.txt",
        poses=lambda wildcards: run_features("poses", wildcards),
        glimpses=lambda wildcards: run_features("glimpses", wildcards),
        cubes=lambda wildcards: run_features("cubes", wildcards),
        pieces=lambda wildcards: run_features("pieces", wildcards),
        attended=lambda wildcards: run_features("attended", wildcards),
        heatmaps=lambda wildcards: run_features("heatmaps", wildcards),
        joints=run_joints,
        start=run_start,
    output:
        checkpoint="results/runs/{dataset}/{run}/{protocol}/seed{seed}/checkpoint.pt",
        history="results/runs/{dataset}/{run}/{protocol}/seed{seed}/history.csv",
        run="results/runs/{dataset}/{run}/{protocol}/seed{seed}/run.yaml",
    log:
        "results/logs/train/{dataset}.{run}.{protocol}.seed{seed}.log",
    benchmark:
        "results/benchmarks/train/{dataset}.{run}.{protocol}.seed{seed}.tsv"
    wildcard_constraints:
        run=names("runs"),
    threads: torch_threads
    resources:
        gpu=gpus,
        mem_mb=memory(3000, 16000),
        # It goes on where a limit stopped it, so that the limit need not grow.
        runtime=720,
    params:
        run=run_json,
        threads=torch_threads,
        device=device,
        code=lambda wildcards: run_code("train", wildcards),
        made_by=made_by,
    shell:
        "python -m poseattn train --manifest {input.manifest:q} --classes {input.classes:q} --poses {input.poses:q}"
        " --glimpses {input.glimpses:q} --cubes {input.cubes:q} --pieces {input.pieces:q} --attended {input.attended:q}"
        " --heatmaps {input.heatmaps:q} --joints {input.joints:q} --start {input.start:q} --run {params.run:q}"
        " --protocol {wildcards.protocol} --seed {wildcards.seed} --out {output.checkpoint:q} --threads {params.threads} --device {params.device}"
        " --memory {resources.mem_mb} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"
