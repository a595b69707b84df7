# Pictures of where a model looks for joints, and of what it makes of a pose.


rule draw_pose_attention:
    input:
        classes=lambda wildcards: f"results/manifests/{picture_dataset('guided', wildcards)}.classes.txt",
        frames=lambda wildcards: guided_shards("frames", "frames", wildcards),
        cubes=lambda wildcards: guided_shards("cubes", "cubes", wildcards),
        poses=lambda wildcards: guided_shards("annotated", "poses", wildcards),
        scores=lambda wildcards: f"{picture_folder('guided', config['guided'][wildcards.guided]['run'], wildcards)}/scores.h5",
    output:
        report(
            "results/figures/{guided}.png",
            caption="../workflow/report/figure.rst",
            category="Figures",
        ),
    log:
        "results/logs/draw_pose_attention/{guided}.log",
    localrule: True
    params:
        figure=lambda wildcards: as_json(config["guided"][wildcards.guided]),
        code=source_hash("poseattn.stages.draw_pose_attention"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn draw-pose-attention --figure {params.figure:q} --classes {input.classes:q}"
        " --frames {input.frames:q} --cubes {input.cubes:q} --poses {input.poses:q} --scores {input.scores:q}"
        " --out {output:q} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


rule draw_pose_maps:
    input:
        manifest=lambda wildcards: f"results/manifests/{picture_dataset('pose_maps', wildcards)}.tsv",
        classes=lambda wildcards: f"results/manifests/{picture_dataset('pose_maps', wildcards)}.classes.txt",
        heatmaps=pose_maps_heatmaps,
    output:
        report(
            "results/figures/{pose_maps}.png",
            caption="../workflow/report/figure.rst",
            category="Figures",
        ),
    log:
        "results/logs/draw_pose_maps/{pose_maps}.log",
    localrule: True
    params:
        root=lambda wildcards: plan.raw.root(picture_dataset("pose_maps", wildcards)),
        figure=lambda wildcards: as_json(config["pose_maps"][wildcards.pose_maps]),
        code=source_hash("poseattn.stages.draw_pose_maps"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn draw-pose-maps --figure {params.figure:q} --root {params.root:q} --manifest {input.manifest:q}"
        " --classes {input.classes:q} --heatmaps {input.heatmaps:q} --out {output:q} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"


rule draw_cells:
    input:
        manifest=lambda wildcards: f"results/manifests/{picture_dataset('cells', wildcards)}.tsv",
        classes=lambda wildcards: f"results/manifests/{picture_dataset('cells', wildcards)}.classes.txt",
        scores=lambda wildcards: cells_file("scores.h5", wildcards),
        checkpoint=lambda wildcards: cells_file("checkpoint.pt", wildcards),
        cubes=lambda wildcards: cells_inputs("cubes", wildcards),
        heatmaps=lambda wildcards: cells_inputs("heatmaps", wildcards),
    output:
        report(
            "results/figures/{cells}.png",
            caption="../workflow/report/figure.rst",
            category="Figures",
        ),
    log:
        "results/logs/draw_cells/{cells}.log",
    resources:
        mem_mb=growing(8000),
        runtime=longer(30),
    params:
        root=lambda wildcards: plan.raw.root(picture_dataset("cells", wildcards)),
        figure=lambda wildcards: as_json(config["cells"][wildcards.cells]),
        run=lambda wildcards: as_json(cells_run(wildcards)),
        threads=1,
        code=source_hash("poseattn.stages.draw_cells"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn draw-cells --figure {params.figure:q} --root {params.root:q} --manifest {input.manifest:q}"
        " --classes {input.classes:q} --scores {input.scores:q} --run {params.run:q} --checkpoint {input.checkpoint:q}"
        " --cubes {input.cubes:q} --heatmaps {input.heatmaps:q} --out {output:q} --threads {params.threads}"
        " --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"
