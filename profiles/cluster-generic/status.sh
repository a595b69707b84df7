#!/usr/bin/env bash
# What has become of the job of this number: prints running, success or failed.
case $(squeue --noheader --states all --format %T --jobs "$1") in
    COMPLETED) echo success ;;
    BOOT_FAIL | CANCELLED | DEADLINE | FAILED | NODE_FAIL | OUT_OF_MEMORY | PREEMPTED | TIMEOUT) echo failed ;;
    *) echo running ;;
esac
