# Before the first job: a folder that jobs may not write into ends the command with its name, not hours later with a traceback.
def folder_of(path):
    """The folder in which a file is made, or below which folders are made for it."""
    for parent in Path(path).absolute().parents:
        if parent.is_symlink() and not parent.exists():
            raise WorkflowError(
                f"{parent} is a link to {parent.readlink()}, which is not there: is a disk missing?"
            )
        if parent.exists():
            return parent


def refuse_locked_folders(jobs):
    """WorkflowError with every folder of files of jobs that this user has no right to write into."""
    files = [
        path for job in jobs for path in (*job.output, *job.log, job.benchmark) if path
    ]
    folders = sorted({folder_of(path) for path in files})
    if locked := [
        f"  {folder}" for folder in folders if not os.access(folder, os.W_OK | os.X_OK)
    ]:
        raise WorkflowError(
            "no right to write into folders of the jobs to be run: change it (chmod u+w), or give the command as their owner",
            *locked,
        )


onstart:
    refuse_locked_folders(workflow.dag.needrun_jobs())
