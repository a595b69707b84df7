"""Pipelines for tests of what Snakemake runs."""

import pytest

from tests.faults.mini import Mini

from .made import MadePipeline


@pytest.fixture(scope="session")
def finished(finished: Mini, tmp_path_factory: pytest.TempPathFactory) -> Mini:
    """A copy of the small pipeline after its table was made. Tests put back what they change."""
    pipeline = Mini(tmp_path_factory.mktemp("copy") / "pipeline", finished)
    pipeline.of_real_data = finished.of_real_data
    return pipeline


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadePipeline:
    """A pipeline for all papers and real data sets that has nothing to do. Tests put back what they change."""
    return MadePipeline(tmp_path_factory.mktemp("made") / "pipeline")
