"""Whether features of clips tell their classes."""

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import f_classif
from sklearn.model_selection import GroupKFold, cross_val_predict


def check_chance(features: np.ndarray, classes: np.ndarray, groups: np.ndarray) -> None:
    """Classes are guessed from features no better than by luck (three standard deviations of a binomial)."""
    forest = RandomForestClassifier(50, min_samples_leaf=2, random_state=0)
    guess = cross_val_predict(forest, features, classes, groups=groups, cv=GroupKFold(4))
    chance = 1 / len(set(classes))
    bound = chance + 3 * np.sqrt(chance * (1 - chance) / len(classes))
    assert (guess == classes).mean() < bound
    check_variance(features, classes)  # more sensitive
    # the test can fail: with the class in one feature it is found
    told = np.column_stack([features, classes + np.random.default_rng(0).normal(0, 0.2, len(classes))])
    assert (cross_val_predict(forest, told, classes, groups=groups, cv=GroupKFold(4)) == classes).mean() > 2 * bound


def check_variance(features: np.ndarray, classes: np.ndarray) -> None:
    """No single feature differs between classes (analysis of variance, Bonferroni)."""
    varying = features[:, features.std(0) > 1e-9]
    likely = np.nan_to_num(f_classif(varying, classes)[1], nan=1.0)  # F is below 0 by rounding where means are equal
    assert likely.min() * varying.shape[1] > 0.01
