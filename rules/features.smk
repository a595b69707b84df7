# Pixels -> backbone features, in fp16.


# Hand crops of STA-Hands: tables ntu_*, figures sta_hands_*.
rule extract_glimpses:
    input:
        frames=ask(plan.features.frames_of_glimpses),
        weights=ask(plan.weights.of, kind="glimpses"),
    output:
        "results/glimpses/{dataset}/{recipe}/{shard}.h5",
    log:
        "results/logs/extract_glimpses/{dataset}.{recipe}.{shard}.log",
    benchmark:
        "results/benchmarks/extract_glimpses/{dataset}.{recipe}.{shard}.tsv"
    threads: ask(plan.resources.threads)
    resources:
        gpu=ask(plan.resources.gpus),
        mem_mb=memory(2000, 8000),
        runtime=longer(240),
    params:
        recipe=ask_json(plan.recipes.network, kind="glimpses"),
        threads=ask(plan.resources.threads),
        device=ask(plan.resources.device),
        weights=ask(plan.weights.digest_of, kind="glimpses"),
        code=ask(plan.codes.extraction, stage="extract_glimpses", kind="glimpses"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn extract-glimpses --frames {input.frames:q} --weights {input.weights:q}"
        " --recipe {params.recipe:q} --out {output:q} --threads {params.threads} --device {params.device}"
        " --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


# Feature maps of frames or flow: tables soft_attention_*, rpan_* and stanford40_*.
rule extract_cubes:
    input:
        manifest="results/manifests/{dataset}/{shard}.tsv",
        uses=ask(plan.features.uses_of_cubes),
        frames=ask(plan.features.pictures_of_cubes),
        heatmaps=ask(plan.features.heatmaps_of_cubes),
        weights=ask(plan.weights.of, kind="cubes"),
    output:
        cubes="results/cubes/{dataset}/{recipe}/{shard}.h5",
        status="results/cubes/{dataset}/{recipe}/{shard}.status.tsv",
    log:
        "results/logs/extract_cubes/{dataset}.{recipe}.{shard}.log",
    benchmark:
        "results/benchmarks/extract_cubes/{dataset}.{recipe}.{shard}.tsv"
    threads: ask(plan.resources.threads)
    resources:
        gpu=ask(plan.resources.gpus),
        mem_mb=memory(2000, 8000),
        runtime=longer(480),
    params:
        root=ask(plan.raw.root),
        recipe=ask_json(plan.recipes.cubes),
        clips=ask(plan.raw.clips),
        damaged=ask(plan.datasets.damaged),
        threads=ask(plan.resources.threads),
        device=ask(plan.resources.device),
        weights=ask(plan.weights.digest_of, kind="cubes"),
        code=ask(plan.codes.extraction, stage="extract_cubes", kind="cubes"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn extract-cubes --root {params.root:q} --manifest {input.manifest:q}"
        " --uses {input.uses:q} --frames {input.frames:q} --heatmaps {input.heatmaps:q} --weights {input.weights:q}"
        " --recipe {params.recipe:q} --out {output.cubes:q} --status {output.status:q} --threads {params.threads}"
        " --device {params.device} --damaged {params.damaged:q} --code {params.code} --made-by {params.made_by:q}"
        " > {log:q} 2>&1"


# Vectors of 16 frames by C3D, or of single frames, for aLSTM: tables activitynet_*, hollywood2_* and alstm_variants.
rule extract_pieces:
    input:
        manifest="results/manifests/{dataset}/{shard}.tsv",
        weights=ask(plan.weights.of, kind="pieces"),
    output:
        pieces="results/pieces/{dataset}/{recipe}/{shard}.h5",
        status="results/pieces/{dataset}/{recipe}/{shard}.status.tsv",
    log:
        "results/logs/extract_pieces/{dataset}.{recipe}.{shard}.log",
    benchmark:
        "results/benchmarks/extract_pieces/{dataset}.{recipe}.{shard}.tsv"
    threads: ask(plan.resources.threads)
    resources:
        gpu=ask(plan.resources.gpus),
        mem_mb=memory(2000, 8000),
        runtime=longer(480),
    params:
        root=ask(plan.raw.root),
        recipe=ask_json(plan.recipes.network, kind="pieces"),
        clips=ask(plan.raw.clips),
        damaged=ask(plan.datasets.damaged),
        threads=ask(plan.resources.threads),
        device=ask(plan.resources.device),
        weights=ask(plan.weights.digest_of, kind="pieces"),
        code=ask(plan.codes.extraction, stage="extract_pieces", kind="pieces"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn extract-pieces --root {params.root:q} --manifest {input.manifest:q}"
        " --weights {input.weights:q} --recipe {params.recipe:q} --out {output.pieces:q} --status {output.status:q}"
        " --threads {params.threads} --device {params.device} --damaged {params.damaged:q} --code {params.code}"
        " --made-by {params.made_by:q} > {log:q} 2>&1"
