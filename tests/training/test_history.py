"""When a training stops, and which of its epochs is the best."""

import math

from poseattn.training.history import Epoch, best_epoch, finished


def history_of(*val_score: float) -> list[Epoch]:
    return [Epoch(number, 1.0, 0.5, 1.0, acc, 0.1) for number, acc in enumerate(val_score, start=1)]


def test_early_stopping_on_a_sequence_worked_by_hand():
    """Patience 3: 0.5 in epoch 2 is best, its equal in epoch 4 does not count, 0.6 in 5 starts anew, 8 is last."""
    accuracies = [0.2, 0.5, 0.4, 0.5, 0.6, 0.1, 0.6, 0.3, 0.9]
    best = [best_epoch(history_of(*accuracies[:n])) for n in range(1, 10)]
    assert best == [1, 2, 2, 2, 5, 5, 5, 5, 9]
    stopped = [finished(history_of(*accuracies[:n]), epochs=100, patience=3) for n in range(10)]
    assert stopped == [False, False, False, False, False, False, False, False, True, False]


def test_the_number_of_epochs_is_a_limit():
    rising = history_of(0.1, 0.2, 0.3)
    assert finished(rising, epochs=3, patience=10)
    assert not finished(rising, epochs=4, patience=10)


def test_without_validation_all_epochs_run_and_the_last_is_kept():
    blind = history_of(*[math.nan] * 30)
    assert best_epoch(blind) == 30
    assert not finished(blind, epochs=31, patience=2)


def test_the_lowest_loss_may_decide_instead_of_the_highest_score() -> None:
    losses = [0.9, 0.7, 0.7, 0.8, 0.6]
    history = [Epoch(number, 1.0, 0.5, loss, 0.1 * number, 0.1) for number, loss in enumerate(losses, start=1)]
    assert [best_epoch(history[:n], "loss") for n in range(1, 6)] == [1, 2, 2, 2, 5]
    assert [finished(history[:n], 100, 2, "loss") for n in range(6)] == [False, False, False, False, True, False]
    assert [best_epoch(history[:n]) for n in range(1, 6)] == [1, 2, 3, 4, 5]


def test_without_a_score_the_loss_may_still_decide() -> None:
    history = [Epoch(number, 1.0, 0.5, loss, math.nan, 0.1) for number, loss in enumerate([0.9, 0.7, 0.8], start=1)]
    assert best_epoch(history, "loss") == 2
    assert best_epoch(history) == 3
