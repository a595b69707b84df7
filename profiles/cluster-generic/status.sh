#!/usr/bin/env bash
# What has become of the job of this number: prints running, success or failed.
state=$(squeue --noheader --states all --format %T --jobs "$1" 2>&1)
# Slurm forgets a job some minutes after its end (MinJobAge); its accounting, where there is one, does not.
if [[ $state == *"Invalid job id"* ]]; then
    state=$(sacct --noheader --allocations --format State%20 --jobs "$1" 2>/dev/null | xargs)
    state=${state:-FAILED}
fi
case $state in
    COMPLETED) echo success ;;
    BOOT_FAIL | CANCELLED* | DEADLINE | FAILED | NODE_FAIL | OUT_OF_MEMORY | PREEMPTED | TIMEOUT) echo failed ;;
    *) echo running ;;
esac
