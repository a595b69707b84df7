# Functions of rules that tell published weights: where they come from, and whether they are the right ones.
from poseattn.networks import weights_files as weights

SUMS = Path("weights/SHA256SUMS")  # digests that were recorded or accepted


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
