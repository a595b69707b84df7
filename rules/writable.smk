# Before the first job: a folder that jobs may not write into ends the command with its name, not hours later with a traceback.
import os


def folder_of(path):
    """The folder in which a file is made, or above which folders are made for it."""
    return next(parent for parent in Path(path).absolute().parents if parent.exists())


def refuse_locked_folders(jobs):
    """WorkflowError with every folder of outputs and logs that this user has no right to write into."""
    files = [path for job in jobs for path in (*job.output, *job.log)]
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
