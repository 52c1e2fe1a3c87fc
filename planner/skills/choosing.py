"""Which skills the model is shown for a task: a core always, and what is closest to the task's words (MemTool)."""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib import resources

from planner.skills.skill import Kind, Skill

CORE = (
    "launch", "open_file", "save", "save_as", "write", "set_option", "menu", "click", "press", "note", "ask", "done",
    "give_up",
)  # fmt: skip
"""What any task may need. It stands in the part of the prompt that never changes."""
BASICS: Mapping[Kind, tuple[str, ...]] = {
    "text": ("append", "replace_all"), "sheet": ("set_cell",), "calculator": ("calculate",),
    "files": ("open_folder", "copy_file", "rename_file", "delete_file"), "viewer": ("go_to_page", "zoom"),
    "image": ("turn_picture",), "slides": ("slide_title", "slide_text", "add_slide"),
    "media": ("playback",), "web": ("open_url",), "mail": ("write_mail",),
    "archive": ("extract_archive", "extract_to", "create_archive"), "terminal": ("run_command",),
}  # fmt: skip
"""What a kind of application is for: shown whenever a task is about one, whatever its words are."""
MOST = 20
"""Skills that are shown at most, the core included."""
KIND, OTHER = 1.5, 0.4
"""How much more a skill counts whose kind of application is the one in question, and one of a kind that is not."""
CLEAR = 0.5
"""How close, of what the closest comes to, a skill of another kind of application has to be."""
_SMALL = frozenset(
    re.findall(
        r"\w+",
        "a an the and or of to in into on at it its is are be as by for from with that this so such one all any which "
        "what then than them they there here me my i you your please open window application app text named called",
    )
)

_TURNED = re.compile(r"\bturn(?:ed|s|ing)?\b((?: \w+){0,4}?) (on|off)\b", re.IGNORECASE)
"""To turn something off is not to turn it round."""
_TURNED_INTO = re.compile(r"\bturn(?:ed|s|ing)?\b((?: [\w.'-]+){1,8}? )into\b", re.IGNORECASE)
"""Nor is to turn it into something else."""
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']*'(?!\w)")
"""What is to be written or looked for says nothing of how."""


def chosen(
    library: Mapping[str, Skill], task: str, kinds: Collection[Kind], most: int = MOST, barred: Collection[str] = ()
) -> tuple[Skill, ...]:
    """The skills beside the core that fit a task best, in the library's order; `kinds`: those of its applications."""
    core = [name for name in CORE if name in library]
    rest = [s for s in library.values() if s.name not in core and s.name not in barred]
    scores = ranked(rest, task, kinds)
    top = scores[0][1] if scores else 0.0
    basics = [name for kind in kinds for name in BASICS.get(kind, ())]
    scores.sort(key=lambda pair: pair[0].name not in basics)
    near = [s.name for s, score in scores if s.name in basics or score > (0 if s.kind in ("", *kinds) else top * CLEAR)]
    best = set(near[: max(0, most - len(core))])
    return tuple(s for s in rest if s.name in best)


def ranked(skills: Sequence[Skill], task: str, kinds: Collection[Kind]) -> list[tuple[Skill, float]]:
    """The skills with how close they are to a task's words, the closest first."""
    meant = with_synonyms(_QUOTED.sub(" ", task))
    said = {s.name: _terms(s) for s in skills}
    held = Counter(word for words in said.values() for word in words)
    scored = []
    for s in skills:
        score = sum(
            weight * part * math.log(1 + len(skills) / held[word])
            for word, part in said[s.name].items()
            if (weight := meant.get(word, 0.0))
        )
        scored.append((s, score * _by_kind(s, kinds) + _for_kind(s, kinds)))
    return sorted(scored, key=lambda pair: -pair[1])


def covers(skill: Skill, words: str) -> bool:
    """Whether a skill speaks of all that these words do, so that nobody has to be told of a command so named."""
    said = stems(words)
    return bool(said) and set(said) <= set(_terms(skill))


def _by_kind(skill: Skill, kinds: Collection[Kind]) -> float:
    if not skill.kind or not kinds:
        return 1.0
    return KIND if skill.kind in kinds else OTHER


def _for_kind(skill: Skill, kinds: Collection[Kind]) -> float:
    """A little for every skill of the kind, so that the rest of the room goes to those."""
    return 0.05 if skill.kind and skill.kind in kinds else 0.0


def _terms(skill: Skill) -> dict[str, float]:
    """The words of a skill: its name counts double, its arguments half."""
    words: dict[str, float] = {}
    parameters = " ".join(p.name for p in skill.parameters)
    for text, weight in ((skill.name.replace("_", " "), 2.0), (skill.about, 1.0), (parameters, 0.5)):
        for word in stems(text):
            words[word] = max(words.get(word, 0.0), weight)
    return words


def with_synonyms(task: str) -> dict[str, float]:
    """The words of a task, with those that people use for the same at half the weight."""
    own = stems(_TURNED_INTO.sub(r"change\1into", _TURNED.sub(r" switch\1 \2 ", task)))
    words = dict.fromkeys(own, 1.0)
    line = f" {' '.join(own)} "
    for group in _groups():
        if any(f" {' '.join(each)} " in line for each in group):
            for each in group:
                for word in each:
                    words.setdefault(word, 0.5)
    return words


@cache
def _groups() -> tuple[tuple[tuple[str, ...], ...], ...]:
    text = resources.files("planner.skills").joinpath("words.toml").read_text("utf-8")
    return tuple(
        tuple(found for each in group if (found := tuple(stems(each)))) for group in tomllib.loads(text)["groups"]
    )


def stems(text: str) -> list[str]:
    """The words of a text without those that say nothing, and without their endings."""
    return [_stem(word) for word in re.findall(r"[a-z]+", text.lower()) if word not in _SMALL]


def _stem(word: str) -> str:
    """A word without the commonest English endings: crude, and the same for both sides."""
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
