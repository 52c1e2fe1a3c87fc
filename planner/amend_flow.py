"""What a small model puts in the wrong order, uses before it has it, or takes too much of: put right in its plan."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from planner.amend_commands import added_where_it_is_kept, commanded_as_said, counted_alone, replaced_as_said
from planner.amend_disk import as_on_disk, opened_before_changed, written_where_said
from planner.amend_files import (
    archived_at_once,
    deleted_where_it_is_shown,
    made_not_opened,
    not_opened_again,
    one_file_unpacked,
    read_from_the_other,
    saved_as_a_copy,
    saved_as_another_type,
    saved_under_what_is_said,
    stays_with_its_file,
    thrown_away,
    unpacked_where_said,
    worked_on_in_the_archive,
    written_into_the_new_file,
)  # fmt: skip
from planner.amend_sheet import sorted_as_said, whole_column
from planner.amend_unasked import no_numbers_of_its_own, on_its_subject, only_what_is_said
from planner.appmap import plain
from planner.draft import Draft
from planner.kinds import kind_of, of_kind, sort_of
from planner.parts import given, missing
from planner.planner import Step
from planner.skills.writing import Paper
from planner.soundness import SAVERS, asks

BY_HAND = ("write", "append", "prepend", "rewrite", "insert_line", "insert_after")
SHAPING = (
    "format_text", "align", "line_spacing", "make_list", "set_font", "set_font_size", "set_heading", "title_case",
)  # fmt: skip
"""Skills that change how a text of the document looks."""
SAYING = (*BY_HAND, "set_cell", "fill", "type", "write_mail", "calculate", "replace_all", "save_as", "rename_file")
"""Skills that a value is handed to."""
ARRIVING = ("launch", "open_file", "open_url", "open_item", "open_message", "switch_window", "new_document")
"""Skills that bring something else to the front, which may say something."""
_WRITES = re.compile(r"\b(writ(e|es|ing)|typ(e|ing)|enter|put|add|compose|create|make|titled?)\b", re.IGNORECASE)
_FILE = r"(?:[\w~/.-]*\w\.[A-Za-z]\w{0,4}\b)"
_TAIL = re.compile(
    r"(?<=\S)\s+(?:(?:to|at|as|on) (?:the |its )?(?:very )?(?:end|top|bottom|beginning|start|first line|last line)"
    rf"(?: of (?:the |my )?(?:file|document|text|list|letter|note|page|{_FILE})\b.*)?"
    rf"|(?:to|in|into|of) (?:the )?(?:file |document )?{_FILE}.*)$",
    re.IGNORECASE | re.DOTALL,
)
"""The end of a sentence that says where a text goes, and is none of it."""


def new_page_first(plan: Draft) -> None:
    """A new document is made before what is to stand in it, not after."""
    new = next((n for n, s in enumerate(plan.steps) if s.skill == "new_document"), None)
    if new is None:
        return
    changes = [n for n, s in enumerate(plan.steps[:new]) if plan.changes_document(s)]
    kept = any(s.skill in (*SAVERS, "launch", "open_file") for s in plan.steps[changes[0] : new]) if changes else True
    if not kept:
        plan.steps.insert(changes[0], plan.steps.pop(new))
        plan.reasons.append("a new document comes before what is in it")


def written_before_shaped(plan: Draft) -> None:
    """A text that the task wants written is written before it is made bold, large or a heading."""
    if plan.opens() or not _WRITES.search(plan.hands.task):
        return
    for place, step in enumerate(plan.steps):
        text = str(step.arguments.get("text", ""))
        if step.skill not in SHAPING or not text or plain(text) not in plain(plan.hands.task):
            continue
        before = plan.steps[:place]
        there = plan.hands.editor.text if plan.hands.editor is not None else ""
        fresh = any(s.skill == "new_document" for s in before) or not there.strip()
        written = [str(s.arguments["text"]) for s in plan.steps if s.skill in BY_HAND]
        if any(plain(text) in plain(w) for w in written) or (not fresh and plain(text) in plain(there)):
            return
        ends = text if not written or written[0].startswith("\n") else f"{text}\n"
        only_named = step.skill == "title_case" and not re.search(r"\b(case|capital)", plan.hands.task, re.IGNORECASE)
        plan.steps[place : place + only_named] = [plan.step("write", ends)]
        plan.reasons.append(f"{text!r} is written first")
        return


def read_before_used(plan: Draft) -> None:
    """A value that a line uses and nothing gives is read off what the plan has come to before."""
    for number, name in missing(plan.steps, plan.library, plan.hands.notes):
        at = number - 1
        telling = plan.steps[at].skill in SAYING or (plan.steps[at].skill == "done" and asks(plan.hands.task))
        stays = _arrivals(plan.steps[:at])
        if not stays or not telling or f"${name}" in plan.hands.task:
            continue
        if name == "text" and not any(s.skill in ("open_url", "open_message") for s in plan.steps[:at]):
            continue
        said_last = plan.steps[at].skill == "done" or plan.steps[stays[-1]].skill == "run_command"
        place = stays[-2] if len(stays) > 1 and not said_last else stays[-1]
        plan.steps.insert(place + 1, plan.step("note", name, wanted(name, plan.hands.task)))
        plan.reasons.append(f"${name} is read before it is used")
        return read_before_used(plan)
    return None


def read_where_it_stands(plan: Draft) -> None:
    """What is read in a viewer, a browser or a mail is read off the window: there are no cells there."""
    for place, step in enumerate(plan.steps):
        skill = plan.library[step.skill]
        gives = next(iter(given(step, plan.library)), "") if skill.kind == "sheet" and skill.risk == "read" else ""
        if gives and plan.kind_at(place) in ("viewer", "web", "mail", "image"):
            plan.steps[place] = plan.step("note", gives, wanted(gives, plan.hands.task))
            plan.reasons.append(f"${gives} is read off the window")


def wanted(name: str, task: str) -> str:
    """What a task calls the value of this name: `the departure time that it gives` for `time`."""
    words = name.replace("_", " ")
    if name in _ANYTHING:
        said = _CARRIED.search(task)
    else:
        of = r"(?: (?:of|for) (?:the )?\w+)?"
        said = re.search(rf"\b(?:the|its|a) ((?:\w+ ){{0,2}}{re.escape(words)}{of})", task, re.IGNORECASE)
    return said[1] if said else words


_ANYTHING = ("text", "value", "result", "answer", "content", "output", "cell")
_CARRIED = re.compile(
    r"\b(?:read|look up|find|find out|write|save|put|note|copy|keep|store|enter|type|get|take)\b (?:down )?"
    r"(?:just |only )?(?:the |its )(?!it\b)([^.,\n]{3,60}?)"
    r",? (?:that|which|into|in|to|from|as|of the page|just|off)\b",
    re.IGNORECASE,
)
"""`save the departure time that it gives into a.txt`: what is carried from one place to another."""


def _arrivals(steps: Sequence[Step]) -> list[int]:
    """The last lines of every arrival: starting an application and opening a file in it is one."""
    places = [n for n, s in enumerate(steps) if s.skill in (*ARRIVING, "run_command")]
    return [n for n in places if n + 1 not in places or steps[n + 1].skill == "launch"]


def only_the_text(plan: Draft) -> None:
    """A text taken from the task word for word ends before the words that say where it goes."""
    quoted = re.findall(r"[\"“']([^\"”']+)[\"”']", plan.hands.task)
    for place, step in enumerate(plan.steps):
        if step.skill not in BY_HAND:
            continue
        *others, text = (str(value) for value in step.arguments.values())
        bare = text.strip("\n")
        cut = _TAIL.sub("", bare)
        if cut == bare or bare not in plan.hands.task or any(bare in words for words in quoted):
            continue
        plan.steps[place] = plan.step(step.skill, *others, text.replace(bare, cut))
        plan.reasons.append("where a text goes is no part of it")


def quoted_as_said(plan: Draft) -> None:
    """A quoted text is written as it stands, not with line breaks of the model's, where the task speaks of no lines."""
    if re.search(r"\b(lines?|paragraphs?|rows?|below|under each|list)\b", plan.hands.task, re.IGNORECASE):
        return
    quoted = {" ".join(words.split()): words for words in re.findall(r"[\"“']([^\"”']+)[\"”']", plan.hands.task)}
    for place, step in enumerate(plan.steps):
        if step.skill not in BY_HAND:
            continue
        *others, text = (str(value) for value in step.arguments.values())
        bare = text.strip("\n")
        said = quoted.get(" ".join(bare.split()), bare)
        if said != bare:
            plan.steps[place] = plan.step(step.skill, *others, text.replace(bare, said))
            plan.reasons.append("a quoted text stays as it is")


def not_done_twice(plan: Draft) -> None:
    """What an earlier plan has done is not done once more by the next; nor does one plan make the same thing twice."""
    for place, step in reversed(list(enumerate(plan.steps))):
        if step.skill in MAKING and step.arguments and step.text in [s.text for s in plan.steps[place + 1 :]]:
            del plan.steps[place]
            plan.reasons.append(f"{step.text} is done once")
    for step in list(plan.steps):
        if step.skill in ("launch", "open_file", "new_document", "open_url") and step.text not in plan.hands.done:
            return  # it goes elsewhere
        if step.text in plan.hands.done and (step.skill in (*TURNING, *MAKING) or plan.changes_document(step)):
            plan.steps.remove(step)
            plan.reasons.append(f"{step.text} is done already")


MAKING = ("create_folder", "create_file", "create_archive", "add_item", "add_slide", "bookmark_page")
"""Skills that make something, which is there from then on."""
TURNING = ("rotate", "flip")
"""Skills that do more when they are done again, and change no text."""


def plain_text_stays_plain(plan: Draft) -> None:
    """Plain text is written in the text editor that is in front, not in a word processor that nobody has named."""
    front = plan.hands.app
    place = next((n for n, s in enumerate(plan.steps) if s.skill == "launch"), None)
    app = plan.app(str(plan.steps[place].arguments["app"])) if place is not None else None
    if place is None or front is None or app is None or app.id in plan.asked or sort_of(front) == sort_of(app):
        return
    until = next((n for n, s in enumerate(plan.steps) if n > place and s.skill == "launch"), len(plan.steps))
    lines = plan.steps[place + 1 : until]
    files = [str(s.arguments.get("name", "")) for s in lines if s.skill in ("open_file", "save_as")]
    writes = any(s.skill in BY_HAND for s in lines) and not any(s.skill in SHAPING for s in lines)
    both = {kind_of(front), kind_of(app)} == {"text"} and "text/plain" in front.opens
    if both and writes and files and all(file.endswith(_TEXTS) for file in files):
        del plan.steps[place]
        plan.reasons.append(f"{front.id} is in front")


def written_in_an_editor(plan: Draft) -> None:
    """What a browser, a viewer or a calculator shows is written down in an editor: the one named, or the usual."""
    for place, step in enumerate(plan.steps):
        kind = plan.kind_at(place)
        text = step.skill in BY_HAND or (step.skill == "open_file" and str(step.arguments["name"]).endswith(_TEXTS))
        result = step.skill == "save_as" and kind == "calculator"
        if kind not in _KEEPS_NO_TEXT or not (text or result):
            continue
        editors = of_kind(plan.hands.facts, "text", plan.hands.unfit)
        editor = next((e for e in editors if e.id in plan.asked), editors[0] if editors else None)
        if editor is not None and not (step.skill == "open_file" and kind == "web" and place == 0):
            plan.steps[place:place] = [plan.step("launch", editor.id), *[plan.step("write", "$result")] * result]
            plan.reasons.append(f"a {_KEEPS_NO_TEXT[kind]} keeps no text")
        return


_KEEPS_NO_TEXT = {"web": "browser", "viewer": "viewer", "calculator": "calculator"}
_TEXTS = (".txt", ".md", ".csv", ".log")


def on_the_line_said(plan: Draft) -> None:
    """What the task says of the first or the last line of the document is done to that line, not to all of it."""
    said = re.search(r"\b(first|last) (?:line|paragraph)\b", plan.hands.task, re.IGNORECASE)
    held = Paper(plan.hands).text if said and not plan.hands.blind else ""
    lines = [line.strip() for line in held.splitlines() if line.strip()]
    if said is None or not lines or plan.opens():
        return
    line = lines[0 if said[1].casefold() == "first" else -1]
    for place, step in enumerate(plan.steps):
        if step.skill in SHAPING and step.arguments.get("text") == "":
            plan.steps[place] = plan.step(step.skill, line, *map(str, list(step.arguments.values())[1:]))
            plan.reasons.append(f"the {said[1].casefold()} line is {line!r}")


FLOW: tuple[Callable[[Draft], None], ...] = (
    as_on_disk, opened_before_changed, written_where_said, only_what_is_said, thrown_away, deleted_where_it_is_shown,
    made_not_opened, written_into_the_new_file, saved_as_another_type, read_from_the_other, stays_with_its_file,
    not_opened_again, no_numbers_of_its_own, unpacked_where_said, one_file_unpacked, on_its_subject, new_page_first,
    saved_under_what_is_said, written_before_shaped, only_the_text, quoted_as_said, worked_on_in_the_archive,
    archived_at_once, saved_as_a_copy, plain_text_stays_plain, added_where_it_is_kept, commanded_as_said,
    counted_alone, replaced_as_said, written_in_an_editor, read_where_it_stands, read_before_used, whole_column,
    sorted_as_said, not_done_twice,
)  # fmt: skip
"""Every amendment, in its order."""
