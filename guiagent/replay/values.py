"""Parameters of a replay: which texts of a recording may be given other values, and putting those in everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePosixPath

from guiagent.trajectory.secrets import MARK
from planner.action import Action, Launch, Type
from planner.memory import template
from planner.planner import Step
from runtime.errors import UsageError

LONGEST = 4000
"""Characters of a value."""
FILE = re.compile(r"[\w ./~-]+\.\w{1,8}")
"""What looks like a file's name."""
SHORT = 3
"""A text of fewer letters is put in only where it is the whole text: inside of others it is there by chance."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A text of a recording that may be another one in a replay."""

    name: str
    """How `--set` calls it."""
    value: str
    """What it was."""


@dataclass(frozen=True, slots=True)
class Swap:
    """Puts new texts in the place of recorded ones. The longest is tried first, and what was put in stays."""

    pairs: Mapping[str, str] = field(default_factory=dict)
    """Recorded text to new text."""

    def __bool__(self) -> bool:
        return bool(self.pairs)

    def __call__(self, text: str) -> str:
        """The text as it has to be in this replay."""
        if text in self.pairs:
            return self.pairs[text]
        long = [old for old in sorted(self.pairs, key=len, reverse=True) if len(old) >= SHORT]
        if not long or not text:
            return text
        any_of = re.compile("|".join(rf"(?<!\w){re.escape(old)}(?!\w)" for old in long))
        return any_of.sub(lambda match: self.pairs[match[0]], text)

    def touches(self, text: str) -> bool:
        """Whether the text becomes another one."""
        return self(text) != text

    def action(self, action: Action) -> Action:
        """The action with its texts put in."""
        match action:
            case Type(text=text):
                return action.model_copy(update={"text": self(text)})
            case Launch(files=files):
                return action.model_copy(update={"files": tuple(self(file) for file in files)})
        return action


def parameters(
    task: str, actions: Sequence[Action], steps: Iterable[Step] = (), pointed: Iterable[str] = ()
) -> tuple[Parameter, ...]:
    """What of a recording may vary: arguments of its plan that it typed or opened, then every other typed text.

    An argument has the name that the skill gives it; a text that a person typed is `text`, or `file` where it looks
    like a file's name; the second one is `text2`. `pointed` are the labels of what was clicked: of those, files.
    """
    used = _used(actions)
    found: dict[str, str] = {}
    for step in steps:
        for name, value in step.arguments.items():
            if isinstance(value, str) and value and _appears(value, used):
                _add(found, name, value)
    for text in used:
        if any(len(value) >= SHORT and value in text for value in found.values()):
            continue  # it varies with what stands in it
        _add(found, "file" if FILE.fullmatch(text) else "text", text)
    for item in template.items(task):
        if item.shape in ("quoted", "file", "path") and _appears(item.text, used):
            _add(found, "text" if item.shape == "quoted" else "file", item.text)
    for label in filter(FILE.fullmatch, pointed):
        _add(found, "file", label)
    return tuple(Parameter(name, value) for name, value in found.items())


def _used(actions: Sequence[Action]) -> list[str]:
    """The texts that the actions hand over, without the keys at their rim."""
    texts: list[str] = []
    for action in actions:
        if isinstance(action, Type):
            texts.append(action.text.strip("\n\t"))
        elif isinstance(action, Launch):
            texts += action.files
    return [text for text in dict.fromkeys(texts) if text.strip() and not MARK.search(text)]


def secrets_of(actions: Sequence[Action]) -> tuple[str, ...]:
    """The names of the secrets that were typed; the record has no values for them."""
    return tuple(dict.fromkeys(n for a in actions if isinstance(a, Type) for n in MARK.findall(a.text)))


def _appears(value: str, used: Sequence[str]) -> bool:
    """Whether a text was handed over, alone or within another."""
    return value in used or (len(value) >= SHORT and any(value in text for text in used))


def _add(found: dict[str, str], name: str, value: str) -> None:
    if value in found.values():
        return
    number = 2
    free = name
    while free in found:
        free, number = f"{name}{number}", number + 1
    found[free] = value


def swap_of(known: Sequence[Parameter], given: Mapping[str, str], homes: tuple[str, str] = ("", "")) -> Swap:
    """The replacement that `--set` asks for; with the home folders, recorded and present, those are told apart too.

    A recorded text itself does as a name, and of a file in a folder its last part. Raises `UsageError` for a name
    that there is none of, and for a value that cannot be typed.
    """
    pairs: dict[str, str] = {}
    values = {parameter.name: parameter.value for parameter in known}
    for name, new in given.items():
        old = values.get(name) or next((value for value in values.values() if value == name), None)
        whole = next((v for v in values.values() if "/" in v and PurePosixPath(v).name == name), None)
        if old is None and whole is not None:  # the name of a file whose folder stays
            old, new = whole, new if "/" in new else str(PurePosixPath(whole).with_name(new)) if new else ""
        if old is None:
            raise UsageError(_unknown(name, known))
        _check(name, new)
        if old != new:
            pairs[old] = new
            pairs.update(_parts(old, new))
    pairs.update(_spared(values.values(), pairs))
    before, now = homes
    if before and now and before != now:
        pairs[before] = now
    return Swap(pairs)


def _spared(values: Iterable[str], pairs: Mapping[str, str]) -> dict[str, str]:
    """Texts that stay though the name of a file without its ending stands in them: it is there by chance."""
    stems = {PurePosixPath(old).stem for old in pairs if PurePosixPath(old).suffix}
    named = Swap({old: new for old, new in pairs.items() if old not in stems})
    return {value: value for value in values if value not in pairs and not named.touches(value)}


def _parts(old: str, new: str) -> dict[str, str]:
    """Of files' names also the last part, and that without its ending: titles tell those."""
    one, other = PurePosixPath(old), PurePosixPath(new)
    if not one.suffix or "\n" in old:
        return {}
    pairs = {one.name: other.name}
    if one.suffix == other.suffix and len(one.stem) >= SHORT:
        pairs[one.stem] = other.stem
    return {a: b for a, b in pairs.items() if a and b and a != b}


def _check(name: str, value: str) -> None:
    if not value:
        raise UsageError(f"--set {name} is given nothing; a replay types and opens something, so give a value.")
    if len(value) > LONGEST:
        raise UsageError(f"the value of {name} has {len(value)} characters; at most {LONGEST} are typed.")
    bad = next((c for c in value if not c.isprintable() and c not in "\n\t"), None)
    if bad is not None:
        raise UsageError(f"the value of {name} has a character that no key types (U+{ord(bad):04X}); leave it out.")


def _unknown(name: str, known: Sequence[Parameter]) -> str:
    if not known:
        return f"there is no parameter {name!r}: nothing was typed and no file was opened in this run."
    near = get_close_matches(name, [parameter.name for parameter in known], n=1)
    listed = ", ".join(f"{parameter.name} (was {_short(parameter.value)})" for parameter in known)
    return f"there is no parameter {name!r}{f'; do you mean {near[0]}?' if near else '.'} This run has: {listed}."


def _short(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 40 else line[:39] + "…")
