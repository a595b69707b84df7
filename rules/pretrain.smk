# The stand-in for ImageNet: a tiny network trained on rendered objects, which no clip shows.


# Extraction waits for both of these, so they start before training on poses, which can wait.
rule render_objects:
    output:
        "results/synthetic/{images}.h5",
    log:
        "results/logs/render_objects/{images}.log",
    priority: 1
    resources:
        mem_mb=2000,
        runtime=10,
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
    priority: 1
    threads: 1
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        recipe=lambda wildcards: as_json(
            config["pretrain"][wildcards.recipe]["standin"]
        ),
        threads=1,
        code=pretrain_code,
    shell:
        "python -m poseattn pretrain-backbone --images {input.images:q} --recipe {params.recipe:q} --out {output:q}"
        " --threads {params.threads} --device cpu --code {params.code} > {log:q} 2>&1"
