# Pictures of attention over the moments of clips, and of what it gains.


rule draw_moments:
    input:
        manifest=lambda wildcards: f"results/manifests/{picture_dataset('moments', wildcards)}.tsv",
        classes=lambda wildcards: f"results/manifests/{picture_dataset('moments', wildcards)}.classes.txt",
        scores=moments_scores,
    output:
        report(
            "results/figures/{moments}.png",
            caption="../workflow/report/figure.rst",
            category="Figures",
        ),
    log:
        "results/logs/draw_moments/{moments}.log",
    localrule: True
    params:
        root=lambda wildcards: plan.raw.root(picture_dataset("moments", wildcards)),
        figure=lambda wildcards: as_json(config["moments"][wildcards.moments]),
        code=source_hash("poseattn.stages.draw_moments"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn draw-moments --figure {params.figure:q} --root {params.root:q} --manifest {input.manifest:q}"
        " --classes {input.classes:q} --scores {input.scores:q} --out {output:q} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


rule draw_gains:
    input:
        classes=lambda wildcards: f"results/manifests/{picture_dataset('gains', wildcards)}.classes.txt",
        scores=gains_scores,
    output:
        report(
            "results/figures/{gains}.png",
            caption="../workflow/report/figure.rst",
            category="Figures",
        ),
    log:
        "results/logs/draw_gains/{gains}.log",
    localrule: True
    params:
        figure=lambda wildcards: as_json(config["gains"][wildcards.gains]),
        code=source_hash("poseattn.stages.draw_gains"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn draw-gains --figure {params.figure:q} --classes {input.classes:q} --scores {input.scores:q}"
        " --out {output:q} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"
