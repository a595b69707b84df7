# Images or videos -> heatmaps of joints, and joints where nobody annotated any.


rule estimate_heatmaps:
    input:
        manifest="results/manifests/{dataset}/{shard}.tsv",
        poses=lambda wildcards: heatmap_boxes(wildcards.recipe, wildcards),
        weights=lambda wildcards: heatmap_weights(wildcards.recipe, wildcards),
    output:
        heatmaps="results/heatmaps/{dataset}/{recipe}/{shard}.h5",
        status="results/heatmaps/{dataset}/{recipe}/{shard}.status.tsv",
    log:
        "results/logs/estimate_heatmaps/{dataset}.{recipe}.{shard}.log",
    benchmark:
        "results/benchmarks/estimate_heatmaps/{dataset}.{recipe}.{shard}.tsv"
    wildcard_constraints:
        recipe=names("heatmaps"),
    threads: torch_threads
    resources:
        gpu=gpus,
        mem_mb=memory(2000, 8000),
        runtime=longer(480),
    params:
        root=lambda wildcards: raw_root(wildcards.dataset),
        recipe=lambda wildcards: as_json(
            network_recipe("heatmaps", wildcards.recipe, wildcards.dataset)
        ),
        clips=clips_digest,
        damaged=damaged,
        threads=torch_threads,
        device=device,
        weights=lambda wildcards: digests_of(
            heatmap_weights(wildcards.recipe, wildcards)
        ),
        code=lambda wildcards: joint_maps_code(
            "estimate_heatmaps", wildcards.recipe, wildcards
        ),
        made_by=made_by,
    shell:
        "python -m poseattn estimate-heatmaps --root {params.root:q} --manifest {input.manifest:q}"
        " --poses {input.poses:q} --weights {input.weights:q} --recipe {params.recipe:q} --out {output.heatmaps:q}"
        " --status {output.status:q} --threads {params.threads} --device {params.device} --damaged {params.damaged:q}"
        " --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


rule estimate_poses:
    input:
        manifest="results/manifests/{dataset}/{shard}.tsv",
        poses=lambda wildcards: heatmap_boxes(heatmaps_of_poses(wildcards), wildcards),
        weights=lambda wildcards: heatmap_weights(
            heatmaps_of_poses(wildcards), wildcards
        ),
    output:
        poses="results/poses/{dataset}/{recipe}/{shard}.h5",
        status="results/poses/{dataset}/{recipe}/{shard}.status.tsv",
    log:
        "results/logs/estimate_poses/{dataset}.{recipe}.{shard}.log",
    benchmark:
        "results/benchmarks/estimate_poses/{dataset}.{recipe}.{shard}.tsv"
    wildcard_constraints:
        recipe="|".join(filter(is_estimated, config["poses"])) or "none",
    threads: torch_threads
    resources:
        gpu=gpus,
        mem_mb=memory(2000, 8000),
        runtime=longer(480),
    params:
        root=lambda wildcards: raw_root(wildcards.dataset),
        recipe=lambda wildcards: as_json(estimated_recipe(wildcards)),
        clips=clips_digest,
        damaged=damaged,
        threads=torch_threads,
        device=device,
        weights=lambda wildcards: digests_of(
            heatmap_weights(heatmaps_of_poses(wildcards), wildcards)
        ),
        code=lambda wildcards: joint_maps_code(
            "estimate_poses", heatmaps_of_poses(wildcards), wildcards
        ),
        made_by=made_by,
    shell:
        "python -m poseattn estimate-poses --root {params.root:q} --manifest {input.manifest:q}"
        " --poses {input.poses:q} --weights {input.weights:q} --recipe {params.recipe:q} --out {output.poses:q}"
        " --status {output.status:q} --threads {params.threads} --device {params.device} --damaged {params.damaged:q}"
        " --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"
