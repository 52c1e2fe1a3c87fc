"""Files and folders of a plan held against the disk: what is not where a line says is looked for where the task says.

A small model joins the folders that a task names, swaps the old name and the new one, or leaves the folder out. Where
the desktop tells of its files, each of these can be told from what is there.
"""

from __future__ import annotations

import re

from grounding.filed import Filed
from planner.disk import OWED
from planner.draft import Draft
from planner.paths import Paths, basename
from planner.planner import Step
from planner.soundness import EXISTING, Fault

USUAL = ("", "Documents", "Downloads", "Desktop", "Pictures", "Music", "Videos")
"""Folders below home in which a file is looked for that the task puts nowhere."""
_IN_A_FOLDER = re.compile(r"^(?P<name>[^/]+?) (?:in|inside|into) (?:the )?(?P<folder>[A-Z][\w/-]*)(?: folder)?$")
_MUST_BE_THERE = {**dict(EXISTING), "open_item": "name", "duplicate_file": "name"}
"""The argument of a skill that names a file which has to be there."""
_INTO = {"copy_file": "folder", "move_file": "folder", "extract_to": "folder", "open_folder": "folder"}
"""The argument of a skill that names a folder which has to be there."""
_MAKES_NOTHING = ("open_folder", "open_file", "open_item", "open_with", "launch", "delete_file")
_NAMES = ("name", "new", "old", "copy")


class OnDisk:
    """What the disk says of the names in a plan."""

    def __init__(self, plan: Draft) -> None:
        self._plan = plan
        self.paths = Paths(plan.hands.task, plan.hands.facts.home.rstrip("/"), plan.files)

    @property
    def tells(self) -> bool:
        return self.paths.files is not None and bool(self.paths.home)

    def filed(self, said: str) -> Filed | None:
        """What there is under a name as a line says it; below home where it says nothing else."""
        path = self._plan.hands.path(said.rstrip("/"))
        return self.paths.filed(path if path.startswith("/") else f"{self.paths.home}/{path}")

    def folders(self) -> list[str]:
        """The folders that the task names and that are there, as a line says them."""
        return [self.paths.short(folder) for folder in self.paths.folders()]

    def where(self, base: str) -> list[str]:
        """The folders of the task that hold such a file; else of those that everybody has."""
        for places in (self.folders(), USUAL):
            if found := [folder for folder in places if self.filed(_joined(folder, base))]:
                return found
        return []


def as_on_disk(plan: Draft) -> None:
    """Files and folders that are not where a line says are taken from where they are, if that is one place only."""
    disk = OnDisk(plan)
    if not disk.tells or plan.hands.blind:
        return
    made: set[str] = set()
    for place, step in enumerate(plan.steps):
        mended = _all_of_a_sort(plan, _saved_as_itself(plan, step, disk), disk)
        mended = _folder_told_in_words(plan, mended, disk)
        mended = _not_swapped(plan, mended, disk)
        mended = _found(plan, mended, disk, made)
        mended = _into_a_folder(plan, mended, disk, made)
        if mended.text != step.text:
            plan.steps[place] = mended
            plan.reasons.append(f"{mended.text} is what the disk has")
        made |= _made_by(mended)


def opened_before_changed(plan: Draft) -> None:
    """A file of the task that is there is opened before it is added to, and not written over by a new document."""
    disk = OnDisk(plan)
    if not disk.tells or plan.opens() or _ANEW.search(plan.hands.task):
        return
    place = next((n for n, s in enumerate(plan.steps) if s.skill == "save_as"), None)
    if place is None:
        return
    name = str(plan.steps[place].arguments["name"])
    named = basename(name) in disk.paths.named() or name in plan.hands.task
    if not name or plan.is_in_front(name) or _is_open_ended(name) or not named or not disk.where(basename(name)):
        return
    changed = next((n for n, s in enumerate(plan.steps[:place]) if plan.changes_document(s)), None)
    there = name if "/" in name and disk.filed(name) else _joined(disk.where(basename(name))[0], basename(name))
    if changed is None or any(s.skill == "new_document" for s in plan.steps):
        return
    plan.steps[place] = plan.step("save")
    plan.steps.insert(changed, plan.step("open_file", there))
    plan.reasons.append(f"{basename(name)} is there, and is added to")


_ANEW = re.compile(
    r"\bnew (?:\w+ )?(?:document|file|sheet|spreadsheet|presentation|note|letter|text)\b|\b(?:create|overwrite)\b",
    re.IGNORECASE,
)


def written_where_said(plan: Draft) -> None:
    """A file is saved into the folder that the task says, where the line names none; by a command in a terminal too,
    wherever that may be."""
    if not any(s.skill in _WRITES for s in plan.steps):
        return
    paths = OnDisk(plan).paths
    for name in dict.fromkeys(m["file"] for m in OWED.finditer(plan.hands.task)):
        meant = paths.meant(name)
        if "/" in name or len(meant) != 1:
            continue
        there = f"~/{paths.short(meant[0])}"
        for place, step in enumerate(plan.steps):
            argument = _WRITES.get(step.skill, "")
            old = str(step.arguments.get(argument, ""))
            new = (there.removeprefix("~/") if "/" in there[2:] else there) if old == name else old
            if step.skill == "run_command":
                new = re.sub(rf"(?<![\w/.~-]){re.escape(name)}(?![\w.])", there, old)
            if argument and new != old:
                plan.steps[place] = _with(plan, step, argument, new)
                plan.reasons.append(f"the task says where {name} is to be")


_WRITES = {
    "run_command": "command", "save_as": "name", "export_pdf": "name", "print_to_file": "name", "save_page": "name",
    "create_archive": "name",
}  # fmt: skip
"""Skills that write a file, and the argument that says where."""


def _folder_told_in_words(plan: Draft, step: Step, disk: OnDisk) -> Step:
    """`holiday in Documents` as a name is `Documents/holiday`."""
    for argument in _NAMES:
        match = _IN_A_FOLDER.match(str(step.arguments.get(argument, "")))
        if match and (found := disk.filed(match["folder"])) and found.is_folder:
            return _with(plan, step, argument, _joined(match["folder"], match["name"]))
    return step


def _all_of_a_sort(plan: Draft, step: Step, disk: OnDisk) -> Step:
    """`.bak` as the name of a file that is not there means all whose names end so, where the task speaks of such."""
    name = str(step.arguments.get("name", ""))
    base = basename(name)
    if step.skill not in ("delete_file", "copy_file", "move_file") or not re.fullmatch(r"\.\w{1,5}", base):
        return step
    if disk.where(base) or f"{base} file" not in plan.hands.task:
        return step
    folders = disk.folders()
    folder = name.rpartition("/")[0] or (folders[0] if len(folders) == 1 or step.skill != "delete_file" else "")
    return _with(plan, step, "name", f"{folder}/*{base}" if folder else f"*{base}")


def _saved_as_itself(plan: Draft, step: Step, disk: OnDisk) -> Step:
    """What is to be saved under the name that it has, where it lies already, is saved."""
    name = str(step.arguments.get("name", ""))
    folder, _, base = name.rstrip("/").rpartition("/")
    opened = [basename(str(s.arguments["name"])) for s in plan.steps if s.skill == "open_file"]
    there = opened == [base] if opened else plan.is_in_front(name)
    if step.skill != "save_as" or not there or _is_open_ended(name):
        return step
    lies = disk.where(base)
    return plan.step("save") if len(lies) == 1 and folder in ("", lies[0], f"~/{lies[0]}") else step


def _not_swapped(plan: Draft, step: Step, disk: OnDisk) -> Step:
    """A file is renamed from the name that is there to the one that is not."""
    if step.skill != "rename_file":
        return step
    old, new = (str(value) for value in step.arguments.values())
    if disk.where(basename(old)) or not (folders := disk.where(basename(new))):
        return step
    return plan.step("rename_file", _joined(folders[0], basename(new)), basename(old))


def _found(plan: Draft, step: Step, disk: OnDisk, made: set[str]) -> Step:
    """A file that is not where the line says is where the disk has one of that name."""
    argument = _MUST_BE_THERE.get(step.skill, "")
    name = str(step.arguments.get(argument, ""))
    base = basename(name)
    if not name or _is_open_ended(name) or base in made or ("/" in name and disk.filed(name)):
        return step
    shown = any(s.skill == "open_folder" for s in plan.steps) or plan.kind_in_front() == "files"
    if "/" not in name and (shown or plan.is_in_front(name)):
        return step
    folders = disk.where(base)
    return _with(plan, step, argument, _joined(folders[0], base)) if len(folders) == 1 else step


def _into_a_folder(plan: Draft, step: Step, disk: OnDisk, made: set[str]) -> Step:
    """A folder that is not there is the one of its last part's name; what is carried is not carried to where it is."""
    argument = _INTO.get(step.skill, "")
    folder = str(step.arguments.get(argument, "")).rstrip("/")
    if not folder or _is_open_ended(folder) or {folder, basename(folder)} & made or "://" in folder:
        return step
    name = str(step.arguments.get("name", ""))
    holders = disk.where(name) if name and "/" not in name and not _is_open_ended(name) else []
    own = name.rpartition("/")[0] or (holders[0] if len(holders) == 1 else "")
    there = disk.filed(folder)
    if there is not None and there.is_folder and (not own or own != folder):
        return step
    others = [other for other in disk.folders() if other != own]
    last = basename(folder)
    if own and len(others) == 1:
        return _with(plan, step, argument, others[0])
    if there is None and last != folder and last != own and (found := disk.filed(last)) and found.is_folder:
        return _with(plan, step, argument, last)
    return step


def _with(plan: Draft, step: Step, argument: str, value: str) -> Step:
    return plan.step(step.skill, *(value if n == argument else str(v) for n, v in step.arguments.items()))


def _made_by(step: Step) -> set[str]:
    """The names of what may be there once a line is done, without their folders."""
    return set() if step.skill in _MAKES_NOTHING else {basename(str(value)) for value in step.arguments.values()}


def _is_open_ended(name: str) -> bool:
    """Whether it stands for several files, or for a value that is not known yet."""
    return "*" in name or "$" in name or name in ("~", "/")


def _joined(folder: str, base: str) -> str:
    return f"{folder}/{base}" if folder else f"~/{base}"


def absent(plan: Draft) -> list[Fault]:
    """Lines for files that are not there, and that no line before makes."""
    disk = OnDisk(plan)
    if not disk.tells or plan.hands.blind:
        return []
    found: list[Fault] = []
    made: set[str] = set()
    for step in plan.steps:
        name = str(step.arguments.get(_MUST_BE_THERE.get(step.skill, ""), ""))
        known = not name or _is_open_ended(name) or "/" not in name or "://" in name or basename(name) in made
        if not known and disk.filed(name.rpartition("/")[0]) and not disk.filed(name):
            found.append(Fault("unsound", f"{name}, which is not there,", step.number))
        made |= _made_by(step)
    return found
