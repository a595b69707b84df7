# Trained networks: the stand-in for ImageNet, which sees rendered objects that no clip shows, and those trained on clips.


# Extraction waits for both of these, so they start before training on poses, which can wait.
rule render_objects:
    output:
        "results/synthetic/{images}.h5",
    log:
        "results/logs/render_objects/{images}.log",
    priority: 1
    resources:
        mem_mb=growing(2000),
        runtime=longer(10),
    params:
        recipe=lambda wildcards: as_json(config["images"][wildcards.images]),
        code=lambda wildcards: images_code(wildcards.images),
    shell:
        "python -m poseattn render-objects --recipe {params.recipe:q} --out {output:q} --code {params.code}"
        " > {log:q} 2>&1"


rule pretrain_backbone:
    input:
        images=images_of_pretraining,
    output:
        "results/backbones/{recipe}.pt",
    log:
        "results/logs/pretrain_backbone/{recipe}.log",
    benchmark:
        "results/benchmarks/pretrain_backbone/{recipe}.tsv"
    wildcard_constraints:
        recipe=names("pretrain"),
    priority: 1
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=longer(60),
    params:
        recipe=lambda wildcards: as_json(pretrain_recipe(wildcards)),
        threads=1,
        code=lambda wildcards: training_code(pretrain_recipe(wildcards)),
        made_by=made_by,
    shell:
        "python -m poseattn pretrain-backbone --images {input.images:q} --poses --manifest --classes --protocol '' --start"
        " --recipe {params.recipe:q} --out {output:q} --threads {params.threads} --device cpu --code {params.code} --made-by {params.made_by:q}"
        " > {log:q} 2>&1"


# A killed job goes on at the last iteration that it saved.
rule finetune_backbone:
    input:
        images=lambda wildcards: shards_of_pictures(
            finetune_recipe(wildcards), wildcards
        ),
        manifest=lambda wildcards: gathered(wildcards.dataset),
        classes="results/manifests/{dataset}.classes.txt",
        poses=finetune_poses,
        start=finetune_start,
    output:
        "results/backbones/{dataset}/{recipe}.pt",
    log:
        "results/logs/finetune_backbone/{dataset}.{recipe}.log",
    benchmark:
        "results/benchmarks/finetune_backbone/{dataset}.{recipe}.tsv"
    wildcard_constraints:
        recipe=names("finetune"),
    priority: 1
    threads: torch_threads
    resources:
        gpu=gpus,
        mem_mb=memory(2500, 24000),
        # It goes on where a limit stopped it, so that the limit need not grow.
        runtime=1440,
    params:
        recipe=lambda wildcards: as_json(finetune_recipe(wildcards)),
        protocol=lambda wildcards: finetune_recipe(wildcards)["protocol"],
        threads=torch_threads,
        device=device,
        started=lambda wildcards: digests_of(finetune_start(wildcards)),
        code=lambda wildcards: training_code(finetune_recipe(wildcards)),
        made_by=made_by,
    shell:
        "python -m poseattn pretrain-backbone --images {input.images:q} --poses {input.poses:q}"
        " --manifest {input.manifest:q} --classes {input.classes:q} --protocol {params.protocol} --start {input.start:q} --recipe {params.recipe:q}"
        " --out {output:q} --threads {params.threads} --device {params.device} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"
