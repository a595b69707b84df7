# Attention over places as an estimate of where the joints are.


rule measure_joints:
    input:
        scores=joints_scores,
        poses=joints_poses,
    output:
        table=report(
            "results/{joints}.csv",
            caption="../workflow/report/table.rst",
            category="Tables",
        ),
        joints="results/joints/{joints}.csv",
    log:
        "results/logs/measure_joints/{joints}.log",
    localrule: True
    params:
        table=lambda wildcards: as_json(config["joints"][wildcards.joints]),
        code=source_hash("poseattn.stages.measure_joints"),
        made_by=made_by,
    shell:
        "python -m poseattn measure-joints --table {params.table:q} --scores {input.scores:q} --poses {input.poses:q}"
        " --out {output.table:q} --joints {output.joints:q} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"
