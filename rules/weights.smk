# Published weights, fetched from their official address or put into weights/ by hand, and checked either way.


rule fetch_weights:
    output:
        # Snakemake removes other outputs before a job, and after one that fails.
        update("weights/{file}"),
    log:
        "results/logs/fetch_weights/{file}.log",
    localrule: True
    params:
        url=ask(plan.weights.url),
        prefix=ask(plan.weights.stated_digest),
        # Derived from the input, so that it is never compared: an edit fetches nothing anew.
        code=lambda wildcards, input: source_hash("poseattn.stages.fetch_weights"),
    # `:q` makes nothing of an empty value: with the sign of equality it stays one.
    shell:
        "python -m poseattn fetch-weights --url={params.url:q} --sha256-prefix={params.prefix:q}"
        " --out {output:q} --sums weights/SHA256SUMS --code {params.code} > {log:q} 2>&1"
