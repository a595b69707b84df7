# The stand-in of each data set, in its genuine layout: config.yaml `root: synthetic`. All else waits for the list of its files.


rule synthesize_dataset:
    output:
        # The files that it lists stand beside it, so that a default storage must not carry it away.
        local("results/synthetic/{name}.txt"),
    log:
        "results/logs/synthesize_dataset/{name}.log",
    benchmark:
        "results/benchmarks/synthesize_dataset/{name}.tsv"
    priority: 2
    threads: 2
    resources:
        mem_mb=growing(2000),
        runtime=longer(30),
    params:
        recipe=ask_json(plan.standins.recipe),
        code=ask(plan.standins.code),
    shell:
        "python -m poseattn synthesize-dataset --layout {wildcards.name} --recipe {params.recipe:q}"
        " --out {output:q} --threads {threads} --code {params.code} > {log:q} 2>&1"
