# Pixels -> backbone features, in fp16.


rule extract_glimpses:
    input:
        frames=frames_of_glimpse_recipe,
        weights=lambda wildcards: backbone_weights("glimpses", wildcards),
    output:
        "results/glimpses/{dataset}/{recipe}/{shard}.h5",
    log:
        "results/logs/extract_glimpses/{dataset}.{recipe}.{shard}.log",
    benchmark:
        "results/benchmarks/extract_glimpses/{dataset}.{recipe}.{shard}.tsv"
    threads: torch_threads
    resources:
        gpu=gpus,
        mem_mb=memory(2000, 8000),
        runtime=longer(240),
    params:
        recipe=lambda wildcards: as_json(backbone_recipe("glimpses", wildcards)),
        threads=torch_threads,
        device=device,
        weights=lambda wildcards: digests_of(backbone_weights("glimpses", wildcards)),
        code=lambda wildcards: backbone_code("extract_glimpses", "glimpses", wildcards),
        made_by=made_by,
    shell:
        "python -m poseattn extract-glimpses --frames {input.frames:q} --weights {input.weights:q}"
        " --recipe {params.recipe:q} --out {output:q} --threads {params.threads} --device {params.device}"
        " --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


rule extract_cubes:
    input:
        manifest="results/manifests/{dataset}/{shard}.tsv",
        uses=uses_of_cube_recipe,
        frames=files_of_cube_recipe,
        heatmaps=heatmaps_of_cube_recipe,
        weights=lambda wildcards: backbone_weights("cubes", wildcards),
    output:
        cubes="results/cubes/{dataset}/{recipe}/{shard}.h5",
        status="results/cubes/{dataset}/{recipe}/{shard}.status.tsv",
    log:
        "results/logs/extract_cubes/{dataset}.{recipe}.{shard}.log",
    benchmark:
        "results/benchmarks/extract_cubes/{dataset}.{recipe}.{shard}.tsv"
    threads: torch_threads
    resources:
        gpu=gpus,
        mem_mb=memory(2000, 8000),
        runtime=longer(480),
    params:
        root=lambda wildcards: raw_root(wildcards.dataset),
        recipe=lambda wildcards: as_json(cube_recipe(wildcards)),
        clips=clips_digest,
        damaged=damaged,
        threads=torch_threads,
        device=device,
        weights=lambda wildcards: digests_of(backbone_weights("cubes", wildcards)),
        code=lambda wildcards: backbone_code("extract_cubes", "cubes", wildcards),
        made_by=made_by,
    shell:
        "python -m poseattn extract-cubes --root {params.root:q} --manifest {input.manifest:q}"
        " --uses {input.uses:q} --frames {input.frames:q} --heatmaps {input.heatmaps:q} --weights {input.weights:q}"
        " --recipe {params.recipe:q} --out {output.cubes:q} --status {output.status:q} --threads {params.threads}"
        " --device {params.device} --damaged {params.damaged:q} --code {params.code} --made-by {params.made_by:q}"
        " > {log:q} 2>&1"


rule extract_pieces:
    input:
        manifest="results/manifests/{dataset}/{shard}.tsv",
        weights=lambda wildcards: backbone_weights("pieces", wildcards),
    output:
        pieces="results/pieces/{dataset}/{recipe}/{shard}.h5",
        status="results/pieces/{dataset}/{recipe}/{shard}.status.tsv",
    log:
        "results/logs/extract_pieces/{dataset}.{recipe}.{shard}.log",
    benchmark:
        "results/benchmarks/extract_pieces/{dataset}.{recipe}.{shard}.tsv"
    threads: torch_threads
    resources:
        gpu=gpus,
        mem_mb=memory(2000, 8000),
        runtime=longer(480),
    params:
        root=lambda wildcards: raw_root(wildcards.dataset),
        recipe=lambda wildcards: as_json(backbone_recipe("pieces", wildcards)),
        clips=clips_digest,
        damaged=damaged,
        threads=torch_threads,
        device=device,
        weights=lambda wildcards: digests_of(backbone_weights("pieces", wildcards)),
        code=lambda wildcards: backbone_code("extract_pieces", "pieces", wildcards),
        made_by=made_by,
    shell:
        "python -m poseattn extract-pieces --root {params.root:q} --manifest {input.manifest:q}"
        " --weights {input.weights:q} --recipe {params.recipe:q} --out {output.pieces:q} --status {output.status:q}"
        " --threads {params.threads} --device {params.device} --damaged {params.damaged:q} --code {params.code}"
        " --made-by {params.made_by:q} > {log:q} 2>&1"
