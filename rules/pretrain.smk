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
        recipe=ask_json(plan.standins.images),
        code=ask(plan.standins.images_code),
    shell:
        "python -m poseattn render-objects --recipe {params.recipe:q} --out {output:q} --code {params.code}"
        " > {log:q} 2>&1"


rule pretrain_backbone:
    input:
        images=ask(plan.standins.images_of_pretraining),
    output:
        "results/backbones/{recipe}.pt",
    log:
        "results/logs/pretrain_backbone/{recipe}.log",
    benchmark:
        "results/benchmarks/pretrain_backbone/{recipe}.tsv"
    wildcard_constraints:
        recipe=plan.names.of("pretrain"),
    priority: 1
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=longer(60),
    params:
        recipe=ask_json(plan.recipes.pretrain),
        threads=1,
        code=ask(plan.codes.pretrain),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn pretrain-backbone --images {input.images:q} --poses --manifest --classes --protocol '' --start"
        " --recipe {params.recipe:q} --out {output:q} --threads {params.threads} --device cpu --code {params.code} --made-by {params.made_by:q}"
        " > {log:q} 2>&1"


# A killed job goes on at the last iteration that it saved.
rule finetune_backbone:
    input:
        images=ask(plan.finetuning.images),
        manifest=ask(plan.manifests.gathered),
        classes="results/manifests/{dataset}.classes.txt",
        poses=ask(plan.finetuning.poses),
        start=ask(plan.weights.start),
    output:
        "results/backbones/{dataset}/{recipe}.pt",
    log:
        "results/logs/finetune_backbone/{dataset}.{recipe}.log",
    benchmark:
        "results/benchmarks/finetune_backbone/{dataset}.{recipe}.tsv"
    wildcard_constraints:
        recipe=plan.names.of("finetune"),
    priority: 1
    threads: ask(plan.resources.threads)
    resources:
        gpu=ask(plan.resources.gpus),
        mem_mb=memory(2500, 24000),
        # It goes on where a limit stopped it, so that the limit need not grow.
        runtime=1440,
    params:
        recipe=ask_json(plan.recipes.finetune),
        protocol=ask(plan.finetuning.protocol),
        threads=ask(plan.resources.threads),
        device=ask(plan.resources.device),
        started=ask(plan.weights.digest_of_start),
        code=ask(plan.codes.finetune),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn pretrain-backbone --images {input.images:q} --poses {input.poses:q}"
        " --manifest {input.manifest:q} --classes {input.classes:q} --protocol {params.protocol} --start {input.start:q} --recipe {params.recipe:q}"
        " --out {output:q} --threads {params.threads} --device {params.device} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"
