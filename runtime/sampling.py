"""The choice of the next token: the likeliest, or drawn by temperature; within a grammar if one is given."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from runtime.llama import Logits


class Rule(Protocol):
    """What the grammar says of the next token."""

    def accept(self, token: int) -> bool:
        """Go on by this token if the grammar allows it; False, and nothing changed, if not."""

    def allowed(self) -> npt.NDArray[np.bool_]:
        """Of every token of the vocabulary, whether it may come next."""


class Sampler:
    """Picks tokens for one answer."""

    def __init__(self, temperature: float = 0.0, top_p: float = 1.0, seed: int = 0) -> None:
        self._temperature = temperature
        self._top_p = top_p
        self._random = np.random.default_rng(seed)

    def pick(self, logits: Logits, rule: Rule | None = None) -> int:
        """The next token. The rule has taken it when this returns.

        The free choice is tried first and only refused ones pay for the mask. That is exact: drawing again from
        the allowed tokens after a refusal gives each of them its share of the probability of the allowed.
        """
        token = self._draw(logits)
        if rule is None or rule.accept(token):
            return token
        allowed = rule.allowed()
        masked = np.full_like(logits, -np.inf)
        masked[: len(allowed)][allowed[: len(logits)]] = logits[: len(allowed)][allowed[: len(logits)]]
        token = self._draw(masked)
        if not rule.accept(token):
            raise AssertionError(f"the grammar's mask allows token {token}, its parser does not")
        return token

    def _draw(self, logits: Logits) -> int:
        if self._temperature <= 0:
            return int(logits.argmax())
        scaled = logits.astype(np.float64) / self._temperature
        weights = np.exp(scaled - scaled.max())
        if self._top_p < 1:
            weights = self._nucleus(weights)
        edges = np.cumsum(weights)
        drawn = np.searchsorted(edges, self._random.random() * edges[-1], side="right")
        return int(min(drawn, np.flatnonzero(weights)[-1]))

    def _nucleus(self, weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Only the likeliest tokens that together make up `top_p` (Holtzman et al., arXiv 1904.09751)."""
        order = np.argsort(weights)[::-1]
        within = np.cumsum(weights[order]) < self._top_p * weights.sum()
        keep = order[: int(within.sum()) + 1]
        cut = np.zeros_like(weights)
        cut[keep] = weights[keep]
        return cut


def log_probability(logits: Logits, token: int) -> float:
    """The natural logarithm of a token's probability."""
    top = float(logits.max())
    return float(logits[token]) - top - float(np.log(np.exp(logits.astype(np.float64) - top).sum()))


def shares(log_probabilities: list[float]) -> tuple[float, ...]:
    """Log-probabilities as probabilities that add up to 1."""
    values = np.asarray(log_probabilities, dtype=np.float64)
    weights = np.exp(values - values.max())
    return tuple(float(share) for share in weights / weights.sum())
