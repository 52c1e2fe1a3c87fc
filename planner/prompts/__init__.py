"""The prompts are files; this renders them and tells their hashes."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from runtime.value import Value


@cache
def _source(name: str) -> str:
    return resources.files("planner.prompts").joinpath(f"{name}.md").read_text("utf-8")


@cache
def _template(name: str) -> Template:
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=False, autoescape=False)
    return environment.from_string(_source(name))


def render(name: str, **values: Any) -> str:
    """The prompt `name` with its blanks filled. A blank without a value raises jinja2.UndefinedError."""
    return _template(name).render(**values).strip()


class Example(Value):
    """A task and the program that does it."""

    open: str
    task: str
    program: str


@cache
def examples() -> tuple[Example, ...]:
    """What the Manager is shown of good programs."""
    text = resources.files("planner.prompts").joinpath("examples.toml").read_text("utf-8")
    entries = (Example.model_validate(entry) for entry in tomllib.loads(text)["example"])
    return tuple(e.model_copy(update={"program": e.program.strip()}) for e in entries)


@cache
def sha256(name: str) -> str:
    """The hash of the prompt's file, by which a record tells which wording was used."""
    return hashlib.sha256(_source(name).encode()).hexdigest()
