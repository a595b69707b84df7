"""A finished pipeline for tests of what Snakemake runs."""

import pytest

from tests.pipeline import TABLE, Pipeline

from .made import MadePipeline

RAW = "results/synthetic/ntu.txt"
REAL = "results/manifests/ntu.poses_only.tsv"


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The pipeline after table 1 was made, with poses of a "real" root made before. Tests put back what they change."""
    pipeline = Pipeline(tmp_path_factory.mktemp("finished") / "pipeline")
    pipeline.run(RAW)
    with pipeline.real_root():
        pipeline.run(REAL)
    pipeline.of_real_data = pipeline.made_from_real()
    pipeline.run(TABLE)
    return pipeline


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadePipeline:
    """A pipeline for all papers and real data sets that has nothing to do. Tests put back what they change."""
    return MadePipeline(tmp_path_factory.mktemp("made") / "pipeline")
