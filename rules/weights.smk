# Published weights, fetched from their official address or put into weights/ by hand, and checked either way.


rule fetch_weights:
    output:
        "weights/{file}",
    log:
        "results/logs/fetch_weights/{file}.log",
    localrule: True
    params:
        url=lambda wildcards: weights_entry(wildcards.file).get("url", ""),
        prefix=lambda wildcards: weights_entry(wildcards.file)["sha256_prefix"],
    shell:
        "python -m poseattn fetch-weights --url {params.url:q} --sha256-prefix {params.prefix:q}"
        " --out {output:q} --sums weights/SHA256SUMS > {log:q} 2>&1"
