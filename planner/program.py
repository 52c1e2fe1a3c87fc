"""The line language that plans are written in: one call a line, and the grammar that keeps a model inside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from planner.planner import Step
from planner.skills.skill import Parameter, Skill

Value = str | int | float | bool
_CALL = re.compile(r"\s*([a-z_]+)\((.*)\)\s*$", re.DOTALL)
_ARGUMENT = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|(true|false)|(-?\d{1,9}))\s*(?:,|$)', re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


class ProgramError(ValueError):
    """A line that is not of the language, or does not fit the skill it calls."""


def parse(text: str, library: dict[str, Skill]) -> tuple[Step, ...]:
    """Read a program; a last line that was cut off is dropped.

    Only "\\n" ends a line: texts may hold what else counts as a line break. Raises ProgramError for a line that calls
    no known skill or gives it the wrong arguments.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    cut = bool(lines) and not text.endswith("\n")
    steps: list[Step] = []
    for number, line in enumerate(lines, 1):
        try:
            steps.append(_step(number, line, library))
        except ProgramError:
            last = number == len(lines)
            if not (cut and last and (steps or not line.rstrip().endswith(")"))):
                raise
    return tuple(steps)


def _step(number: int, line: str, library: dict[str, Skill]) -> Step:
    match = _CALL.match(line)
    if not match or match[1] not in library:
        raise ProgramError(f"line {number} calls no known skill: {line.strip()[:80]}")
    skill = library[match[1]]
    values = _arguments(match[2], line)
    required = sum(not p.optional for p in skill.parameters)
    if not required <= len(values) <= len(skill.parameters):
        raise ProgramError(f"line {number} gives {len(values)} arguments, the skill is {skill.signature}")
    named = {p.name: _typed(p, value) for p, value in zip(skill.parameters, values, strict=False)}
    return Step(number=number, skill=skill.name, arguments=named, text=line.strip())


def _arguments(text: str, line: str) -> list[Value]:
    values: list[Value] = []
    place = 0
    while text[place:].strip():
        match = _ARGUMENT.match(text, place)
        if not match:
            raise ProgramError(f"arguments that cannot be read: {line.strip()[:80]}")
        values.append(_value(match))
        place = match.end()
    return values


def _value(match: re.Match[str]) -> Value:
    if match[1] is not None:
        return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), match[1], flags=re.DOTALL)
    return match[2] == "true" if match[2] else int(match[3])


def _typed(parameter: Parameter, value: Value) -> Value:
    """The value as the parameter's type has it; raises ProgramError for one that is not of it."""
    if parameter.type == "number":
        return _number(parameter, value)
    if parameter.type == "flag":
        return value if isinstance(value, bool) else str(value).lower() in ("true", "yes", "on", "1")
    if parameter.choices and str(value) not in parameter.choices:
        raise ProgramError(f"{parameter.name} must be one of {', '.join(parameter.choices)}, not {str(value)[:40]!r}")
    return str(value)


def _number(parameter: Parameter, value: Value) -> int:
    said = "" if isinstance(value, bool) else str(value).strip()
    if not re.fullmatch(r"-?[0-9]{1,9}", said):
        raise ProgramError(f"{parameter.name} must be a number, not {str(value)[:40]!r}")
    return int(said)


def line(skill: str, values: Iterable[Value]) -> str:
    """Write one call."""
    return f"{skill}({', '.join(_written(value) for value in values)})"


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = value.replace("\\", "\\\\").replace('"', '\\"')
    for sign, letter in (("\n", "n"), ("\t", "t"), ("\r", "r")):
        text = text.replace(sign, f"\\{letter}")
    return f'"{text}"'


def grammar(skills: Sequence[Skill], apps: Sequence[str], commands: Sequence[str] = (), max_lines: int = 14) -> str:
    """A Lark grammar (llguidance's dialect) of programs over these skills.

    `apps` are the only names that `launch` takes; `commands`, if any are known, the only ones of `menu`.
    A program is 1 to `max_lines` lines, the last of which ends the run.
    """
    inner = [s for s in skills if not s.ends()]
    ends = [s for s in skills if s.ends()]
    rules = [
        f"start: step{{0,{max_lines - 1}}} last",
        "step: " + " | ".join(f"s_{s.name}" for s in inner),
        "last: " + " | ".join(f"s_{s.name}" for s in ends),
        *(_rule(s) for s in skills),
        r'TEXT: /"([^"\\\n\r\t\x00-\x1f]|\\["\\nt]){0,600}"/',
        r'NAME: /"[^"\\\n\r\t\x00-\x1f]{1,120}"/',
        r'KEY: /"[A-Za-z0-9_]+(\+[A-Za-z0-9_]+){0,3}"/',
        r'CELL: /"\$?[A-Z]{1,3}\$?[1-9][0-9]{0,6}"/',
        r"NUMBER: /-?[0-9]{1,6}/",
        r'FLAG: "true" | "false"',
        "APP: " + (" | ".join(_quoted(app) for app in apps) if apps else r'/"[^"\\\n]{1,60}"/'),
        "COMMAND: " + (" | ".join(_quoted(c) for c in commands) if commands else r'/"[^"\\\n]{1,80}"/'),
    ]
    return "\n".join(rules) + "\n"


_TERMINALS = {
    "text": "TEXT", "name": "NAME", "app": "APP", "key": "KEY", "cell": "CELL", "command": "COMMAND", "thing": "NAME",
    "number": "NUMBER", "flag": "FLAG",
}  # fmt: skip


def _rule(skill: Skill) -> str:
    must = [_terminal(p) for p in skill.parameters if not p.optional]
    may = [_terminal(p) for p in skill.parameters if p.optional]
    inside = ' ", " '.join(must)
    for terminal in may:
        inside += f' (", " {terminal})?' if must else f" {terminal}?"
    return f's_{skill.name}: "{skill.name}(" {inside} ")\\n"'


def _terminal(parameter: Parameter) -> str:
    if parameter.type == "choice":
        return "(" + " | ".join(_quoted(word) for word in parameter.choices) + ")"
    return _TERMINALS[parameter.type]


def _quoted(word: str) -> str:
    """A Lark string whose content is the word in double quotes."""
    inner = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"\\"{inner}\\""'
