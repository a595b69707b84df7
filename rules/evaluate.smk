# A trained model -> one row of logits for each clip: of the test part, or of another one whose name the file has.


rule evaluate:
    input:
        manifest=run_manifest,
        classes="results/manifests/{dataset}.classes.txt",
        poses=lambda wildcards: run_features("poses", wildcards),
        glimpses=lambda wildcards: run_features("glimpses", wildcards),
        cubes=lambda wildcards: run_features("cubes", wildcards),
        pieces=lambda wildcards: run_features("pieces", wildcards),
        attended=lambda wildcards: run_features("attended", wildcards),
        heatmaps=lambda wildcards: run_features("heatmaps", wildcards),
        checkpoint=run_checkpoint,
    output:
        "results/runs/{dataset}/{run}/{protocol}/seed{seed}/scores{part}.h5",
    log:
        "results/logs/evaluate/{dataset}.{run}.{protocol}.seed{seed}{part}.log",
    benchmark:
        "results/benchmarks/evaluate/{dataset}.{run}.{protocol}.seed{seed}{part}.tsv"
    wildcard_constraints:
        run=names("runs"),
        part=r"(\.train|\.val)?",
    threads: torch_threads
    resources:
        gpu=gpus,
        mem_mb=memory(3000, 16000),
        runtime=longer(60),
    params:
        run=lambda wildcards: run_json(wildcards, evaluation=True),
        split=lambda wildcards: wildcards.part.removeprefix(".") or "test",
        threads=torch_threads,
        device=device,
        code=lambda wildcards: run_code("evaluate", wildcards),
        made_by=made_by,
    shell:
        "python -m poseattn evaluate --manifest {input.manifest:q} --classes {input.classes:q} --poses {input.poses:q}"
        " --glimpses {input.glimpses:q} --cubes {input.cubes:q} --pieces {input.pieces:q} --attended {input.attended:q}"
        " --heatmaps {input.heatmaps:q} --checkpoint {input.checkpoint:q} --run {params.run:q}"
        " --protocol {wildcards.protocol} --seed {wildcards.seed} --split {params.split} --out {output:q}"
        " --threads {params.threads} --device {params.device} --memory {resources.mem_mb} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


rule score_snippets:
    input:
        images=lambda wildcards: shards_of_pictures(
            snippet_scores(wildcards), wildcards
        ),
        manifest=lambda wildcards: gathered(wildcards.dataset),
        classes="results/manifests/{dataset}.classes.txt",
        network=lambda wildcards: f"results/backbones/{wildcards.dataset}/{snippet_network(wildcards)}.pt",
    output:
        "results/runs/{dataset}/{run}/{protocol}/seed{seed}/scores.h5",
    log:
        "results/logs/score_snippets/{dataset}.{run}.{protocol}.seed{seed}.log",
    benchmark:
        "results/benchmarks/score_snippets/{dataset}.{run}.{protocol}.seed{seed}.tsv"
    wildcard_constraints:
        run=names("snippet_scores"),
        seed="0",
    threads: torch_threads
    resources:
        gpu=gpus,
        mem_mb=memory(2500, 16000),
        runtime=longer(240),
    params:
        run=lambda wildcards: as_json(
            snippet_scores(wildcards)
            | {"run": wildcards.run, "dataset": wildcards.dataset}
        ),
        threads=torch_threads,
        device=device,
        code=snippet_scores_code,
        made_by=made_by,
    shell:
        "python -m poseattn score-snippets --images {input.images:q} --manifest {input.manifest:q}"
        " --classes {input.classes:q} --network {input.network:q} --run {params.run:q} --protocol {wildcards.protocol}"
        " --seed {wildcards.seed} --split test --out {output:q} --threads {params.threads} --device {params.device}"
        " --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"
