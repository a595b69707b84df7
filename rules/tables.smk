# Scores -> the published tables, measured and published values side by side.


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
