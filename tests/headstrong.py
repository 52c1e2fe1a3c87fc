"""A scripted model for planners: it has one thing to say, as small models do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runtime.model import Completion, Message
from runtime.scripted import ScriptedModel


class Headstrong(ScriptedModel):
    """Asked the same once more, without the skills that it named, it has nothing else to say."""

    def complete(self, messages: Sequence[Message], **how: Any) -> Completion:
        if self.asked and self.asked[-1] == tuple(messages):
            return Completion(text="", ended="end")
        return super().complete(messages, **how)
