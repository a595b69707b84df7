# Published weights, fetched from their official address or put into weights/ by hand, and checked either way.
from poseattn import weights


def weights_entry(file):
    """Address, if there is a public one, and stated digest of a weights file."""
    return next(entry for entry in config["weights"].values() if entry["file"] == file)


def stated_digest(entry):
    """The user's whole digest of a weights file, else the published digits, of which there may be none."""
    return entry.get("sha256", entry["sha256_prefix"])


def refuse_unknown_weights(jobs):
    """WorkflowError for a file that was put there by hand and that no job checks, unless it was accepted before."""
    made = {str(path) for job in jobs for path in job.output}
    needed = {str(path) for job in jobs for path in job.input} - made
    for entry in config["weights"].values():
        path = Path("weights") / entry["file"]
        if str(path) in needed and path.name not in weights.recorded(SUMS):
            weights.check(path, stated_digest(entry), entry.get("url", ""), SUMS)


SUMS = Path("weights/SHA256SUMS")


rule fetch_weights:
    output:
        # Snakemake removes other outputs before a job, and after one that fails.
        update("weights/{file}"),
    log:
        "results/logs/fetch_weights/{file}.log",
    localrule: True
    params:
        url=lambda wildcards: weights_entry(wildcards.file).get("url", ""),
        prefix=lambda wildcards: stated_digest(weights_entry(wildcards.file)),
        # Derived from the input, so that it is never compared: an edit fetches nothing anew.
        code=lambda wildcards, input: source_hash("poseattn.stages.fetch_weights"),
    # `:q` makes nothing of an empty value: with the sign of equality it stays one.
    shell:
        "python -m poseattn fetch-weights --url={params.url:q} --sha256-prefix={params.prefix:q}"
        " --out {output:q} --sums weights/SHA256SUMS --code {params.code} > {log:q} 2>&1"
