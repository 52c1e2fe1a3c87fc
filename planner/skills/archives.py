"""Skills for archives: in an archive manager, or from the list of a file manager."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from grounding.element import Element
from grounding.tree import Window
from planner import moves
from planner.hands import FIELDS, ITEMS, Hands
from planner.skills.skill import Body, Effect, Name, Text, skill
from planner.skills.windows import to_front

WORKING_S = 4.0
"""How long packing a few files may take."""
ENDINGS = (".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst")


@skill('pack files of home into a new archive: create_archive("Documents/a.zip", "a.txt, b.txt")', kind="archive")
def create_archive(hands: Hands, name: Name, files: Text) -> Body:
    path = _below_home(hands, hands.filled(name))
    if not (yield from moves.command(hands, "new_archive", moves.opened_dialog, seconds=2)):
        return Effect(False, "no dialog to make an archive came up")
    if (yield from _name_archive(hands, path)) is False:
        yield from moves.dismiss(hands)
        return Effect(False, "what came up does not ask for the name of an archive")
    yield from moves.wait_until(hands, lambda h: h.dialog is None or not _asks_name(h), 2)
    if (yield from moves.wait_until(hands, lambda h: _window_of(h, path) is not None, 2)):
        own = _window_of(hands, path)  # it may have come up behind, or as a second window
        if own is not None and hands.dialog is None:
            yield from to_front(hands, own)
    for file in _listed_files(hands.filled(files), path):
        added = yield from add_to_archive(hands, file)
        if added.worked is False:
            return added
    own = _window_of(hands, path)
    sure = own is not None and hands.window is not None and moves.same_window(own, hands.window)
    return (_holds(hands, files) if sure else None) or Effect(None, f"{path} was made")


def _window_of(hands: Hands, path: str) -> Window | None:
    """The window whose title names the archive."""
    name = path.rsplit("/", 1)[-1]
    return next((w for w in hands.windows if name in w.title.split() or w.title.startswith(name)), None)


def _listed_files(files: str, archive: str) -> list[str]:
    """The files that are named; a bare name lies beside the archive."""
    names = [part.strip() for part in files.replace("\n", ",").split(",") if part.strip()]
    folder = str(PurePosixPath(archive).parent)
    return [name if "/" in name or name.startswith("~") else f"{folder}/{name}" for name in names]


def _below_home(hands: Hands, name: str) -> str:
    path = hands.path(name)
    return path if path.startswith("/") or not hands.facts.home else f"{hands.facts.home.rstrip('/')}/{path}"


def _name_archive(hands: Hands, path: str) -> moves.Doing:
    """Give the dialog the archive's name, and choose its kind where the name's ending is chosen from a list."""
    if not (yield from moves.name_file(hands, path)):
        return False
    yield from _choose_kind(hands, path)
    yield from moves.confirm(hands, "create", "ok", "save", "new", "add")
    yield from moves.wait_until(hands, lambda h: h.dialog is None or not h.elements(FIELDS), 1.0)
    yield from moves.answer(hands, moves.OVERWRITE, "replace the archive that is there")
    return True


def _choose_kind(hands: Hands, path: str) -> moves.Doing:
    """Where a list of kinds has another one chosen than the name ends in: choose that one."""
    ending = next((e for e in ENDINGS if path.endswith(e)), PurePosixPath(path).suffix)
    kinds = [c for c in hands.elements(("combo",)) if (c.text or c.label).strip().lstrip("*").startswith(".")]
    if not ending or not kinds or ending in (kinds[0].text or kinds[0].label):
        return True
    return (yield from moves.pick(hands, kinds[0], ending))


def _asks_name(hands: Hands) -> bool:
    return bool(hands.elements(("text",))) and hands.dialog is not None


@skill("put a file of home into the archive that is open", kind="archive")
def add_to_archive(hands: Hands, name: Name) -> Body:
    path = _below_home(hands, hands.filled(name))
    base = path.rstrip("/").rsplit("/", 1)[-1]
    asks = hands.dialog is not None and bool(hands.elements(ITEMS))
    if not asks and not (yield from moves.command(hands, "add_to_archive", moves.opened_dialog, seconds=2)):
        return Effect(False, "no dialog to add a file came up")
    if not (yield from moves.name_file(hands, path)):
        yield from moves.dismiss(hands)
        return Effect(False, "what came up does not ask for a file")
    dialog = hands.dialog
    yield from moves.press(hands, "Return", "take it")
    yield from moves.wait_until(hands, lambda h: h.dialog is None, 0.8)
    if hands.dialog is not None and dialog is not None and moves.same_window(hands.dialog, dialog):
        yield from moves.confirm(hands, "add", "open", "ok")
    there = yield from moves.wait_until(hands, lambda h: h.dialog is None and entry(h, base) is not None, WORKING_S)
    if there:
        return Effect(True, f"{base} is in the archive")
    if hands.dialog is not None:
        return Effect(False, f"the dialog {hands.dialog.title!r} is still open")
    return Effect(None, f"{base} is not seen in the list")


def entry(hands: Hands, name: str) -> Element | None:
    """The row of an archive's list that is called this."""
    base = name.rstrip("/").rsplit("/", 1)[-1]
    return next((e for e in hands.elements(ITEMS) if e.label.strip().rstrip("/") == base), None)


def _holds(hands: Hands, files: str) -> Effect | None:
    """Whether the list shows every file that was to be packed."""
    names = [part.strip().rsplit("/", 1)[-1] for part in files.split(",") if part.strip()]
    shown = [name for name in names if entry(hands, name) is not None]
    return Effect(True, f"the archive holds {', '.join(shown)}") if names and len(shown) == len(names) else None


@skill("take a file or folder out of the archive that is open, and out of it only", kind="archive", risk="sensitive")
def remove_from_archive(hands: Hands, name: Name) -> Body:
    row = entry(hands, hands.filled(name))
    if row is None:
        return Effect(False, f"the archive shows no {name!r}")
    yield from moves.click_on(hands, row, f"choose {name}", risk="read")
    yield from moves.wait_until(hands, moves.changed, 0.5)
    yield from moves.command(
        hands, "delete", lambda h: h.dialog is not None or entry(h, name) is None, risk="sensitive", seconds=1.5
    )
    if hands.dialog is not None:
        yield from moves.confirm(hands, "delete", "ok", "yes", "remove", risk="sensitive")
    gone = yield from moves.wait_until(hands, lambda h: h.dialog is None and entry(h, name) is None, WORKING_S)
    return Effect(gone, f"{name} is not in the archive any more" if gone else f"{name} is still in the archive")


@skill("unpack the archive that is open into a folder", kind="archive")
def extract_to(hands: Hands, folder: Name) -> Body:
    return (yield from _extract(hands, folder, ("all files", "all", "all objects")))


@skill('unpack one file only of the archive that is open: extract_file("a.txt", "Documents")', kind="archive")
def extract_file(hands: Hands, name: Name, folder: Name) -> Body:
    row = entry(hands, hands.filled(name))
    if row is None:
        return Effect(False, f"the archive shows no {name!r}")
    yield from moves.click_on(hands, row, f"choose {name}", risk="read")
    yield from moves.wait_until(hands, moves.changed, 0.5)
    return (yield from _extract(hands, folder, ("selected files", "selected", "selected objects")))


def _extract(hands: Hands, folder: str, which: Sequence[str]) -> Body:
    """Ask for the dialog that unpacks, say where to and which files, and see it through."""
    path = _below_home(hands, hands.filled(folder))
    if not (yield from moves.command(hands, "extract", moves.opened_dialog, seconds=2)):
        return Effect(False, "no dialog to extract came up")
    dialog = hands.dialog
    yield from _these_files(hands, which)
    field = hands.field("extract to") or hands.field("destination") or hands.field("folder")
    if field is not None:
        yield from moves.fill(hands, field, path)
    elif not (yield from moves.name_file(hands, path)):
        yield from moves.dismiss(hands)
        return Effect(False, "the dialog asks for no folder")
    yield from moves.confirm(hands, "extract", "ok")
    yield from moves.wait_until(hands, lambda h: h.dialog is None, 1.0)
    for _ in range(2):  # whether to make the folder, and that it is done
        question = hands.dialog is not None and not (dialog and moves.same_window(hands.dialog, dialog))
        if question and not (yield from moves.answer(hands, ("create folder", *moves.YES), "agree", risk="write")):
            yield from moves.confirm(hands, "create folder", "ok", "yes", "close")
        yield from moves.wait_until(hands, lambda h: h.dialog is None, 1.5)
    if hands.dialog is not None and dialog is not None and moves.same_window(hands.dialog, dialog):
        return Effect(False, f"the dialog {dialog.title!r} is still open")
    return Effect(None, f"unpacked into {path}")


def _these_files(hands: Hands, which: Sequence[str]) -> moves.Doing:
    """Where the dialog asks which files: these."""
    options = [e for e in hands.elements(("radio",)) if e.label.casefold() in which]
    if options and "checked" not in options[0].states:
        return (yield from moves.click_on(hands, options[0], which[0]))
    return True
