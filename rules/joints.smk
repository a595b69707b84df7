# Attention over places as an estimate of where the joints are: the table rpan_joint_accuracy.


rule measure_joints:
    input:
        scores=ask(plan.tables.joints_scores),
        poses=ask(plan.tables.joints_poses),
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
        table=ask_json(plan.tables.of_joints),
        code=source_hash("poseattn.stages.measure_joints"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn measure-joints --table {params.table:q} --scores {input.scores:q} --poses {input.poses:q}"
        " --out {output.table:q} --joints {output.joints:q} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"
