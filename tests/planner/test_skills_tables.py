"""Skills for blocks of cells, rows, columns and sheets, on a spreadsheet in memory with the menus of two makers."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from planner.skills.tables import moved, rows_of
from tests.planner.driving import do
from tests.planner.toy import Box, Dialog, Item, Pane, Part, Toy, entry

COLUMNS = "ABCDEF"
ONE = {
    "above": ("Sheet", "Insert Rows Above"), "before": ("Sheet", "Insert Columns Before"),
    "rows": ("Sheet", "Delete Rows"), "columns": ("Sheet", "Delete Columns"), "down": ("Sheet", "Fill Down"),
    "up": ("Data", "Sort Ascending"), "add": ("Sheet", "Insert Sheet at End..."), "name": ("Sheet", "Rename Sheet..."),
}  # fmt: skip
OTHER = {
    "above": ("Insert", "Rows"), "before": ("Insert", "Columns"), "rows": ("Delete", "Rows"),
    "columns": ("Delete", "Columns"), "down": ("Data", "Fill Downwards"), "up": ("Data", "Sort Ascending"),
    "add": ("Insert", "Sheet"), "name": ("Sheet", "Rename..."),
}  # fmt: skip


@dataclass
class Ledger(Pane):
    """A spreadsheet that a tree tells all of, or only the cell that is chosen."""

    title: str = "Untitled - Ledger"
    app: str = "table"
    rows: list[list[str]] = field(default_factory=list)
    chosen: str = "A1"
    sheets: list[str] = field(default_factory=lambda: ["Sheet1"])
    told: bool = True
    names: dict[str, tuple[str, str]] = field(default_factory=lambda: ONE)
    asks: bool = True
    """Whether a new sheet is asked its name."""
    typed: list[str] = field(default_factory=list)
    kept: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = [[*row, *[""] * 6][:6] for row in [*self.rows, *[[]] * 6][:6]]
        self.values = {"box": "A1"}

    def parts(self) -> list[Part]:
        found = [entry("box", "Name Box", self.values["box"], 70, 40)]
        found.append(Part("line", "text", "", Box(300, 70, 770, 94), self.at(self.chosen), frozenset({"editable"})))
        for n, name in enumerate(self.sheets):
            chosen = frozenset({"selected"}) if n == len(self.sheets) - 1 else frozenset()
            found.append(Part(f"t-{name}", "tab", name, Box(40 + 110 * n, 545, 140 + 110 * n, 570), "", chosen))
        for y, row in enumerate(self.rows) if self.told else ():
            for x, value in enumerate(row):
                box = Box(40 + 110 * x, 110 + 30 * y, 140 + 110 * x, 132 + 30 * y)
                found.append(Part(f"{x}-{y}", "cell", f"{COLUMNS[x]}{y + 1}", box, value))
        return found

    def menus(self) -> dict[str, list[Item]]:
        does = {
            "above": lambda: self.rows.insert(self.area()[1], [""] * 6), "before": self.before,
            "rows": lambda: self.rows.pop(self.area()[1]), "columns": self.columns, "down": self.down, "up": self.sort,
            "add": self.add, "name": self.ask,
        }  # fmt: skip
        found: dict[str, list[Item]] = {
            "Edit": [Item("Copy", self.copy, "ctrl+c"), Item("Paste", self.paste, "ctrl+v")]
        }
        for key, (menu, name) in self.names.items():
            found.setdefault(menu, []).append(Item(name, does[key]))
        return found

    def area(self) -> tuple[int, int, int, int]:
        """The chosen cells: first column, first row, last column, last row."""
        first, _, last = self.chosen.partition(":")
        (a, b), (c, d) = ((COLUMNS.index(cell[0]), int(cell[1:]) - 1) for cell in (first, last or first))
        return a, b, c, d

    def at(self, cell: str) -> str:
        cell = cell.partition(":")[0]
        return self.rows[int(cell[1:]) - 1][COLUMNS.index(cell[0])]

    def before(self) -> None:
        for row in self.rows:
            row.insert(self.area()[0], "")
            row.pop()

    def columns(self) -> None:
        for row in self.rows:
            row.pop(self.area()[0])
            row.append("")

    def down(self) -> None:
        a, b, c, d = self.area()
        for y in range(b, d + 1):
            self.rows[y][a : c + 1] = self.rows[b][a : c + 1]

    def sort(self) -> None:
        a, b, _, d = self.area()
        self.rows[b : d + 1] = sorted(self.rows[b : d + 1], key=lambda row: row[a])

    def copy(self) -> None:
        a, b, c, d = self.area()
        self.kept = [row[a : c + 1] for row in self.rows[b : d + 1]]

    def paste(self) -> None:
        a, b, *_ = self.area()
        for y, row in enumerate(self.kept):
            self.rows[b + y][a : a + len(row)] = row

    def add(self) -> None:
        self.sheets.append("Sheet2")
        if self.asks:
            self.ask()

    def ask(self) -> None:
        dialog = Dialog(self.toy, "Sheet", fields={"n": "Name:"}, values={"n": self.sheets[-1]})

        def name() -> None:
            self.sheets[-1] = dialog.values["n"]
            dialog.close()

        dialog.buttons = {"OK": name, "Cancel": dialog.close}
        self.toy.open(dialog)

    def type(self, text: str) -> None:
        if self.focus == "box":
            super().type(text)
            return
        x, y, *_ = self.area()
        for n, line in enumerate(text.split("\n")):
            for m, value in enumerate(line.split("\t")):
                if value:
                    self.rows[y + n][x + m] = value

    def press(self, chord: str) -> None:
        if self.focus == "box":
            if chord == "Return":
                self.chosen, self.focus = self.values["box"], ""
            else:
                super().press(chord)
        elif chord == "Delete":
            a, b, c, d = self.area()
            for row in self.rows[b : d + 1]:
                row[a : c + 1] = [""] * (c + 1 - a)


def ledger(**rest) -> tuple[Toy, Ledger]:
    toy = Toy()
    pane = Ledger(toy, rows=[["name", "qty"], ["pear", "3"], ["apple", "12"], ["fig", "7"]], **rest)
    toy.open(pane, wait=0)
    return toy, pane


def held(pane: Ledger) -> list[str]:
    """The rows as text, without what is empty at their ends."""
    return ["\t".join(row).rstrip("\t") for row in pane.rows[:5]]


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("names", [ONE, OTHER], ids=["one", "other"])
@pytest.mark.parametrize(
    ("line", "then"),
    [
        ('fill_cells("A5", "kiwi, 1")', ["name\tqty", "pear\t3", "apple\t12", "fig\t7", "kiwi\t1"]),
        ('fill_cells("B1", "n; 1; =SUM(A1, B2)")', ["name\tn", "pear\t1", "apple\t=SUM(A1, B2)", "fig\t7", ""]),
        ('sort_rows("A2:B4", "ascending")', ["name\tqty", "apple\t12", "fig\t7", "pear\t3", ""]),
        ('insert_cells("row", "2")', ["name\tqty", "", "pear\t3", "apple\t12", "fig\t7"]),
        ('delete_cells("row", "2")', ["name\tqty", "apple\t12", "fig\t7", "", ""]),
        ('insert_cells("column", "B")', ["name\t\tqty", "pear\t\t3", "apple\t\t12", "fig\t\t7", ""]),
        ('delete_cells("column", "A")', ["qty", "3", "12", "7", ""]),
        ('fill_down("B2:B4")', ["name\tqty", "pear\t3", "apple\t3", "fig\t3", ""]),
        ('copy_cells("B1:B2", "C1")', ["name\tqty\tqty", "pear\t3\t3", "apple\t12", "fig\t7", ""]),
        ('clear_cells("A3:B4")', ["name\tqty", "pear\t3", "", "", ""]),
    ],
)
def test_cells(line, then, names, told):
    toy, pane = ledger(names=names, told=told)
    effect = do(toy, line)
    assert held(pane) == then
    assert effect.worked is (True if told else None) or (effect.worked is True and "fill_cells" in line)


@pytest.mark.parametrize("told", [True, False])
def test_a_cell_is_read_and_noted(told):
    toy, _ = ledger(told=told)
    assert do(toy, 'read_cell("b3")').value == "12"


def test_cells_that_do_not_take_what_is_typed_are_no_success():
    toy, pane = ledger()
    pane.type = lambda text: Pane.type(pane, text) if pane.focus == "box" else None  # type: ignore[method-assign]
    effect = do(toy, 'fill_cells("A5", "kiwi, 1")')
    assert (effect.worked, effect.why) == (False, "A5 says '' and not 'kiwi'")


def test_a_command_that_is_not_there_is_told():
    toy, pane = ledger()
    effect = do(toy, 'merge_cells("A1:B1")')
    assert effect.worked is False
    assert held(pane)[0] == "name\tqty"


@pytest.mark.parametrize("names", [ONE, OTHER], ids=["one", "other"])
@pytest.mark.parametrize("asks", [True, False])
def test_a_sheet_is_added_under_a_name(names, asks):
    toy, pane = ledger(names=names, asks=asks)
    assert do(toy, 'add_sheet("Totals")').worked is True
    assert pane.sheets == ["Sheet1", "Totals"]


def test_a_sheet_is_renamed():
    toy, pane = ledger()
    assert do(toy, 'rename_sheet("Sums")').worked is True
    assert pane.sheets == ["Sums"]


def test_a_sheet_that_is_not_there_is_told():
    toy, _ = ledger()
    assert do(toy, 'go_to_sheet("Sheet9")').why == "no sheet is called 'Sheet9'; there are Sheet1"
    assert do(toy, 'go_to_sheet("sheet1")').worked is True


def test_the_cells_of_a_text():
    assert rows_of("Name, Age; Ann, 12\nBob, =IF(A1, 2)") == [["Name", "Age"], ["Ann", "12"], ["Bob", "=IF(A1, 2)"]]
    assert rows_of('"a, b", c\td') == [['"a, b", c', "d"]]
    assert [moved("Z9", 1, 1), moved("A1", 0, 2), moved("AZ1", 1, 0), moved("$B$2", 0, 0)] == [
        "AA10",
        "A3",
        "BA1",
        "B2",
    ]
