"""What is recorded: ten tasks by the agent, five by a scripted person, each with a check of what came of it."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from guiagent.desktop.home import Content
from guiagent.desktop.sandbox import Sandbox

GZIP = b"\x1f\x8b"
Check = Callable[[Sandbox, Mapping[str, str]], bool]
"""Whether it is done, seen from outside; the mapping says what stands in the place of which recorded text."""


@dataclass(frozen=True, slots=True)
class Do:
    """One thing that a person does: point at something, type, or press keys."""

    kind: str
    """`click`, `double`, `right`, `type` or `press`."""
    words: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One recording."""

    id: str
    task: str
    holds: Check
    program: str = ""
    """What the agent's planner is given for a plan; empty for a person."""
    script: tuple[Do, ...] = ()
    """What a person does, after the application was started."""
    app: str = ""
    """Started first, as `--app` does."""
    opens: tuple[str, ...] = ()
    files: Mapping[str, Content] = field(default_factory=dict)
    other: Mapping[str, str] = field(default_factory=dict)
    """For the change of a file's name: which text becomes which."""
    setup: Callable[[Sandbox], Check] | None = None
    """Puts the desktop into the start state, and gives the check that `holds` stands for otherwise."""
    setup_other: Callable[[Sandbox], Check] | None = None
    """The same with the files' other names."""


def text(path: str, *parts: str, count: int | None = None) -> Check:
    """The file holds all of this."""

    def holds(desktop: Sandbox, other: Mapping[str, str]) -> bool:
        place = desktop.home / _put(path, other)
        raw = place.read_bytes() if place.is_file() else None
        said = (gzip.decompress(raw) if raw[:2] == GZIP else raw).decode("utf-8", "replace") if raw else None
        return said is not None and all(_put(part, other) in said for part in parts) and (
            count is None or said.count(parts[0]) == count
        )  # fmt: skip

    return holds


def moved(here: str, gone: str = "") -> Check:
    """A file or folder is there, and another one is not."""

    def holds(desktop: Sandbox, other: Mapping[str, str]) -> bool:
        there = (desktop.home / _put(here, other)).exists()
        return there and not (gone and (desktop.home / _put(gone, other)).exists())

    return holds


def shows(words: str) -> Check:
    """Some element on the screen says this."""

    def holds(desktop: Sandbox, other: Mapping[str, str]) -> bool:
        return any(words in (node.text.replace(",", ""), node.name.replace(",", "")) for node in desktop.tree().nodes)

    return holds


def _put(words: str, other: Mapping[str, str]) -> str:
    for old, new in other.items():
        words = words.replace(old, new)
    return words


LETTER = "Dear Ann,\nwe meet on Monday. Monday is fine for me.\nBen\n"
SHOPPING = "bread\nmilk\n"
MENU = ("menu", "menu_item", "check_menu_item")

AGENT = (
    Case(
        "write", "Write “Trains leave at nine.” in Mousepad and save it as Documents/trains.txt", app="mousepad",
        program='write("Trains leave at nine.")\nsave_as("Documents/trains.txt")\ndone()\n',
        holds=text("Documents/trains.txt", "Trains leave at nine."), other={"trains.txt": "buses.txt"},
    ),
    Case(
        "replace", "Replace Monday by Tuesday in the letter and save it", app="mousepad",
        opens=("Documents/letter.txt",), files={"Documents/letter.txt": LETTER},
        program='replace_all("Monday", "Tuesday")\nsave()\ndone()\n',
        holds=text("Documents/letter.txt", "Tuesday", count=2), other={"letter.txt": "invitation.txt"},
    ),
    Case(
        "append", "Add the line “two lemons” to the list and save it", app="gedit",
        opens=("Documents/shopping.txt",), files={"Documents/shopping.txt": SHOPPING},
        program='append("two lemons\\n")\nsave()\ndone()\n',
        holds=text("Documents/shopping.txt", "bread", "two lemons"), other={"shopping.txt": "market.txt"},
    ),
    Case(
        "copy-as", "Keep a second copy of the plan as plan-b.txt", app="l3afpad",
        opens=("Documents/plan.txt",), files={"Documents/plan.txt": SHOPPING},
        program='save_as("plan-b.txt")\ndone()\n',
        holds=text("Documents/plan-b.txt", "milk"), other={"plan-b.txt": "spare.txt"},
    ),
    Case(
        "rename", "Rename draft.txt in Documents to final.txt", app="thunar",
        files={"Documents/draft.txt": "x", "Documents/a.txt": "a"},
        program='open_folder("Documents")\nrename_file("draft.txt", "final.txt")\ndone()\n',
        holds=moved("Documents/final.txt", "Documents/draft.txt"), other={"final.txt": "printed.txt"},
    ),
    Case(
        "folder", "Make a folder Invoices in Documents", app="pcmanfm",
        program='open_folder("Documents")\ncreate_folder("Invoices")\ndone()\n',
        holds=moved("Documents/Invoices"), other={"Invoices": "Receipts"},
    ),
    Case(
        "sheet", "Put Rent in A1 and 650 in B1 and save the sheet as Documents/costs.gnumeric", app="gnumeric",
        program='set_cell("A1", "Rent")\nset_cell("B1", "650")\nsave_as("Documents/costs.gnumeric")\ndone()\n',
        holds=text("Documents/costs.gnumeric", "Rent", "650"), other={"costs.gnumeric": "flat.gnumeric"},
    ),
    Case(
        "calculate", "Work out 137*46+89 in the calculator", app="galculator",
        program='calculate("137*46+89")\ndone()\n', holds=shows("6391"),
    ),
    Case(
        "list", "Write a list of fruits and save it as Documents/fruits.txt", app="featherpad",
        program='write("apples\\npears\\n")\nsave_as("Documents/fruits.txt")\ndone()\n',
        holds=text("Documents/fruits.txt", "apples\npears"), other={"fruits.txt": "basket.txt"},
    ),
    Case(
        "delete-line", "Put the line “Packing list” at the very top and save it", app="geany",
        opens=("Documents/packing.txt",), files={"Documents/packing.txt": "socks\nsoap\n"},
        program='prepend("Packing list\\n")\nsave()\ndone()\n',
        holds=text("Documents/packing.txt", "Packing list\nsocks"), other={"packing.txt": "travel.txt"},
    ),
)  # fmt: skip
"""By the agent, its plan given."""

PERSON = (
    Case(
        "hand-save-as", "Write a note and save it with the mouse", app="mousepad",
        script=(
            Do("type", "the boiler was repaird"), Do("press", "BackSpace"), Do("press", "BackSpace"),
            Do("type", "red on Friday"), Do("click", "Search", MENU), Do("press", "Escape"), Do("press", "Escape"),
            Do("click", "File", MENU), Do("click", "Save As...", MENU), Do("press", "ctrl+a"),
            Do("type", "boiler.txt"), Do("click", "Save", ("button",)), Do("press", "ctrl+Home"),
        ),
        holds=text("boiler.txt", "the boiler was repaired on Friday"), other={"boiler.txt": "heating.txt"},
    ),
    Case(
        "hand-settings", "Show line numbers, by the menu", app="mousepad",
        opens=("Documents/plan.txt",), files={"Documents/plan.txt": SHOPPING},
        script=(Do("click", "View", MENU), Do("click", "Line Numbers", MENU)),
        holds=text(".config/glib-2.0/settings/keyfile", "show-line-numbers=true"), other={"plan.txt": "other.txt"},
    ),
    Case(
        "hand-sum", "Add 27 and 15 with the mouse", app="galculator",
        script=tuple(Do("click", words, ("button", "toggle_button")) for words in ("2", "7", "+", "1", "5", "=")),
        holds=shows("42"),
    ),
    Case(
        "hand-rename", "Rename a file by its menu", app="pcmanfm", opens=("Documents",),
        files={"Documents/old.txt": "x", "Documents/stay.txt": "y"},
        script=(
            Do("right", "old.txt", ("icon", "list_item", "cell", "text_line")), Do("click", "Rename...", MENU),
            Do("press", "ctrl+a"), Do("type", "new.txt"), Do("click", "OK", ("button",)),
        ),
        holds=moved("Documents/new.txt", "Documents/old.txt"), other={"new.txt": "fresh.txt"},
    ),
    Case(
        "hand-toolbar", "Write a line and save it by the toolbar", app="featherpad",
        opens=("Documents/day.txt",), files={"Documents/day.txt": "first\n"},
        script=(
            Do("press", "ctrl+End"), Do("type", "second"), Do("click", "File", MENU), Do("click", "Save", MENU),
        ),
        holds=text("Documents/day.txt", "first\nsecond"), other={"day.txt": "diary.txt"},
    ),
)  # fmt: skip
"""By hand, at a person's pace, with slips."""
CASES = AGENT + PERSON


def case(name: str) -> Case:
    """The case of this id."""
    return next(each for each in CASES if each.id == name)


def home_files(each: Case, swap: Callable[[str], str] = str) -> dict[str, Content]:
    """What lies in the home folder before it begins."""
    return {swap(name): content for name, content in each.files.items()}


def runs_folder(folder: Path, each: Case) -> Path:
    """Where its recording is kept."""
    return folder / each.id
