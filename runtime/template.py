"""A conversation becomes a prompt by the chat template that stands in the model's own file.

The texts of the messages never meet the tokenizer's special tokens: the template is rendered with placeholders
for them, and template and texts are tokenized apart, so that a task that says `<|im_end|>` says just that.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from runtime.errors import ModelError
from runtime.model import Message

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""The template of a model whose file has none."""

_PLACE = "\ue000text-{}\ue001"
_PLACES = re.compile("\ue000text-(\\d+)\ue001")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a prompt: the template's own text, or the text of a message."""

    text: str
    ours: bool
    """True for template text, in which special tokens mean what they say."""
    static: bool = False
    """True up to the end of a leading system message, which tends to stay the same from call to call."""


class ChatTemplate:
    """A compiled chat template."""

    def __init__(self, source: str | None, bos: str = "", eos: str = "") -> None:
        self._special = {"bos_token": bos, "eos_token": eos}
        try:
            self._template = _environment().from_string(source or CHATML)
        except jinja2.TemplateError as error:
            raise ModelError(f"the model's chat template cannot be read: {error}. Use another model file.") from error

    def segments(self, messages: Sequence[Message]) -> list[Segment]:
        """The prompt, cut where messages begin and end. A last message of the assistant stays open at its end."""
        try:
            return self._render(messages)
        except jinja2.TemplateError as error:
            folded = _fold_system(messages)
            if folded is None:
                raise ModelError(f"the model's chat template refuses this conversation: {error}.") from error
        return self.segments(folded)

    def _render(self, messages: Sequence[Message]) -> list[Segment]:
        going_on = bool(messages) and messages[-1].role == "assistant"
        turns = [{"role": m.role, "content": _PLACE.format(i)} for i, m in enumerate(messages)]
        text = self._template.render(messages=turns, add_generation_prompt=not going_on, **self._special)
        if going_on:
            text = text[: _end_of(text, len(messages) - 1)]
        parts = _PLACES.split(text)
        shown = {int(number) for number in parts[1::2]}
        if len(shown) < len(messages):
            raise jinja2.TemplateError("it leaves a message out")
        leading = bool(messages) and messages[0].role == "system" and len(parts) > 1 and int(parts[1]) == 0
        return [
            Segment(
                text=part if i % 2 == 0 else messages[int(part)].text,
                ours=i % 2 == 0,
                static=leading and i < 2,
            )
            for i, part in enumerate(parts)
        ]


def _end_of(text: str, number: int) -> int:
    place = _PLACE.format(number)
    found = text.rfind(place)
    if found < 0:
        raise jinja2.TemplateError("it leaves the last message out")
    return found + len(place)


def _fold_system(messages: Sequence[Message]) -> list[Message] | None:
    """The conversation with its system message put before the first user message, for templates that know none."""
    if len(messages) < 2 or messages[0].role != "system" or messages[1].role != "user":
        return None
    both = Message(role="user", text=f"{messages[0].text}\n\n{messages[1].text}")
    return [both, *messages[2:]]


def _raise(reason: str) -> None:
    raise jinja2.TemplateError(reason)


def _to_json(value: Any, **options: Any) -> str:
    return json.dumps(value, ensure_ascii=False, **options)


@functools.cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    filters: Mapping[str, Any] = {"tojson": _to_json}
    environment.filters.update(filters)
    environment.globals["raise_exception"] = _raise
    # A date in the prompt would spoil the kept prefix every day, and no task depends on it.
    environment.globals["strftime_now"] = lambda _pattern: ""
    return environment
