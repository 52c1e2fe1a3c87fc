"""Files in a plan: what is open, what is to be made, what is a copy, what an archive holds; put right in its lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planner.appmap import plain
from planner.draft import Draft
from planner.kinds import kind_of, of_kind, owner, sort_of
from planner.parts import given, used
from planner.paths import NAME
from planner.planner import Step

_FILES = re.compile(rf"(?<![\w/]){NAME}\b")
"""The files that a task names."""
_UNPACK = re.compile(
    r"\b(?i:unpack|extract|unzip|decompress)\w*\b[^\n]*?\b(?:in)?to (?:the |my )?"
    r"(?:(?:folder|directory) (?:named |called )?)?(?P<to>[A-Z~/][\w~/-]*)",
)
_UNPACKS = re.compile(r"\b(un(pack|zip)|extract|decompress)", re.IGNORECASE)
_HOW_TO_OPEN = re.compile(r"\b(import|opening|encoding|convert)", re.IGNORECASE)
_COPY = re.compile(r"\b(?:save|keep|make|store|put)\b[^.]*?\bcop(?:y|ies)\b", re.IGNORECASE)
_MADE = re.compile(
    r"\b(?:create|make|start|begin|new|fresh|empty)\b(?:\s+(?!in\b|of\b|to\b|from\b|into\b|with\b|on\b)[\w'-]+){0,5}?,?\s+"
    rf"(?:(?:named|called|as)\s+)?[\"'“]?(?P<file>{NAME})\b",
    re.IGNORECASE,
)
"""`a new text file a.txt`: it is not there yet."""
_KEPT = re.compile(
    r"\b(?:save|store|write|keep|put|record|note)\b[^\n]*?\b(?:in|into|to|as|under)\b[^\n]*?"
    rf"(?P<file>{NAME})\b",
    re.IGNORECASE,
)
"""`write it into a.txt`: it may be there, or have to be made."""
_INTO_A_NEW_ONE = re.compile(
    r"\b(?:write|put|note|enter|keep|store|save)\b[^.\n]*\b(?:in|into) an? new\b", re.IGNORECASE
)
_ALL_OF_IT = re.compile(r"\b(?:cop(?:y|ies)|content|lines|everything|all|whole|same|version)\b", re.IGNORECASE)
_TO_TRASH = re.compile(
    r"\b(?:mov\w+|put|send|throw|drag|drop)\b(?:[^.]|\.\w)*?\b(?:to|into|in) the "
    r"(?:trash|waste ?basket|recycle bin|rubbish|bin)\b",
    re.IGNORECASE,
)
_ON_WHAT_IS_THERE = (
    "replace_all", "delete_line", "replace_line", "find_text", "move_line", "sort_lines", "upper_case", "lower_case",
    "title_case", "read_document", "count_words", "insert_after", "make_list",
)  # fmt: skip
"""Skills that work on what a document says already."""


def half_opened(plan: Draft) -> list[Step]:
    """The line that comes before all planning where a dialog asks how to open a file of the task; mostly none."""
    dialog = plan.hands.dialog
    if dialog is None:
        return []
    names = _in_front(plan)
    if _HOW_TO_OPEN.search(dialog.title):
        names += _FILES.findall(dialog.title)
    return [plan.step("open_file", names[0])] if names else []


def holding(plan: Draft) -> str:
    """The application in front, by its id, where its window shows a file that the task names."""
    return plan.app_in_front() if _in_front(plan) else ""


def _in_front(plan: Draft) -> list[str]:
    """The files of the task that the title of the window in front tells of."""
    return [name for name in _FILES.findall(plan.hands.task) if plan.is_in_front(name)]


def made_not_opened(plan: Draft) -> None:
    """A file that the task wants made is not opened, but saved under its name."""
    made = [match["file"].rsplit("/", 1)[-1] for match in _MADE.finditer(plan.hands.task)]
    place = next((
        n for n, s in enumerate(plan.steps)
        if s.skill == "open_file" and str(s.arguments["name"]).rsplit("/", 1)[-1] in made
    ), None)  # fmt: skip
    if place is None or plan.is_in_front(str(plan.steps[place].arguments["name"])):
        return
    name = str(plan.steps[place].arguments["name"])
    plan.steps[place:] = anew(plan, name, plan.steps[place + 1 :])
    plan.reasons.append(f"{name} is to be made")


def written_into_the_new_file(plan: Draft) -> None:
    """What is to stand in a new file is written on a new page, not below what another file says."""
    made = {match["file"].rsplit("/", 1)[-1] for match in _MADE.finditer(plan.hands.task)}
    saving = next((
        n for n, s in enumerate(plan.steps)
        if s.skill == "save_as" and str(s.arguments["name"]).rsplit("/", 1)[-1] in made
    ), None)  # fmt: skip
    if saving is None or not _INTO_A_NEW_ONE.search(plan.hands.task) or _ALL_OF_IT.search(plan.hands.task):
        return
    opened = next((n for n in range(saving - 1, -1, -1) if plan.steps[n].skill == "open_file"), None)
    between = plan.steps[opened + 1 : saving] if opened is not None else []
    writing = [s for s in between if s.skill in ("write", "append", "prepend")]
    elsewhere = any(s.skill in ("new_document", "launch") for s in between)
    if opened is None or not writing or elsewhere or any(plan.changes_document(s) for s in between if s not in writing):
        return
    kept = [s for s in between if s not in writing]
    text = "".join(str(s.arguments["text"]) for s in writing).strip("\n")
    plan.steps[opened + 1 : saving] = [*kept, plan.step("new_document"), plan.step("write", text)]
    plan.reasons.append(f"{plan.steps[opened].arguments['name']} is only read")


def saved_as_another_type(plan: Draft) -> None:
    """A file of another type is made by saving what is in front as one, not by giving it another ending."""
    saved = {str(s.arguments["name"]).rsplit("/", 1)[-1] for s in plan.steps if s.skill == "save_as"}
    for step in [s for s in plan.steps if s.skill == "rename_file"]:
        old, new = (str(value).rsplit("/", 1)[-1] for value in step.arguments.values())
        other_type = old.rpartition(".")[2].casefold() != new.rpartition(".")[2].casefold()
        if new not in saved or not other_type or re.search(r"\brenam", plan.hands.task, re.IGNORECASE):
            continue
        plan.steps.remove(step)
        plan.reasons.append(f"{new} is saved as such")
        if plan.is_in_front(old) and all(s.skill == "open_folder" for s in plan.steps if _of_a_manager(plan, s)):
            plan.steps[:] = [s for s in plan.steps if not _of_a_manager(plan, s)]


def read_from_the_other(plan: Draft) -> None:
    """What one of two files says is put into the other, not what a file says into itself."""
    files = list(dict.fromkeys(name.rsplit("/", 1)[-1] for name in _FILES.findall(plan.hands.task)))
    reading = next((n for n, s in enumerate(plan.steps) if s.skill == "read_document"), None)
    opened = [n for n, s in enumerate(plan.steps) if s.skill == "open_file"]
    if len(files) != 2 or reading is None or len(opened) != 1 or opened[0] > reading:
        return
    path = str(plan.steps[opened[0]].arguments["name"])
    folder, _, own = path.rpartition("/")
    uses = any(used(s) & set(given(plan.steps[reading], plan.library)) for s in plan.steps[reading + 1 :])
    said = " ".join(str(v) for s in plan.steps if s.skill != "done" for v in s.arguments.values())
    other = next((file for file in files if file != own), "")
    if own not in files or other in said or not uses:
        return
    source = plan.step("open_file", f"{folder}/{other}" if folder else other)
    rest = [s for n, s in enumerate(plan.steps) if n > opened[0] and n != reading]
    plan.steps[opened[0] :] = [source, plan.steps[reading], plan.steps[opened[0]], *rest]
    plan.reasons.append(f"{other} is read, and goes into {own}")


def anew(plan: Draft, name: str, rest: Sequence[Step]) -> list[Step]:
    """The lines after the opening of a file that is not there: a new document, saved under the name."""
    later = list(rest)
    at = next((n for n, s in enumerate(later) if s.skill in ("save", "save_as")), None)
    if at is not None and later[at].skill == "save":
        later[at] = plan.step("save_as", name)
    elif at is None:
        end = next((n for n, s in enumerate(later) if plan.library[s.skill].ends()), len(later))
        later.insert(end, plan.step("save_as", name))
    for n, step in enumerate(later):
        if step.skill in ("append", "prepend"):  # there is nothing before it
            later[n] = plan.step("write", str(step.arguments["text"]).strip("\n"))
            break
    return [plan.step("new_document"), *later]


def instead_of_missing(plan: Draft, missing_file: str) -> list[Step] | None:
    """What a plan becomes where the file that it was to open is not there; None where it has to be there.

    `plan` is what follows the opening.
    """
    name = missing_file.rsplit("/", 1)[-1]
    meant = any(m["file"].rsplit("/", 1)[-1] == name for m in _KEPT.finditer(plan.hands.task))
    needs = any(s.skill in _ON_WHAT_IS_THERE for s in plan.steps)
    writes = any(s.skill in ("write", "append", "prepend", "rewrite", "set_cell", "fill_cells") for s in plan.steps)
    return anew(plan, missing_file, plan.steps) if meant and writes and not needs else None


def stays_with_its_file(plan: Draft) -> None:
    """A file that is open in front is worked on there, where the task names no other application."""
    first = plan.steps[0] if plan.steps else None
    app = plan.hands.app
    if first is None or first.skill != "launch" or app is None or first.arguments["app"] == app.id:
        return
    kinds = {plan.library[s.skill].kind for s in plan.steps[1:]} - {"", kind_of(app)}
    started = plan.app(str(first.arguments["app"]))
    same_sort = started is not None and bool(kind_of(app)) and sort_of(started) == sort_of(app)
    shown = bool(_in_front(plan)) and not plan.asked and not kinds
    if shown or (same_sort and first.arguments["app"] not in plan.asked):
        del plan.steps[0]
        plan.reasons.append(f"it is open in {app.id}" if shown else f"{app.id} is in front, and of the same sort")


def not_opened_again(plan: Draft) -> None:
    """A document that is in front is not opened once more from a file manager."""
    if plan.kind_in_front() in ("", "files"):
        return
    for step in [s for s in plan.steps if s.skill in ("open_with", "open_item")]:
        with_app = plain(str(step.arguments.get("application", "")))
        meant = any(a.id in plan.asked and with_app in (plain(a.id), plain(a.name)) for a in plan.hands.facts.apps)
        if plan.is_in_front(str(step.arguments["name"])) and not (with_app and meant):
            plan.steps.remove(step)
            plan.reasons.append(f"{step.arguments['name']} is open already")
            _without_its_manager(plan)


def _without_its_manager(plan: Draft) -> None:
    """A file manager that no line needs any more is not started."""
    first = plan.steps[0] if plan.steps else None
    app = plan.app(str(first.arguments.get("app", ""))) if first else None
    if app is None or app.id in plan.asked or kind_of(app) != "files":
        return
    if not any(plan.library[s.skill].kind == "files" for s in plan.steps):
        del plan.steps[0]


def saved_under_what_is_said(plan: Draft) -> None:
    """`save_as` under the name that the document has, where the task says another, takes the other."""
    files = [name.rsplit("/", 1)[-1] for name in _FILES.findall(plan.hands.task)]
    saving = [n for n, s in enumerate(plan.steps) if s.skill == "save_as"]
    said = " ".join(str(v) for s in plan.steps if s.skill not in ("save_as", "done") for v in s.arguments.values())
    if len(saving) != 1 or plan.opens():
        return
    folder, _, name = str(plan.steps[saving[0]].arguments["name"]).rpartition("/")
    others = [file for file in files if file not in said and not plan.is_in_front(file)]
    if len(others) == 1 and name != others[0] and (plan.is_in_front(name) or name.startswith(f"{files[0]}.")):
        plan.steps[saving[0]] = plan.step("save_as", f"{folder}/{others[0]}" if folder else others[0])
        plan.reasons.append(f"the task says {others[0]}")


def unpacked_where_said(plan: Draft) -> None:
    """An archive is unpacked by an archiver into the folder that the task says, not unpacked and moved."""
    place = next((n for n, s in enumerate(plan.steps) if s.skill == "extract_archive"), None)
    if place is None:
        return
    name = str(plan.steps[place].arguments["name"])
    base = name.rsplit("/", 1)[-1]
    archivers = of_kind(plan.hands.facts, "archive", plan.hands.unfit)
    shown = any(base in w.title and (o := owner(w, archivers)) and o in archivers for w in plan.hands.windows)
    said = _UNPACK.search(plan.hands.task)
    if not archivers or not (shown or (said and plan.app_in_front() in {a.id for a in archivers})):
        return
    folder = said["to"] if said and said["to"].rstrip("/") not in base else name.rpartition("/")[0] or "~"
    begin = plan.steps[:place]
    while begin and begin[-1].skill in ("launch", "open_folder", "open_item", "open_file", "switch_window"):
        begin.pop()
    opened = [] if shown else [plan.step("launch", archivers[0].id), plan.step("open_file", name)]
    moving = ("move_file", "copy_file", "open_folder", "create_folder", "extract_to", "extract_archive")
    rest = [s for s in plan.steps[place + 1 :] if s.skill not in moving]
    plan.steps[:] = [*begin, *opened, plan.step("extract_to", folder), *rest]
    plan.reasons.append(f"{base} is open in an archiver" if shown else f"an archiver unpacks into {folder}")


_ONE_OUT = re.compile(
    rf"\b(?:extract|unpack|unzip|take|get)\w*\s+(?:(?:only|just)\s+)?(?:the\s+)?(?:file\s+)?(?P<file>{NAME})\s+"
    rf"(?:out of|from)\s+(?:the\s+)?(?:archive\s+)?(?P<archive>{NAME})",
    re.IGNORECASE,
)
"""`extract only a.txt from all.zip`."""


def one_file_unpacked(plan: Draft) -> None:
    """Where one file of an archive is to be unpacked, the others stay in it."""
    unpacking = ("extract_to", "extract_archive", "extract_file")
    said = _ONE_OUT.search(plan.hands.task)
    places = [n for n, s in enumerate(plan.steps) if s.skill in unpacking]
    if said is None or not places:
        return
    to = _UNPACK.search(plan.hands.task)
    folders = [str(s.arguments["folder"]) for s in plan.steps if s.skill in ("extract_to", "extract_file")]
    folder = to["to"] if to else next(iter(folders), "~")
    one = plan.step("extract_file", said["file"], folder)
    if [plan.steps[n].text for n in places] != [one.text]:
        plan.steps[places[0]] = one
        plan.steps[:] = [s for n, s in enumerate(plan.steps) if n not in places[1:]]
        plan.reasons.append(f"only {said['file']} is to be unpacked")


def deleted_where_it_is_shown(plan: Draft) -> None:
    """A picture that the viewer in front shows, and has a command to delete, is deleted there."""
    if plan.kind_in_front() != "image" or not plan.hands.commands(("delete", "move to trash")):
        return
    for place, step in enumerate(plan.steps):
        name = str(step.arguments.get("name", ""))
        if step.skill == "delete_file" and plan.is_in_front(name) and plan.kind_at(place) == "image":
            plan.steps[place] = plan.step("delete_picture", name)
            plan.reasons.append(f"{name} is shown in front")


def thrown_away(plan: Draft) -> None:
    """What is to be moved to the trash is deleted, which moves it there; the trash is left as it is."""
    if not _TO_TRASH.search(plan.hands.task):
        return
    empties = bool(re.search(r"\bempty\b", plan.hands.task, re.IGNORECASE))
    deleted = {str(s.arguments["name"]).rsplit("/", 1)[-1] for s in plan.steps if s.skill == "delete_file"}
    kept: list[Step] = []
    for step in plan.steps:
        if step.skill == "move_file" and (name := str(step.arguments["name"])).rsplit("/", 1)[-1] not in deleted:
            kept.append(plan.step("delete_file", name))
            plan.reasons.append(f"{name} is thrown away")
        elif step.skill != "move_file" and (empties or step.skill != "empty_trash"):
            kept.append(step)
    plan.steps[:] = kept


def worked_on_in_the_archive(plan: Draft) -> None:
    """An archive of which something is put in or taken out is not unpacked before, where the task does not say so.

    What is put in or taken out is not the archive itself: it is the other file of the task.
    """
    inside = ("add_to_archive", "remove_from_archive")
    if not any(s.skill in inside for s in plan.steps):
        return
    files = dict.fromkeys(_FILES.findall(plan.hands.task))
    others = [file for file in files if not plan.is_in_front(file)]
    kept: list[Step] = []
    for step in plan.steps:
        itself = step.skill in inside and plan.is_in_front(str(step.arguments["name"])) and len(others) == 1
        one = plan.step(step.skill, others[0]) if itself else step
        unpacks = step.skill in ("extract_to", "extract_archive", "extract_file")
        if unpacks and not _UNPACKS.search(plan.hands.task):
            plan.reasons.append("nothing is to be unpacked")
        elif one.text not in {s.text for s in kept if s.skill in inside}:
            kept.append(one)
    plan.steps[:] = kept


def archived_at_once(plan: Draft) -> None:
    """What is put into an archive or taken out of it is in the file at once: it is not saved again as itself."""
    for place, step in reversed(list(enumerate(plan.steps))):
        name = str(step.arguments.get("name", ""))
        opened = {str(s.arguments["name"]) for s in plan.steps[:place] if s.skill == "open_file"}
        itself = step.skill == "save" or (step.skill == "save_as" and (name in opened or plan.is_in_front(name)))
        if itself and plan.kind_at(place) == "archive":
            del plan.steps[place]
            plan.reasons.append("an archiver saves at once")


def _of_a_manager(plan: Draft, step: Step) -> bool:
    """Whether a line is one for a file manager, or starts one that nobody has named."""
    app = plan.app(str(step.arguments["app"])) if step.skill == "launch" else None
    if app is not None:
        return kind_of(app) == "files" and app.id not in plan.asked
    return plan.library[step.skill].kind == "files"


def saved_as_a_copy(plan: Draft) -> None:
    """A copy of what is open, which the application in front is to save, is saved under its name."""
    files = _FILES.findall(plan.hands.task)
    if not _COPY.search(plan.hands.task) or len(files) != 2 or not plan.is_in_front(files[0]):
        return
    if plan.kind_in_front() in ("", "files", "archive", "terminal") or any(map(plan.changes_document, plan.steps)):
        return
    copying = ("copy", "export_pdf", "copy_file", "duplicate_file", "save", "save_as", "open_file", "print_to_file")
    places = [n for n, s in enumerate(plan.steps) if s.skill in copying]
    to = next((str(v) for s in plan.steps for v in s.arguments.values() if str(v).endswith(files[1])), files[1])
    if not places or [plan.steps[n].skill for n in places] == ["save_as"]:
        return
    kept = [s for s in plan.steps if s.skill not in copying and not _of_a_manager(plan, s)]
    end = next((n for n, s in enumerate(kept) if plan.library[s.skill].ends()), len(kept))
    kept.insert(min(places[0], end), plan.step("save_as", to))
    plan.steps[:] = kept
    plan.reasons.append("a copy is saved under its name")
