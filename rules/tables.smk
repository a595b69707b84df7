# Scores -> the published tables, measured and published values side by side.
# STA-Hands (NTU RGB+D): ntu_table1, ntu_table2, ntu_table3.
# Soft attention (UCF-11, HMDB-51, Hollywood2): soft_attention_table1, soft_attention_table2.
# RPAN (Penn Action, sub-JHMDB): rpan_table1, rpan_table2, rpan_table3, rpan_table4, rpan_table5, rpan_std,
# penn_action_pose; rpan_joint_accuracy is made by the rule of joints.smk.
# aLSTM (ActivityNet, Hollywood2): activitynet_table1, activitynet_table2, activitynet_table3, hollywood2_table4,
# hollywood2_table5, alstm_variants.
# Pose-guided LSTMs (Stanford 40): stanford40_table1.


rule tabulate:
    input:
        ask(plan.tables.scores),
    output:
        report(
            "results/{table}.csv",
            caption="../workflow/report/table.rst",
            category="Tables",
        ),
    log:
        "results/logs/tabulate/{table}.log",
    localrule: True
    params:
        # Unsorted: the order of columns and rows is part of a table.
        table=ask(plan.tables.as_written),
        code=source_hash("poseattn.stages.tabulate"),
        made_by=plan.origins.made_by,
    shell:
        "python -m poseattn tabulate --table {params.table:q} --scores {input:q} --out {output:q} --code {params.code} --made-by {params.made_by:q} > {log:q} 2>&1"
