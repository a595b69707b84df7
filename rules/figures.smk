# Pictures of what a model attends to, and one page of all tables and figures.


rule draw_figures:
    input:
        manifest=lambda wildcards: f"results/manifests/{figure_run(wildcards)[0]}.tsv",
        classes=lambda wildcards: f"results/manifests/{figure_run(wildcards)[0]}.classes.txt",
        poses=figure_poses,
        scores=lambda wildcards: f"{figure_run(wildcards)[1]}/scores.h5",
    output:
        report(
            "results/figures/{figure}{suffix}",
            caption="../workflow/report/figure.rst",
            category="Figures",
        ),
    log:
        "results/logs/draw_figures/{figure}{suffix}.log",
    localrule: True
    params:
        root=lambda wildcards: plan.raw.root(figure_run(wildcards)[0]),
        figure=lambda wildcards: as_json(config["figures"][wildcards.figure]),
        code=source_hash("poseattn.stages.draw_figures"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn draw-figures --figure {params.figure:q} --root {params.root:q} --manifest {input.manifest:q}"
        " --classes {input.classes:q} --poses {input.poses:q} --scores {input.scores:q} --out {output:q} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


rule draw_strips:
    input:
        manifest=lambda wildcards: f"results/manifests/{strips_dataset(wildcards)}.tsv",
        classes=lambda wildcards: f"results/manifests/{strips_dataset(wildcards)}.classes.txt",
        scores=strips_scores,
    output:
        report(
            "results/figures/{strips}.png",
            caption="../workflow/report/figure.rst",
            category="Figures",
        ),
    log:
        "results/logs/draw_strips/{strips}.log",
    localrule: True
    params:
        root=lambda wildcards: plan.raw.root(strips_dataset(wildcards)),
        figure=lambda wildcards: as_json(config["strips"][wildcards.strips]),
        code=source_hash("poseattn.stages.draw_strips"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn draw-strips --figure {params.figure:q} --root {params.root:q} --manifest {input.manifest:q}"
        " --classes {input.classes:q} --scores {input.scores:q} --out {output:q} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


rule draw_overlay:
    input:
        manifest="results/manifests/{dataset}.tsv",
        cubes=cubes_of_clip,
        checkpoint=lambda wildcards: f"{overlay_run(wildcards)}/checkpoint.pt",
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
        root=lambda wildcards: plan.raw.root(wildcards.dataset),
        run=ask_json(plan.runs.passed_on, evaluation=True),
        threads=ask(plan.resources.threads),
        device=ask(plan.resources.device),
        code=ask(plan.runs.code, stage="draw_overlay"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn draw-overlay --root {params.root:q} --manifest {input.manifest:q} --cubes {input.cubes:q}"
        " --checkpoint {input.checkpoint:q} --run {params.run:q} --clip={wildcards.clip:q} --out {output:q}"
        " --threads {params.threads} --device {params.device} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


rule draw_confusions:
    input:
        classes=lambda wildcards: f"results/manifests/{picture_dataset('confusions', wildcards)}.classes.txt",
        scores=confusions_scores,
    output:
        report(
            "results/figures/{confusions}.png",
            caption="../workflow/report/figure.rst",
            category="Figures",
        ),
    log:
        "results/logs/draw_confusions/{confusions}.log",
    localrule: True
    params:
        figure=lambda wildcards: as_json(config["confusions"][wildcards.confusions]),
        code=source_hash("poseattn.stages.draw_confusions"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn draw-confusions --figure {params.figure:q} --classes {input.classes:q}"
        " --scores {input.scores:q} --out {output:q} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


rule draw_states:
    input:
        classes=lambda wildcards: f"results/manifests/{picture_dataset('states', wildcards)}.classes.txt",
        scores=lambda wildcards: [
            states_file(number, "scores.h5", wildcards) for number in (0, 1)
        ],
        baseline=lambda wildcards: states_file(0, "checkpoint.pt", wildcards),
        baseline_cubes=lambda wildcards: states_cubes(0, wildcards),
        checkpoint=lambda wildcards: states_file(1, "checkpoint.pt", wildcards),
        cubes=lambda wildcards: states_cubes(1, wildcards),
    output:
        report(
            "results/figures/{states}.png",
            caption="../workflow/report/figure.rst",
            category="Figures",
        ),
    log:
        "results/logs/draw_states/{states}.log",
    resources:
        mem_mb=growing(4000),
        runtime=longer(30),
    params:
        figure=lambda wildcards: as_json(config["states"][wildcards.states]),
        baseline=lambda wildcards: as_json(states_run(0, wildcards)),
        run=lambda wildcards: as_json(states_run(1, wildcards)),
        threads=1,
        code=source_hash("poseattn.stages.draw_states"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn draw-states --figure {params.figure:q} --classes {input.classes:q} --scores {input.scores:q}"
        " --baseline-run {params.baseline:q} --baseline-checkpoint {input.baseline:q}"
        " --baseline-cubes {input.baseline_cubes:q} --run {params.run:q} --checkpoint {input.checkpoint:q}"
        " --cubes {input.cubes:q} --out {output:q} --threads {params.threads} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


rule build_report:
    input:
        tables=plan.tables.of_config(),
        figures=figures_of_config(),
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
