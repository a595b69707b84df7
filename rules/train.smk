# Cached features -> a trained model. A killed job goes on at its last epoch.
# For all tables: ntu_*, soft_attention_*, rpan_*, penn_action_pose, activitynet_*, hollywood2_*, alstm_variants, stanford40_*.


rule train:
    input:
        manifest=ask(plan.runs.manifest),
        classes="results/manifests/{dataset}.classes.txt",
        poses=ask(plan.runs.features, role="poses"),
        glimpses=ask(plan.runs.features, role="glimpses"),
        cubes=ask(plan.runs.features, role="cubes"),
        pieces=ask(plan.runs.features, role="pieces"),
        attended=ask(plan.runs.features, role="attended"),
        heatmaps=ask(plan.runs.features, role="heatmaps"),
        joints=ask(plan.runs.joints),
        start=ask(plan.runs.start),
    output:
        checkpoint="results/runs/{dataset}/{run}/{protocol}/seed{seed}/checkpoint.pt",
        history="results/runs/{dataset}/{run}/{protocol}/seed{seed}/history.csv",
        run="results/runs/{dataset}/{run}/{protocol}/seed{seed}/run.yaml",
    log:
        "results/logs/train/{dataset}.{run}.{protocol}.seed{seed}.log",
    benchmark:
        "results/benchmarks/train/{dataset}.{run}.{protocol}.seed{seed}.tsv"
    wildcard_constraints:
        run=plan.names.of("runs"),
    threads: ask(plan.resources.threads)
    resources:
        gpu=ask(plan.resources.gpus),
        mem_mb=memory(3000, 16000),
        # It goes on where a limit stopped it, so that the limit need not grow.
        runtime=720,
    params:
        run=ask_json(plan.runs.passed_on),
        threads=ask(plan.resources.threads),
        device=ask(plan.resources.device),
        code=ask(plan.runs.code, stage="train"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn train --manifest {input.manifest:q} --classes {input.classes:q} --poses {input.poses:q}"
        " --glimpses {input.glimpses:q} --cubes {input.cubes:q} --pieces {input.pieces:q} --attended {input.attended:q}"
        " --heatmaps {input.heatmaps:q} --joints {input.joints:q} --start {input.start:q} --run {params.run:q}"
        " --protocol {wildcards.protocol} --seed {wildcards.seed} --out {output.checkpoint:q} --threads {params.threads} --device {params.device}"
        " --memory {resources.mem_mb} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"
