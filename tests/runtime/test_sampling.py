"""Which token is chosen: the likeliest, by seed, within the nucleus, within a grammar."""

from __future__ import annotations

import numpy as np
import pytest

from runtime.sampling import Sampler, log_probability, shares


class Even:
    """A grammar of even tokens."""

    def accept(self, token):
        return token % 2 == 0

    def allowed(self):
        return np.array([True, False] * 3)


LOGITS = np.log(np.array([0.3, 0.4, 0.1, 0.1, 0.05, 0.05], dtype=np.float32))


def test_without_temperature_the_likeliest_is_taken():
    assert Sampler().pick(LOGITS) == 1
    assert Sampler().pick(LOGITS, Even()) == 0


def test_temperature_draws_by_probability_also_within_a_grammar():
    sampler = Sampler(temperature=1.0, seed=1)
    drawn = np.bincount([sampler.pick(LOGITS) for _ in range(4000)], minlength=6) / 4000
    assert drawn == pytest.approx(np.exp(LOGITS), abs=0.03)
    within = np.bincount([sampler.pick(LOGITS, Even()) for _ in range(4000)], minlength=6) / 4000
    assert within == pytest.approx(np.array([0.3, 0, 0.1, 0, 0.05, 0]) / 0.45, abs=0.03)


def test_top_p_leaves_the_unlikely_out():
    sampler = Sampler(temperature=1.0, top_p=0.6, seed=1)
    assert {sampler.pick(LOGITS) for _ in range(500)} == {0, 1}


def test_probabilities():
    assert log_probability(LOGITS, 1) == pytest.approx(np.log(0.4), abs=1e-5)
    assert shares([-1000.0, -1000.0]) == (0.5, 0.5)
