# Figures of the papers, overlays of single clips, and one page of all tables and figures.


# Each figure is drawn by the module of its kind, which is the section of the configuration that has the figure:
# sta_hands_fig*, soft_attention_fig*, rpan_fig*, alstm_fig* and pose_lstm_fig*.
rule draw_figure:
    input:
        classes=ask(plan.figures.classes),
        manifest=ask(plan.figures.manifest),
        scores=ask(plan.figures.scores),
        checkpoints=ask(plan.figures.checkpoints),
        cubes=ask(plan.figures.shards, role="cubes"),
        frames=ask(plan.figures.shards, role="frames"),
        heatmaps=ask(plan.figures.shards, role="heatmaps"),
        poses=ask(plan.figures.shards, role="poses"),
    output:
        report(
            "results/figures/{figure}{suffix}",
            caption="../workflow/report/figure.rst",
            category="Figures",
        ),
    log:
        "results/logs/draw_figure/{figure}{suffix}.log",
    wildcard_constraints:
        suffix=plan.figures.suffixes(),
    resources:
        mem_mb=plan.figures.memory,
        runtime=longer(30),
    params:
        kind=ask(plan.figures.kind),
        figure=ask_json(plan.figures.entry),
        root=ask(plan.figures.root),
        runs=ask(plan.figures.runs),
        threads=1,
        code=ask(plan.figures.code),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn draw-figure --kind {params.kind} --figure {params.figure:q} --root {params.root:q}"
        " --classes {input.classes:q} --manifest {input.manifest:q} --scores {input.scores:q} --runs {params.runs:q}"
        " --checkpoints {input.checkpoints:q} --cubes {input.cubes:q} --frames {input.frames:q}"
        " --heatmaps {input.heatmaps:q} --poses {input.poses:q} --threads {params.threads} --out {output:q}"
        " --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


rule draw_overlay:
    input:
        manifest="results/manifests/{dataset}.tsv",
        cubes=ask(plan.overlays.cubes),
        checkpoint=ask(plan.overlays.checkpoint),
    output:
        "results/figures/overlays/{dataset}/{run}/{protocol}/{clip}.mp4",
    log:
        "results/logs/draw_overlay/{dataset}.{run}.{protocol}.{clip}.log",
    threads: ask(plan.resources.threads)
    resources:
        gpu=ask(plan.resources.gpus),
        mem_mb=memory(2000, 8000),
        runtime=longer(60),
    params:
        root=ask(plan.raw.root),
        run=ask_json(plan.runs.passed_on, evaluation=True),
        threads=ask(plan.resources.threads),
        device=ask(plan.resources.device),
        code=ask(plan.runs.code, stage="draw_overlay"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn draw-overlay --root {params.root:q} --manifest {input.manifest:q} --cubes {input.cubes:q}"
        " --checkpoint {input.checkpoint:q} --run {params.run:q} --clip={wildcards.clip:q} --out {output:q}"
        " --threads {params.threads} --device {params.device} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


rule build_report:
    input:
        tables=plan.tables.of_config(),
        figures=plan.figures.of_config(),
    output:
        "results/report.html",
    log:
        "results/logs/build_report.log",
    localrule: True
    params:
        code=source_hash("poseattn.stages.build_report"),
    shell:
        "python -m poseattn build-report --tables {input.tables:q} --figures {input.figures:q} --out {output:q}"
        " --code {params.code} > {log:q} 2>&1"
