# A trained model -> one row of logits for each clip: of the test part, or of another one whose name the file has.
# For all tables: ntu_*, soft_attention_*, rpan_*, penn_action_pose, activitynet_*, hollywood2_*, alstm_variants, stanford40_*.


rule evaluate:
    input:
        manifest=ask(plan.runs.manifest),
        classes="results/manifests/{dataset}.classes.txt",
        poses=ask(plan.runs.features, role="poses"),
        glimpses=ask(plan.runs.features, role="glimpses"),
        cubes=ask(plan.runs.features, role="cubes"),
        pieces=ask(plan.runs.features, role="pieces"),
        attended=ask(plan.runs.features, role="attended"),
        heatmaps=ask(plan.runs.features, role="heatmaps"),
        checkpoint=ask(plan.runs.checkpoint),
    output:
        "results/runs/{dataset}/{run}/{protocol}/seed{seed}/scores{part}.h5",
    log:
        "results/logs/evaluate/{dataset}.{run}.{protocol}.seed{seed}{part}.log",
    benchmark:
        "results/benchmarks/evaluate/{dataset}.{run}.{protocol}.seed{seed}{part}.tsv"
    wildcard_constraints:
        run=plan.names.of("runs"),
        part=r"(\.train|\.val)?",
    threads: ask(plan.resources.threads)
    resources:
        gpu=ask(plan.resources.gpus),
        mem_mb=memory(3000, 16000),
        runtime=longer(60),
    params:
        run=ask_json(plan.runs.passed_on, evaluation=True),
        split=ask(plan.runs.split),
        threads=ask(plan.resources.threads),
        device=ask(plan.resources.device),
        code=ask(plan.runs.code, stage="evaluate"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn evaluate --manifest {input.manifest:q} --classes {input.classes:q} --poses {input.poses:q}"
        " --glimpses {input.glimpses:q} --cubes {input.cubes:q} --pieces {input.pieces:q} --attended {input.attended:q}"
        " --heatmaps {input.heatmaps:q} --checkpoint {input.checkpoint:q} --run {params.run:q}"
        " --protocol {wildcards.protocol} --seed {wildcards.seed} --split {params.split} --out {output:q}"
        " --threads {params.threads} --device {params.device} --memory {resources.mem_mb} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


# TSN's own scores, the rows tsn_* of rpan_table4.
rule score_snippets:
    input:
        images=ask(plan.finetuning.scored_images),
        manifest=ask(plan.manifests.gathered),
        classes="results/manifests/{dataset}.classes.txt",
        network=ask(plan.finetuning.scored_by),
    output:
        "results/runs/{dataset}/{run}/{protocol}/seed{seed}/scores.h5",
    log:
        "results/logs/score_snippets/{dataset}.{run}.{protocol}.seed{seed}.log",
    benchmark:
        "results/benchmarks/score_snippets/{dataset}.{run}.{protocol}.seed{seed}.tsv"
    wildcard_constraints:
        run=plan.names.of("snippet_scores"),
        seed="0",
    threads: ask(plan.resources.threads)
    resources:
        gpu=ask(plan.resources.gpus),
        mem_mb=memory(2500, 16000),
        runtime=longer(240),
    params:
        run=ask_json(plan.finetuning.scored),
        threads=ask(plan.resources.threads),
        device=ask(plan.resources.device),
        code=ask(plan.finetuning.scoring_code),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn score-snippets --images {input.images:q} --manifest {input.manifest:q}"
        " --classes {input.classes:q} --network {input.network:q} --run {params.run:q} --protocol {wildcards.protocol}"
        " --seed {wildcards.seed} --split test --out {output:q} --threads {params.threads} --device {params.device}"
        " --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"
