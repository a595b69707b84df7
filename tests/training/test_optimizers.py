"""Learning rates of epochs: tenths after drops, and shares of Torabi, Sigal 2017, Sec. 5."""

import pytest

from poseattn.training.optimizers import learning_rate

RUN = {"learning_rate": 0.01, "drops": []}


def test_a_rate_that_drops() -> None:
    rates = [learning_rate(RUN | {"drops": [2, 3]}, epoch) for epoch in (1, 2, 3, 4, 9)]
    assert rates == pytest.approx([0.01, 0.01, 0.001, 0.0001, 0.0001])


def test_a_rate_stays_for_twenty_epochs_and_falls_once_an_epoch_after_that() -> None:
    run = RUN | {"lr_decay": {"after": 20, "every": 1, "ratio": 0.9}}
    rates = [learning_rate(run, epoch) for epoch in range(1, 24)]
    assert rates == pytest.approx([0.01] * 20 + [0.009, 0.0081, 0.00729])


def test_a_rate_that_falls_every_few_epochs() -> None:
    run = RUN | {"lr_decay": {"after": 3, "every": 2, "ratio": 0.5}}
    assert [learning_rate(run, epoch) for epoch in range(1, 9)] == [0.01] * 3 + [0.005] * 2 + [0.0025] * 2 + [0.00125]
