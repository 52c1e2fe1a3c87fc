"""Skills for file managers."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from fnmatch import fnmatchcase

from grounding.change import changes
from grounding.element import Element
from grounding.geometry import Point
from grounding.scene import Scene
from grounding.target import Target
from planner import moves
from planner.action import Click
from planner.hands import FIELDS, ITEMS, Hands
from planner.skills.skill import Act, Body, Effect, Name, skill

NEW = ("create new", "create document", "new", "create", "new document")


@skill("show a folder in the file manager", kind="files", risk="read")
def open_folder(hands: Hands, folder: Name) -> Body:
    folder = hands.filled(folder)
    here = item(hands, folder, alike=True) if "/" not in folder.strip("/") else ()
    if here and hands.attempt == 0:
        yield Act(Click(at=here[0].point, count=2), f"open {folder}", here[0], here[1:4])
        if (yield from moves.wait_until(hands, lambda h: _in_folder(h, folder), 1.0)):
            return Effect(True, f"{folder} is shown")
    yield from _go_to(hands, _place(hands, folder))
    came = yield from moves.wait_until(hands, lambda h: _in_folder(h, folder), 1.0)
    if hands.dialog is not None:
        yield from moves.dismiss(hands)
        return Effect(False, f"there is no folder {folder!r}")
    return Effect(True if came else None, f"{folder} is shown" if came else f"went to {folder}")


def _go_to(hands: Hands, path: str) -> moves.Doing:
    """Type a path where the file manager takes one."""
    yield from moves.command(hands, "go_to_folder", lambda h: _path_field(h) is not None or h.blind, seconds=0.5)
    field = _path_field(hands)
    if field is not None:
        yield from moves.click_on(hands, field, "the location field")
    yield from moves.press(hands, "ctrl+a", "select the old location", risk="read")
    yield from moves.type_text(hands, path, "the folder")
    return (yield from moves.press(hands, "Return", "go there", risk="read"))


def _path_field(hands: Hands) -> Element | None:
    """The field that holds the location: it has the keyboard, or a path stands in it."""
    fields = [e for e in hands.elements(("text", "combo")) if e.enabled and "multiline" not in e.states]
    focused = [e for e in fields if "focused" in e.states]
    return next((e for e in focused or fields if e.text.startswith(("/", "~", "file:")) or e in focused), None)


def _place(hands: Hands, folder: str) -> str:
    """A folder's name as an absolute path: below home unless it says otherwise."""
    path = hands.path(folder)
    home = hands.facts.home.rstrip("/")
    if "://" in path:  # a place of another kind: the trash, a server
        return folder
    return path if path.startswith("/") or not home else f"{home}/{path}"


def _in_folder(hands: Hands, folder: str) -> bool:
    """By the field with the path, unless somebody is typing in it; else by the window's title."""
    path = _place(hands, folder).rstrip("/")
    name = path.rsplit("/", 1)[-1]
    field = _path_field(hands)
    if field is not None and "focused" not in field.states and "/" in field.text:
        return field.text.rstrip("/").endswith(path if "/" in folder.strip("/") else f"/{name}")
    names = {name, "home"} if path == hands.facts.home.rstrip("/") else {name}
    return any(_titled(hands.window.title if hands.window else "", name) for name in names)


def _titled(title: str, name: str) -> bool:
    """Whether a title tells of this folder: the name stands between its separators, not in another name."""
    between = r"\s+[-—–|:]\s+|:\s"
    return bool(re.search(rf"(^|/|{between})\s*{re.escape(name)}/?\s*($|[\[(]|{between})", title, re.IGNORECASE))


def _reached(hands: Hands, went: Effect) -> bool:
    """Whether it is known that the folder is shown; where only pixels tell, that nothing speaks against it."""
    return went.worked is True or (went.worked is None and hands.blind)


@skill("make a new folder in the folder that is shown", kind="files")
def create_folder(hands: Hands, name: Name) -> Body:
    return (yield from _create(hands, "new_folder", hands.filled(name)))


@skill("make a new empty file in the folder that is shown", kind="files")
def create_file(hands: Hands, name: Name) -> Body:
    return (yield from _create(hands, "new_file", hands.filled(name)))


def _create(hands: Hands, meaning: str, name: str) -> Body:
    before = bool(item(hands, name))
    made = yield from moves.command(hands, meaning, asks_name)
    if not made and not (yield from moves.context_command(hands, free_place(hands), meaning, asks_name, submenus=NEW)):
        return Effect(False, f"no way to make one was found ({meaning.replace('_', ' ')})")
    yield from _give_name(hands, name)
    return (yield from _listed(hands, name, f"{name} was made", before))


def free_place(hands: Hands) -> Target:
    """A place of the list where no file stands: below the last one, towards the right."""
    screen = hands.scene.screenshot.box
    box = hands.within or screen
    lists = [e.box for e in hands.elements(("list", "table", "panel", "icon")) if e.box.area > 0.2 * box.area]
    area = max(lists, key=lambda b: b.area, default=box)
    point = Point(area.right - max(30, area.width // 10), area.bottom - max(40, area.height // 8))
    return Target(words="free place", point=point, box=area, confidence=0.5, how="given", reason="below the list")


def asks_name(hands: Hands) -> bool:
    focus = hands.scene.focus
    return moves.opened_dialog(hands) or bool(focus and focus.role == "text" and hands.changed)


def _give_name(hands: Hands, name: str) -> moves.Doing:
    """Fill the name into the dialog, or into the field that opened in the list."""
    focus = hands.scene.focus
    fields = [e for e in hands.elements(FIELDS) if e.enabled]
    field = focus if focus in fields else next(iter(fields), None)
    if hands.dialog is not None and field is not None:
        yield from moves.fill(hands, field, name)
        return (yield from moves.confirm(hands, "create", "rename", "ok", "apply"))
    yield from moves.press(hands, "ctrl+a", "select the old name", risk="read")
    yield from moves.type_text(hands, name, "the name")
    return (yield from moves.press(hands, "Return", "confirm"))


def _edits_in_place(hands: Hands, before: Scene, row: Sequence[Target]) -> bool:
    """Whether, of all the window, little but the file's own place looks different: a field that no tree tells of."""
    if not row or row[0].box is None or hands.dialog is not None or hands.within is None:
        return False
    there = row[0].box.grow(ITS_PLACE)
    boxes = [box for box in changes(before, hands.scene).boxes if hands.within.cut(box)]
    elsewhere = sum(box.area for box in boxes if not there.has(box.centre))
    return elsewhere < BESIDE * hands.within.area and any(there.has(box.centre) for box in boxes)


BESIDE = 0.02
"""The share of a window that a line of its status may take, which tells late what is chosen."""
ITS_PLACE = 12
"""Pixels by which a field in a list may be larger than what it names."""


@skill("give a file or folder that is shown another name", kind="files")
def rename_file(hands: Hands, old: Name, new: Name) -> Body:
    old, new = hands.filled(old), hands.filled(new)
    if not (yield from _choose(hands, old)):
        return Effect(False, f"no {old!r} is shown here")
    before, chosen, row = bool(item(hands, new)), hands.scene, item(hands, old)
    if not (yield from moves.command(hands, "rename", asks_name)) and not _edits_in_place(hands, chosen, row):
        return Effect(False, "no way to rename was found")
    yield from _give_name(hands, new)
    yield from moves.answer(hands, ("rename", *moves.OVERWRITE), "go on", risk="sensitive")
    return (yield from _listed(hands, new, f"it is called {new} now", before))


@skill("delete a file or folder that is shown, or move it to the trash", kind="files", risk="sensitive")
def delete_file(hands: Hands, name: Name) -> Body:
    name = hands.filled(name)
    if "*" in name:
        return (yield from _each(hands, name, delete_file))
    if not (yield from _choose(hands, name)):
        return Effect(False, f"no {name!r} is shown here")
    yield from moves.command(hands, "delete", lambda h: h.dialog is not None or h.changed, risk="sensitive")
    yield from moves.answer(hands, moves.GO_ON, f"agree to delete {name}")
    gone = yield from moves.wait_until(hands, lambda h: h.dialog is None and not item(h, name), 1.5)
    if hands.dialog is not None:
        return Effect(False, f"the dialog {hands.dialog.title!r} is still open")
    return Effect(gone, f"{name} is gone" if gone else f"{name} is still shown")


@skill("copy a file or folder that is shown into another folder", kind="files")
def copy_file(hands: Hands, name: Name, folder: Name) -> Body:
    if "*" in name:
        return (yield from _carry_all(hands, "copy", name, hands.filled(folder)))
    return (yield from _carry(hands, "copy", hands.filled(name), hands.filled(folder)))


@skill("move a file or folder that is shown into another folder", kind="files")
def move_file(hands: Hands, name: Name, folder: Name) -> Body:
    if "*" in name:
        return (yield from _carry_all(hands, "cut", name, hands.filled(folder)))
    return (yield from _carry(hands, "cut", hands.filled(name), hands.filled(folder)))


def _each(hands: Hands, pattern: str, do: Callable[[Hands, str], Body]) -> Body:
    """Do it with every file that the list shows and a pattern such as `*.tmp` means, one after another."""
    place, _, meant = pattern.rstrip("/").rpartition("/")
    if place:
        went = yield from open_folder(hands, place)
        if not _reached(hands, went):
            return went
    names = yield from _matching(hands, meant)
    if not names:
        return Effect(False, f"nothing that is shown is called {meant}")
    worked: bool | None = True
    for number, name in enumerate(names):
        if number and place:  # what was done may have led elsewhere
            yield from open_folder(hands, place)
        effect = yield from do(hands, name)
        if effect.worked is False:
            return Effect(False, f"{effect.why}; {number} of {len(names)} were done before")
        worked = worked and effect.worked
    return Effect(worked, f"done with {', '.join(names)}"[:200])


def _matching(hands: Hands, pattern: str) -> Generator[Act, None, list[str]]:
    """The names in the list that a pattern means; a list may need a moment to fill."""
    yield from moves.wait_until(hands, lambda h: any(fnmatchcase(label, pattern) for label in _labels(h)), 1.2)
    return sorted({label for label in _labels(hands) if fnmatchcase(label, pattern)})


def _labels(hands: Hands) -> list[str]:
    """What the list in front shows: by the tree, else as it is read, without the spaces that reading puts in."""
    fields = [e.box for e in hands.elements(FIELDS)]  # which may have icons in them
    items = (e for e in hands.elements(ITEMS) if "tree" in e.seen_by and e.label and e.role != "cell")
    told = [e.label for e in items if not any(box.has(e.box.centre) for box in fields)]
    if told or "pixels" not in hands.scene.senses:
        return told
    within = hands.within
    read = (e for e in hands.scene.deeper().shown if "tree" not in e.seen_by and e.label)
    return ["".join(e.label.split()) for e in read if within is None or within.has(e.box.centre)]


def _carry(hands: Hands, take: str, name: str, folder: str) -> Body:
    if not (yield from _choose(hands, name, alike=take == "copy")):
        return Effect(False, f"no {name!r} is shown here")
    return (yield from _put(hands, take, (name,), folder))


def _carry_all(hands: Hands, take: str, pattern: str, folder: str) -> Body:
    """Carry every file of the list that a pattern means, all in one go: what is carried leads to another folder."""
    place, _, meant = pattern.rstrip("/").rpartition("/")
    if place and not _reached(hands, went := (yield from open_folder(hands, place))):
        return went
    yield from _into_list(hands)
    names = yield from _matching(hands, meant)
    places = [found[0] for name in names if (found := item(hands, name))]
    if not names or len(places) < len(names):
        return Effect(False, f"nothing that is shown is called {meant}" if not names else "not all of them are shown")
    for number, at in enumerate(places):
        hold = ("ctrl",) if number else ()
        yield Act(Click(at=at.point, hold=hold), f"choose {names[number]}", at, risk="read")
    return (yield from _put(hands, take, names, folder))


def _put(hands: Hands, take: str, names: Sequence[str], folder: str) -> Body:
    """Take what is chosen along to another folder."""
    yield from moves.command(hands, take, moves.anything, seconds=0)
    went = yield from open_folder(hands, folder)
    if not _reached(hands, went):
        return Effect(False, went.why if went.worked is False else f"{folder} was not reached, nothing was pasted")
    before = any(item(hands, name) for name in names)
    yield from _into_list(hands)
    yield from moves.command(hands, "paste", moves.changed)
    yield from moves.answer(hands, moves.GO_ON, "agree")
    every = ", ".join(names)[:120]
    good = f"{every} {'is' if len(names) == 1 else 'are'} in {folder}"
    effect = Effect(None, good)
    for name in names:
        effect = yield from _listed(hands, name, good, before)
        if effect.worked is not True:
            break
    return effect


def _into_list(hands: Hands) -> moves.Doing:
    """Give the list of files the keyboard, out of a location field."""
    focus = hands.scene.focus
    if focus is not None and focus.role in FIELDS:
        yield from moves.press(hands, "Escape", "leave the location field", risk="read")
    return True


@skill("unpack an archive that is shown, into the folder it is in", kind="files")
def extract_archive(hands: Hands, name: Name) -> Body:
    name = hands.filled(name)
    found = item(hands, name, alike=True) if (yield from to_its_folder(hands, name)) else ()
    if not found:
        return Effect(False, f"no {name!r} is shown here")
    yield from moves.click(hands, found, f"choose {name}")
    done = yield from moves.context_command(hands, found[0], "extract_here")
    if hands.dialog is not None:
        yield from moves.confirm(hands, "extract", "ok", "apply")
    yield from moves.wait_until(hands, lambda h: h.dialog is None and h.changed, 2)
    return Effect(None if done else False, f"{name} was unpacked" if done else "no command to extract was found")


# -- the list of files -----------------------------------------------------------------------------------------------


def item(hands: Hands, name: str, *, alike: bool = False) -> tuple[Target, ...]:
    """The places in the list that show a file's name, exactly.

    With `alike` the only one will do that has it in other letters, or that was read as cut short: never for what
    takes a file away.
    """
    name = name.rstrip("/").rsplit("/", 1)[-1]
    found = hands.find(name, roles=ITEMS, sure=0.7)
    exact = tuple(t for t in found if t.label.strip() == name or _read_apart(hands, t, name))
    if exact or not alike:
        return exact
    near = tuple(t for t in found if t.label.strip().casefold() == name.casefold() or _cut_short(hands, t, name))
    return near if len({t.label.strip() for t in near}) == 1 else ()


def _read_apart(hands: Hands, at: Target, name: str) -> bool:
    """Whether the label was read from pixels with a space where there is none (`IMG_2041 .txt`)."""
    element = hands.element(at)
    read = element is not None and "tree" not in element.seen_by
    return read and "".join(at.label.split()) == "".join(name.split())


def _cut_short(hands: Hands, at: Target, name: str) -> bool:
    """Whether the label was read from pixels and ends in dots where the name goes on."""
    element = hands.element(at)
    start = at.label.strip().rstrip(".…").casefold()
    dots = at.label.strip().endswith(("…", "..."))
    read = element is not None and "tree" not in element.seen_by
    return read and dots and len(start) > 2 and name.casefold().startswith(start)


def to_its_folder(hands: Hands, name: str) -> moves.Doing:
    """Open the folder before a file's name, if it has one; False where that was not reached."""
    if "/" not in name.strip("/"):
        return True
    return _reached(hands, (yield from open_folder(hands, name.rstrip("/").rsplit("/", 1)[0])))


def _choose(hands: Hands, name: str, *, alike: bool = False) -> moves.Doing:
    """Select a file of the list; a folder before its name is opened first."""
    if not (yield from to_its_folder(hands, name)):
        return False
    yield from _into_list(hands)
    found = item(hands, name, alike=alike)
    if not found:
        return False
    yield from moves.click(hands, found, f"choose {name}")
    return True


def _listed(hands: Hands, name: str, good: str, before: bool) -> Body:
    """Judged by what the list shows; what was there before proves nothing."""
    if hands.dialog is not None and hands.elements(FIELDS):
        return Effect(False, f"the dialog {hands.dialog.title!r} is still open")
    there = yield from moves.wait_until(hands, lambda h: bool(item(h, name)), 1.5)
    if there and before:
        return Effect(None, f"{name} is in the list, but one of that name was there before")
    return Effect(True if there else None, good if there else f"{name} is not seen in the list")
