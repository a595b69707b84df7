# Clips of a data set: two tables for each shard, then what had to be excluded, then one manifest for training.


rule build_manifest:
    input:
        raw_files,
    output:
        "results/manifests/{dataset}/{shard}.tsv",
    log:
        "results/logs/build_manifest/{dataset}.{shard}.log",
    resources:
        mem_mb=growing(2000),
        runtime=longer(10),
    params:
        root=lambda wildcards: raw_root(wildcards.dataset),
        layout=lambda wildcards: layout_of(wildcards.dataset),
        files=lambda wildcards: as_json(raw_layout(wildcards.dataset)["files"]),
        lists=lambda wildcards: as_json(raw_layout(wildcards.dataset)["lists"]),
        n_shards=lambda wildcards: n_shards(wildcards.dataset),
        with_missing=with_missing,
        clips=clips_digest,
        planned=lambda wildcards: planned(clips_digest(wildcards), wildcards),
        code=lambda wildcards: layout_code("build_manifest", wildcards),
    shell:
        "python -m poseattn build-manifest --root {params.root:q} --layout {params.layout} --files {params.files:q}"
        " --lists {params.lists:q} --shard {wildcards.shard} --n-shards {params.n_shards}"
        " --with-missing {params.with_missing} --planned {params.planned} --out {output:q}"
        " --code {params.code} > {log:q} 2>&1"


# What no feature depends on: another division of the clips must make none anew.
rule list_uses:
    input:
        raw_files,
    output:
        "results/manifests/{dataset}/{shard}.uses.tsv",
    log:
        "results/logs/list_uses/{dataset}.{shard}.log",
    resources:
        mem_mb=growing(2000),
        runtime=longer(10),
    params:
        root=lambda wildcards: raw_root(wildcards.dataset),
        layout=lambda wildcards: layout_of(wildcards.dataset),
        files=lambda wildcards: as_json(raw_layout(wildcards.dataset)["files"]),
        lists=lambda wildcards: as_json(raw_layout(wildcards.dataset)["lists"]),
        n_shards=lambda wildcards: n_shards(wildcards.dataset),
        with_missing=with_missing,
        uses=uses_digest,
        planned=lambda wildcards: planned(uses_digest(wildcards), wildcards),
        code=lambda wildcards: layout_code("list_uses", wildcards),
    shell:
        "python -m poseattn list-uses --root {params.root:q} --layout {params.layout} --files {params.files:q}"
        " --lists {params.lists:q} --shard {wildcards.shard} --n-shards {params.n_shards}"
        " --with-missing {params.with_missing} --planned {params.planned} --out {output:q}"
        " --code {params.code} > {log:q} 2>&1"


rule list_classes:
    input:
        raw_files,
    output:
        "results/manifests/{dataset}.classes.txt",
    log:
        "results/logs/list_classes/{dataset}.log",
    localrule: True
    params:
        root=lambda wildcards: raw_root(wildcards.dataset),
        layout=lambda wildcards: layout_of(wildcards.dataset),
        files=lambda wildcards: as_json(raw_layout(wildcards.dataset)["files"]),
        lists=lambda wildcards: as_json(raw_layout(wildcards.dataset)["lists"]),
        clips=lambda wildcards: classes_digest(wildcards.dataset),
        planned=lambda wildcards: planned(classes_digest(wildcards.dataset), wildcards),
        code=lambda wildcards: layout_code("list_classes", wildcards),
    shell:
        "python -m poseattn list-classes --root {params.root:q} --layout {params.layout} --files {params.files:q}"
        " --lists {params.lists:q} --planned {params.planned} --out {output:q} --code {params.code} > {log:q} 2>&1"


rule gather_excluded:
    input:
        manifests=lambda wildcards: per_shard(
            "results/manifests/{dataset}/{shard}.tsv", wildcards
        ),
        statuses=statuses,
    output:
        "results/manifests/{dataset}{scope}.excluded.tsv",
    log:
        "results/logs/gather_excluded/{dataset}{scope}.log",
    localrule: True
    params:
        min_frames=lambda wildcards: raw_layout(wildcards.dataset).get("min_frames", 0),
        code=source_hash("poseattn.stages.gather_excluded"),
    shell:
        "python -m poseattn gather-excluded --manifests {input.manifests:q} --statuses {input.statuses:q}"
        " --min-frames {params.min_frames} --out {output:q} --code {params.code} > {log:q} 2>&1"


rule gather_manifest:
    input:
        manifests=lambda wildcards: per_shard(
            "results/manifests/{dataset}/{shard}.tsv", wildcards
        ),
        uses=lambda wildcards: per_shard(
            "results/manifests/{dataset}/{shard}.uses.tsv", wildcards
        ),
        excluded="results/manifests/{dataset}{scope}.excluded.tsv",
    output:
        "results/manifests/{dataset}{scope}.tsv",
    log:
        "results/logs/gather_manifest/{dataset}{scope}.log",
    localrule: True
    resources:
        # Not a parameter: another limit moves no clip, and must not train anew what reads the clips.
        max_excluded=lambda wildcards: str(max_excluded(wildcards.dataset)),
    params:
        code=source_hash("poseattn.stages.gather_manifest"),
    shell:
        "python -m poseattn gather-manifest --manifests {input.manifests:q} --uses {input.uses:q}"
        " --excluded {input.excluded:q} --max-excluded {resources.max_excluded} --out {output:q} --code {params.code}"
        " > {log:q} 2>&1"
