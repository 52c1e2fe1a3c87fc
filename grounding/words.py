"""How alike two labels are: the same words written differently, synonyms, a part of one another, misread letters."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from rapidfuzz import fuzz

LONGEST = 1000
"""Characters of a query that are looked at; nobody names a thing on a screen with more."""
SMALL_WORDS = frozenset({
    "a", "an", "and", "any", "are", "as", "at", "be", "by", "for", "from", "in", "into", "is", "it", "its", "of", "on",
    "or", "so", "that", "the", "then", "there", "this", "to", "up", "with", "you", "your",
})  # fmt: skip
"""Words that tell nothing about which thing is meant."""


class Likeness(NamedTuple):
    """How well a label fits, 0 to 1, and why."""

    score: float
    why: str = ""


@lru_cache(maxsize=8192)
def normal(text: str) -> str:
    """The label without what people leave out: case, accents, ellipsis, mnemonic underscores, punctuation at the rim.

    Signs that stand alone are kept, for they are the whole label of many buttons (`+`, `=`, `...`).
    """
    plain = unicodedata.normalize("NFKD", text[:LONGEST]).casefold().strip()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"_(?=\w)", "", plain) if plain.count("_") == 1 else plain
    if not any(letter.isalnum() for letter in plain):
        return "".join(plain.split())  # signs alone are the whole label
    worded = re.sub(r"[^\w+\-*/=%.#&]+", " ", plain.replace("&", " and "))
    worded = re.sub(r"\.{2,}|(?<!\w)[.\-/#]+(?=\s|$)|[.\-/#]+$", " ", worded)
    return " ".join(worded.split()) or plain


@lru_cache(maxsize=8192)
def tokens(text: str) -> tuple[str, ...]:
    """The words of the normalised text."""
    return tuple(normal(text).split())


@cache
def _synonyms() -> tuple[dict[str, frozenset[int]], dict[str, frozenset[int]]]:
    table = tomllib.loads(files("grounding").joinpath("synonyms.toml").read_text("utf-8"))
    single: dict[str, set[int]] = {}
    whole: dict[str, set[int]] = {}
    for number, group in enumerate(table["groups"]):
        for entry in group:
            plain = normal(entry)
            whole.setdefault(plain, set()).add(number)
            if " " not in plain:
                single.setdefault(plain, set()).add(number)
    return ({k: frozenset(v) for k, v in single.items()}, {k: frozenset(v) for k, v in whole.items()})


def same_meaning(one: str, other: str) -> bool:
    """Whether two normalised labels are synonyms of one another, as wholes or word by word."""
    single, whole = _synonyms()
    if _share(whole, one, other):
        return True
    ours, theirs = _without_articles(one), _without_articles(other)
    pairs = zip(ours, theirs, strict=False)
    return len(ours) == len(theirs) > 0 and all(a == b or _share(single, a, b) for a, b in pairs)


def _share(groups: dict[str, frozenset[int]], one: str, other: str) -> bool:
    return not groups.get(one, frozenset()).isdisjoint(groups.get(other, frozenset()))


def _without_articles(text: str) -> tuple[str, ...]:
    return tuple(word for word in tokens(text) if word not in ("a", "an", "the"))


@lru_cache(maxsize=8192)
def content(text: str) -> tuple[str, ...]:
    """The words that carry meaning, small words left out unless there are no others."""
    every = tokens(text)
    return tuple(word for word in every if word not in SMALL_WORDS) or every


def likeness(query: str, label: str) -> Likeness:
    """How well a label fits a query."""
    asked, shown = normal(query), normal(label)
    if not asked or not shown:
        return Likeness(0.0)
    if asked == shown:
        return Likeness(1.0 if query.strip() == label.strip() else 0.99, "exact label")
    if asked.replace(" ", "") == shown.replace(" ", ""):
        return Likeness(0.97, "exact label")
    if same_meaning(asked, shown):
        return Likeness(0.86, f"synonym '{label.strip()}'")
    return max(_misread(asked, shown), _part(asked, shown, label), _coverage(asked, shown))


def _misread(asked: str, shown: str) -> Likeness:
    """One letter wrong or missing is a misreading; in short words and in numbers it is another word."""
    shorter = min(len(asked), len(shown))
    if shorter < 4 or abs(len(asked) - len(shown)) > 3 or any(c.isdigit() for c in set(asked) ^ set(shown)):
        return Likeness(0.0)
    ratio = fuzz.ratio(asked, shown) / 100
    return Likeness(0.92 * ratio**2, "nearly the same letters") if ratio >= 0.75 else Likeness(0.0)


def _part(asked: str, shown: str, label: str) -> Likeness:
    """The label begins with the query or holds it as whole words, or the query holds the label."""
    few, many = content(asked), content(shown)
    if _holds(many, few):
        starts = many[: len(few)] == few
        share = sum(map(len, few)) / max(1, sum(map(len, many)))
        return Likeness((0.62 if starts else 0.55) + 0.22 * share, "part of the label")
    if _holds(few, many):
        share = sum(map(len, many)) / max(1, sum(map(len, few)))
        return Likeness(0.42 + 0.38 * share, f"the words name '{label.strip()[:40]}'")
    return Likeness(0.0)


def _holds(many: tuple[str, ...], few: tuple[str, ...]) -> bool:
    return any(many[at : at + len(few)] == few for at in range(len(many) - len(few) + 1))


def _coverage(asked: str, shown: str) -> Likeness:
    """Words in common, each counted by its length, synonyms at three quarters, near spellings a little less."""
    ours, theirs = content(asked)[:40], content(shown)[:40]
    there = _found(ours, theirs)
    back = _found(theirs, ours)
    if not there or not back:
        return Likeness(0.0)
    return Likeness(0.82 * (there**0.4) * (back**0.6), "words in common")


def _found(these: tuple[str, ...], among: tuple[str, ...]) -> float:
    total = sum(map(len, these)) or 1
    return sum(len(word) * max((_word(word, other) for other in among), default=0.0) for word in these) / total


@lru_cache(maxsize=65536)
def _word(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if _share(_synonyms()[0], one, other):
        return 0.75
    if min(len(one), len(other)) >= 4:
        if one.rstrip("s") == other.rstrip("s"):
            return 0.95
        ratio = fuzz.ratio(one, other) / 100
        return ratio if ratio >= 0.84 else 0.0
    return 0.0
