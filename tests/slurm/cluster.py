"""A Slurm of one node on this machine, for tests: no accounting, no isolation, null devices in place of two GPUs."""

import os
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue")
# Slurm's plugin removes the variable that could name another place.
CONFIG = Path("/etc/slurm/slurm.conf")

_SETTINGS = """
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
# A request that no partition can meet is an error, as on most clusters
EnforcePartLimits=ALL
SlurmdParameters=config_overrides
# Ended jobs stay visible, since nothing else remembers them
MinJobAge=3600
KillWait=2
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
# A job that takes more memory than it asked for is ended
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
GresTypes=gpu
NodeName=one NodeHostname={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory={memory} Gres=gpu:2 State=UNKNOWN
PartitionName=cpu Nodes=one Default=YES MaxTime=7-00:00:00
PartitionName=gpu Nodes=one MaxTime=2-00:00:00
"""


@contextmanager
def single_node() -> Iterator[None]:
    """Run a Slurm until the context ends, with partitions `cpu` and `gpu`; its daemons end with this process, too.

    Raises:
        RuntimeError: This user is not root, a program is missing, there is a Slurm already, or a daemon does not start.
    """
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        raise RuntimeError(f"not installed: {', '.join(missing)} (Debian: slurmctld, slurmd, slurm-client, munge)")
    if os.geteuid():
        raise RuntimeError("daemons of Slurm are started as root")
    if CONFIG.exists() or CONFIG.is_symlink():
        raise RuntimeError(f"{CONFIG} is there: this machine has a Slurm of its own")
    with tempfile.TemporaryDirectory(prefix="slurm") as name:  # which everybody may enter, as munge asks
        folder = Path(name)
        _write(folder)
        yield from _run(folder)


def _run(folder: Path) -> Iterator[None]:
    """Start the daemons one after the other, and end them in the other order."""
    daemons: list[subprocess.Popen[bytes]] = []
    try:
        CONFIG.symlink_to(folder / "slurm.conf")
        munge = (f"--key-file={folder}/munge.key", f"--socket={folder}/munge.socket", f"--pid-file={folder}/munged.pid")
        more = (f"--log-file={folder}/munged.log", f"--seed-file={folder}/munge.seed")
        daemons.append(_start(folder, "munged", "--foreground", *munge, *more))
        _wait(daemons, folder, "munge", "-n", "-S", f"{folder}/munge.socket")
        daemons.append(_start(folder, "slurmctld", "-D", "-f", f"{folder}/slurm.conf"))
        _wait(daemons, folder, "scontrol", "ping")
        daemons.append(_start(folder, "slurmd", "-D", "-N", "one", "-f", f"{folder}/slurm.conf"))
        _wait(daemons, folder, "sinfo", "-h", "-o", "%T", expected=lambda said: "idle" in said)
        yield
        subprocess.run(["scancel", "--user", "root"], check=False)
        _wait(daemons, folder, "squeue", "-h", "-t", "PENDING,RUNNING,COMPLETING", expected=lambda said: not said)
    finally:
        CONFIG.unlink(missing_ok=True)
        for daemon in reversed(daemons):
            daemon.terminate()
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


def _write(folder: Path) -> None:
    """Settings, a key that nobody else has, and what stands for GPUs."""
    folder.chmod(0o755)
    for name in ("state", "spool"):
        (folder / name).mkdir()
    with socket.socket() as first, socket.socket() as second:
        for listener in (first, second):
            listener.bind(("127.0.0.1", 0))
        ports = [listener.getsockname()[1] for listener in (first, second)]
    memory = int(0.9 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")) // 2**20
    host = socket.gethostname().split(".")[0]
    settings = _SETTINGS.format(host=host, folder=folder, ports=ports, memory=memory)
    (folder / "slurm.conf").write_text(settings)
    for name in ("gpu0", "gpu1"):
        os.mknod(folder / name, stat.S_IFCHR | 0o666, os.makedev(1, 3))  # as /dev/null
    (folder / "gres.conf").write_text(f"NodeName=one Name=gpu File={folder}/gpu[0-1]\n")
    (folder / "munge.key").write_bytes(os.urandom(64))
    (folder / "munge.key").chmod(0o600)


def _start(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    """Start a daemon that the kernel ends when this process is killed."""
    with open(folder / f"{command[0]}.out", "wb") as log:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


def _wait(
    daemons: list[subprocess.Popen[bytes]],
    folder: Path,
    *question: str,
    expected: Callable[[str], bool] = lambda said: True,
) -> None:
    """Ask until the answer is the expected one, for half a minute."""
    said = ""
    for _ in range(150):
        done = subprocess.run(question, capture_output=True, text=True)
        said = done.stdout + done.stderr
        if done.returncode == 0 and expected(done.stdout):
            return
        if any(daemon.poll() is not None for daemon in daemons):
            break
        time.sleep(0.2)
    logs = {path.name: path.read_text()[-2000:] for path in folder.glob("*.[lo][ou][gt]")}
    raise RuntimeError(f"{' '.join(question)}: found {said!r}; {logs}")
