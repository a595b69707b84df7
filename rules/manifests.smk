# Clips of a data set: two tables for each shard, then what had to be excluded, then one manifest for training.


rule build_manifest:
    input:
        local(ask(plan.raw.before_shard)),
    output:
        "results/manifests/{dataset}/{shard}.tsv",
    log:
        "results/logs/build_manifest/{dataset}.{shard}.log",
    resources:
        mem_mb=growing(2000),
        runtime=longer(10),
    params:
        root=ask(plan.raw.root),
        layout=ask(plan.datasets.layout),
        files=ask_json(plan.datasets.raw_files),
        lists=ask_json(plan.datasets.raw_lists),
        n_shards=ask(plan.datasets.n_shards),
        with_missing=ask(plan.raw.with_missing),
        clips=ask(plan.raw.clips),
        planned=ask(plan.raw.clips, for_stage=True),
        code=ask(plan.codes.layout, stage="build_manifest"),
    shell:
        "python -m poseattn build-manifest --root {params.root:q} --layout {params.layout} --files {params.files:q}"
        " --lists {params.lists:q} --shard {wildcards.shard} --n-shards {params.n_shards}"
        " --with-missing {params.with_missing} --planned {params.planned} --out {output:q}"
        " --code {params.code} > {log:q} 2>&1"


# What no feature depends on: another division of the clips must make none anew.
rule list_uses:
    input:
        local(ask(plan.raw.before_shard)),
    output:
        "results/manifests/{dataset}/{shard}.uses.tsv",
    log:
        "results/logs/list_uses/{dataset}.{shard}.log",
    resources:
        mem_mb=growing(2000),
        runtime=longer(10),
    params:
        root=ask(plan.raw.root),
        layout=ask(plan.datasets.layout),
        files=ask_json(plan.datasets.raw_files),
        lists=ask_json(plan.datasets.raw_lists),
        n_shards=ask(plan.datasets.n_shards),
        with_missing=ask(plan.raw.with_missing),
        uses=ask(plan.raw.uses),
        planned=ask(plan.raw.uses, for_stage=True),
        code=ask(plan.codes.layout, stage="list_uses"),
    shell:
        "python -m poseattn list-uses --root {params.root:q} --layout {params.layout} --files {params.files:q}"
        " --lists {params.lists:q} --shard {wildcards.shard} --n-shards {params.n_shards}"
        " --with-missing {params.with_missing} --planned {params.planned} --out {output:q}"
        " --code {params.code} > {log:q} 2>&1"


rule list_classes:
    input:
        local(ask(plan.raw.before)),
    output:
        "results/manifests/{dataset}.classes.txt",
    log:
        "results/logs/list_classes/{dataset}.log",
    localrule: True
    params:
        root=ask(plan.raw.root),
        layout=ask(plan.datasets.layout),
        files=ask_json(plan.datasets.raw_files),
        lists=ask_json(plan.datasets.raw_lists),
        clips=ask(plan.raw.classes),
        planned=ask(plan.raw.classes, for_stage=True),
        code=ask(plan.codes.layout, stage="list_classes"),
    shell:
        "python -m poseattn list-classes --root {params.root:q} --layout {params.layout} --files {params.files:q}"
        " --lists {params.lists:q} --planned {params.planned} --out {output:q} --code {params.code} > {log:q} 2>&1"


rule gather_excluded:
    input:
        manifests=ask(
            plan.raw.per_shard, pattern="results/manifests/{dataset}/{shard}.tsv"
        ),
        statuses=ask(plan.manifests.statuses),
    output:
        "results/manifests/{dataset}{scope}.excluded.tsv",
    log:
        "results/logs/gather_excluded/{dataset}{scope}.log",
    localrule: True
    params:
        min_frames=ask(plan.manifests.min_frames),
        code=source_hash("poseattn.stages.gather_excluded"),
    shell:
        "python -m poseattn gather-excluded --manifests {input.manifests:q} --statuses {input.statuses:q}"
        " --min-frames {params.min_frames} --out {output:q} --code {params.code} > {log:q} 2>&1"


rule gather_manifest:
    input:
        manifests=ask(
            plan.raw.per_shard, pattern="results/manifests/{dataset}/{shard}.tsv"
        ),
        uses=ask(
            plan.raw.per_shard, pattern="results/manifests/{dataset}/{shard}.uses.tsv"
        ),
        excluded=ask(plan.manifests.excluded),
    output:
        "results/manifests/{dataset}{scope}.tsv",
    log:
        "results/logs/gather_manifest/{dataset}{scope}.log",
    localrule: True
    resources:
        # Not a parameter: another limit moves no clip, and must not train anew what reads the clips.
        max_excluded=ask(plan.manifests.max_excluded),
    params:
        code=source_hash("poseattn.stages.gather_manifest"),
    shell:
        "python -m poseattn gather-manifest --manifests {input.manifests:q} --uses {input.uses:q}"
        " --excluded {input.excluded:q} --max-excluded {resources.max_excluded} --out {output:q} --code {params.code}"
        " > {log:q} 2>&1"
