"""The seam to any check, and the checks: OSWorld's functions by name, and ours. Each explains itself in a sentence."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from tasks.score import Score, failed, passed

SHOWN = 80
"""Letters of a value that an explanation shows."""


class Check(Protocol):
    """Judges what a getter found against what is expected."""

    def __call__(self, result: Any, expected: Any, /, *args: Any, **options: Any) -> Score:
        """The score, with its reason."""


CHECKS: dict[str, Check] = {}
"""Every check, by the name that task files have for it."""


def check(name: str) -> Callable[[Check], Check]:
    """Add a check to the registry."""

    def add(judge: Check) -> Check:
        CHECKS[name] = judge
        return judge

    return add


@check("exact_match")
def exact_match(result: Any, expected: Any) -> Score:
    """OSWorld: the result is what the rule says."""
    wanted = expected["expected"]
    return passed(f"it is {_show(wanted)}") if result == wanted else failed(f"{_show(result)}, not {_show(wanted)}")


@check("literal_match")
def literal_match(result: Any, expected: Any, type: str = "str", ignore_case: bool = False) -> Score:
    """OSWorld: the same text, or the same list."""
    if type == "list":
        ours, wanted = (sorted(map(str, given)) if isinstance(given, list) else None for given in (result, expected))
        same = ours is not None and ours == wanted and result == expected
    else:
        first, second = str(result), str(expected)
        same = first.lower() == second.lower() if ignore_case else first == second
    return passed(f"it is {_show(expected)}") if same else failed(f"{_show(result)}, not {_show(expected)}")


@check("is_in_list")
def is_in_list(result: Any, expected: Any) -> Score:
    """OSWorld: the list has the wanted item."""
    wanted = expected["expected"]
    if wanted in result:
        return passed(f"{_show(wanted)} is among them")
    return failed(f"{_show(wanted)} is not among {_show(result)}")


@check("check_include_exclude")
def check_include_exclude(result: Any, expected: Any) -> Score:
    """OSWorld: the text has all of some words and none of others."""
    text = "\n".join(result) if isinstance(result, list) else str(result)
    lacking = [word for word in expected.get("include", ()) if word not in text]
    wrong = [word for word in expected.get("exclude", ()) if word in text]
    if lacking:
        return failed(f"{_show(lacking[0])} is not in it")
    return failed(f"{_show(wrong[0])} is in it, but should not be") if wrong else passed("it says what it should")


@check("check_list")
def check_list(result: Any, expected: Any) -> Score:
    """OSWorld: each wanted pattern matches a line, and no unwanted one does."""
    text = "\n".join(result) if isinstance(result, list) else _text(result)
    lines = text.splitlines()
    lacking = [p for p in expected.get("expect", ()) if not any(re.search(p, line) for line in lines)]
    wrong = [p for p in expected.get("unexpect", ()) if any(re.search(p, line) for line in lines)]
    if lacking:
        return failed(f"no line matches {_show(lacking[0])}")
    return failed(f"a line matches {_show(wrong[0])}") if wrong else passed("the lines are as they should be")


@check("compare_text_file")
def compare_text_file(result: Any, expected: Any, ignore_blanks: bool = False, ignore_case: bool = False) -> Score:
    """OSWorld: two text files are the same."""
    ours, wanted = _text(result), _text(expected)
    if ignore_blanks:
        ours, wanted = (re.sub(r"[\t\n]", " ", text).strip() for text in (ours, wanted))
        ours, wanted = (re.sub(r"\s+", " ", text) for text in (ours, wanted))
    if ignore_case:
        ours, wanted = ours.lower(), wanted.lower()
    return passed("the text is as it should be") if ours == wanted else failed(_difference(ours, wanted))


@check("check_text")
def check_text(result: Any, expected: Any, ignore_case: bool = False) -> Score:
    """Ours: the text is `text`; a line break at the end may be there or not."""
    ours, wanted = (_text(given).removesuffix("\n") for given in (result, expected["text"]))
    same = ours.casefold() == wanted.casefold() if ignore_case else ours == wanted
    return passed(f"the text is {_show(wanted)}") if same else failed(_difference(ours, wanted))


@check("check_number")
def check_number(result: Any, expected: Any) -> Score:
    """Ours: the text is the number, however it is written (`6 391`, `6391.00`), within a `tolerance`."""
    plain = re.sub(r"(?<=\d)[\s'\u00a0\u202f](?=\d)", "", str(result)).strip()
    if not re.fullmatch(r"[-+−]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?", plain, re.IGNORECASE):
        return failed(f"{_show(result)} is not a number; it should be {expected['number']:g}")
    number = float(plain.replace("−", "-"))
    near = abs(number - expected["number"]) <= expected.get("tolerance", 1e-9)
    return passed(f"it shows {plain}") if near else failed(f"it shows {plain}, not {expected['number']:g}")


@check("check_changes")
def check_changes(result: Any, expected: Any) -> Score:
    """Ours: what was added, removed and changed is what was asked for, and nothing besides."""
    for kind in ("added", "removed", "changed"):
        ours, wanted = set(result[kind]), set(expected.get(kind, ()))
        if lacking := sorted(wanted - ours):
            return failed(f"{lacking[0]} was not {kind}")
        if besides := sorted(ours - wanted):
            return failed(f"{besides[0]} was {kind}, which nobody asked for")
    return passed("nothing else was touched")


def all_or_any(scores: Iterable[Score], conj: str) -> Score:
    """Several checks as one, as OSWorld does: `and` is 0 if one is 0, else the mean; `or` is the best."""
    given = list(scores)
    if conj == "or":
        return max(given, key=lambda score: score.value)
    zero = next((score for score in given if score.value == 0), None)
    if zero:
        return zero
    text = "; ".join(dict.fromkeys(score.explanation for score in given))
    return Score(value=sum(score.value for score in given) / len(given), explanation=text)


def _text(given: Any) -> str:
    """A text, or what a file holds."""
    if isinstance(given, Path):
        return given.read_bytes().decode("utf-8", errors="replace").replace("\r\n", "\n")
    if isinstance(given, Mapping):
        return str(given.get("text", given))
    return str(given)


def _difference(ours: str, wanted: str) -> str:
    """The first line that differs."""
    if not ours:
        return "the text is empty"
    pairs = difflib.SequenceMatcher(None, wanted.splitlines(), ours.splitlines(), autojunk=False).get_opcodes()
    for tag, first, last, start, end in pairs:
        here = "\n".join(ours.splitlines()[start:end])
        there = "\n".join(wanted.splitlines()[first:last])
        if tag == "delete":
            return f"line {start + 1}: {_show(there)} is missing"
        if tag == "insert":
            return f"line {start + 1}: {_show(here)} should not be there"
        if tag == "replace":
            return f"line {start + 1} is {_show(here)}, not {_show(there)}"
    return "the line breaks differ"


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
