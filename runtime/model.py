"""The seam to any language model: complete under a constraint, score choices, count tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, runtime_checkable

from pydantic import Field

from runtime.value import Value


class Message(Value):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


class Schema(Value):
    """The answer is JSON of this JSON schema, written without flexible whitespace."""

    kind: Literal["schema"] = "schema"
    schema_text: str


class Lark(Value):
    """The answer is a sentence of this grammar, in llguidance's dialect of Lark."""

    kind: Literal["lark"] = "lark"
    grammar: str


class Regex(Value):
    """The whole answer matches this regular expression (Rust syntax)."""

    kind: Literal["regex"] = "regex"
    pattern: str


class Choice(Value):
    """The answer is one of these texts."""

    kind: Literal["choice"] = "choice"
    texts: tuple[str, ...] = Field(min_length=1)


Constraint = Schema | Lark | Regex | Choice


class Usage(Value):
    """What one call cost. Tokens by the model's own tokenizer, time in seconds."""

    tokens_kept: int = 0
    """Prompt tokens that were still in the KV cache and cost nothing."""
    tokens_prefilled: int = 0
    """Prompt tokens that had to be evaluated."""
    tokens_generated: int = 0
    seconds_prefill: float = 0.0
    seconds_decode: float = 0.0


Ending = Literal["end", "stop", "length", "stopped"]


class Completion(Value):
    """A model's answer."""

    text: str
    ended: Ending
    """By its own end token, by a stop text, at `max_tokens`, or because `should_stop` said so."""
    usage: Usage = Usage()


@runtime_checkable
class Model(Protocol):
    """A language model on this machine or behind a URL.

    Calls block. A model is used from one thread at a time. Errors are `ModelError`s:
    a prompt that does not fit raises `ContextOverflow` before anything is evaluated.
    """

    @property
    def name(self) -> str:
        """How the record names this model."""

    @property
    def context_tokens(self) -> int:
        """The largest prompt plus answer, in tokens."""

    def complete(
        self,
        messages: Sequence[Message],
        *,
        constraint: Constraint | None = None,
        max_tokens: int = 256,
        temperature: float = 0.0,
        seed: int = 0,
        stop: Sequence[str] = (),
        should_stop: Callable[[], bool] | None = None,
    ) -> Completion:
        """Answer the conversation. `should_stop` is asked at every token, prefill chunks included.

        A last message of role `assistant` is continued, not answered.
        """

    def score(self, messages: Sequence[Message], choices: Sequence[str]) -> tuple[float, ...]:
        """The probability of each choice as the answer, in the order given; they add up to 1."""

    def count(self, messages: Sequence[Message]) -> int:
        """The tokens of the prompt these messages become, template included."""

    def close(self) -> None:
        """Free the model. A closed model raises `ModelError` when used."""
