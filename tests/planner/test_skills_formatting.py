"""Skills for how a text looks, on a word processor in memory: buttons that stay down, fields, menus and dialogs."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from planner.skills.searching import _line_of
from tests.planner.driving import do
from tests.planner.toy import HOME, Box, Dialog, Item, Part, Toy, entry, label
from tests.planner.toy_apps import Pad


@dataclass
class Word(Pad):
    """An editor with a toolbar; what was chosen for which text stands in `looks`."""

    looks: list[tuple[str, str]] = field(default_factory=list)
    on: set[str] = field(default_factory=set)
    breaks: bool = True
    as_dialog: bool = False
    """Whether fonts are chosen in a dialog instead of the toolbar."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.values = {} if self.as_dialog else {"size": "12", "font": "Sans"}

    def parts(self) -> list[Part]:
        bold = frozenset({"pressed"}) if "bold" in self.on else frozenset()
        found = [Part("b", "toggle_button", "Bold", Box(700, 570, 770, 578), "", bold, lambda: self.look("bold"))]
        for n, (key, value) in enumerate(self.values.items()):
            found.append(label(f"l-{key}", f"Font {key if key == 'size' else 'name'}:", 45, 100 + 300 * n))
            found.append(entry(key, "", value, 45, 250 + 250 * n))
        return [*found, *(part for part in super().parts())]

    def look(self, what: str) -> None:
        self.looks.append((self.text[slice(*self.selected)], what))
        self.on ^= {what}

    def menus(self) -> dict[str, list[Item]]:
        said = {
            "Align Right": "right", "Centered": "center", "Bullets": "bullets", "Heading 2": "heading 2",
            "Double Line Spacing": "double",
        }  # fmt: skip
        items = [Item(name, lambda what=what: self.look(what)) for name, what in said.items()]
        insert = [Item("Table...", self.ask_table), *([Item("Page Break", self.turn)] if self.breaks else [])]
        fonts = [Item("Font...", self.ask_font)] if self.as_dialog else []
        return {**super().menus(), "Format": [*items, *fonts], "Insert": insert}

    def turn(self) -> None:
        self.type("\f")

    def ask_font(self) -> None:
        chosen = self.text[slice(*self.selected)]
        dialog = Dialog(self.toy, "Font", fields={"s": "Size:"}, values={"s": "12"})

        def take() -> None:
            self.looks.append((chosen, dialog.values["s"]))
            dialog.close()

        dialog.buttons = {"OK": take, "Cancel": dialog.close}
        self.toy.open(dialog)

    def ask_table(self) -> None:
        dialog = Dialog(self.toy, "Insert Table", fields={"c": "Columns:", "r": "Rows:"}, values={"c": "2", "r": "2"})

        def put() -> None:
            self.looks.append(("table", f"{dialog.values['r']} by {dialog.values['c']}"))
            dialog.close()

        dialog.buttons = {"Insert": put, "Cancel": dialog.close}
        self.toy.open(dialog)

    def press(self, chord: str) -> None:
        if self.focus in ("size", "font"):
            if chord == "Return":
                self.looks.append((self.text[slice(*self.selected)], self.values[self.focus]))
                self.focus = "text"
            else:
                super(Pad, self).press(chord)
        else:
            super().press(chord)

    def type(self, text: str) -> None:
        if self.focus in ("size", "font"):
            super(Pad, self).type(text)
        else:
            super().type(text)


def word(**rest) -> tuple[Toy, Word]:
    toy = Toy()
    pane = Word(toy, text="a title\nand more", **rest)
    toy.open(pane, wait=0)
    return toy, pane


@pytest.mark.parametrize(
    ("line", "look"),
    [
        ('format_text("title", "bold")', "bold"),
        ('align("title", "right")', "right"),
        ('align("title", "center")', "center"),
        ('line_spacing("title", "2")', "double"),
        ('make_list("title", "bullets")', "bullets"),
        ('set_heading("title", 2)', "heading 2"),
        ('set_font_size("title", 20)', "20"),
        ('set_font("title", "Serif")', "Serif"),
    ],
)
def test_a_text_gets_the_look_that_was_asked_for(line, look):
    toy, pane = word()
    assert do(toy, line).worked is not False
    assert pane.looks == [("title", look)]
    assert pane.text == "a title\nand more"


def test_the_size_is_chosen_in_a_dialog_where_no_toolbar_has_it():
    toy, pane = word(as_dialog=True)
    assert do(toy, 'set_font_size("title", 20)').worked is not False
    assert pane.looks == [("title", "20")]
    assert len(toy.panes) == 1


def test_what_is_bold_already_is_not_made_plain():
    toy, pane = word(on={"bold"})
    assert do(toy, 'format_text("title", "bold")').worked is True
    assert pane.looks == []


def test_a_look_that_the_application_does_not_know_is_told():
    toy, pane = word()
    assert do(toy, 'make_list("title", "numbers")').worked is False
    assert do(toy, 'set_heading("title", 9)').worked is False
    assert (pane.looks, pane.text) == ([], "a title\nand more")


def test_a_table_of_so_many_rows_and_columns():
    toy, pane = word()
    assert do(toy, "insert_table(5, 7)").worked is not False
    assert pane.looks == [("table", "5 by 7")]


def test_a_new_page():
    toy, pane = word()
    assert do(toy, "insert_page_break()").worked is not False
    assert "\f" in pane.text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Marta's name", "Marta Feld, chair"), ("the line of Marta", "Marta Feld, chair"), ("Our", ""), ("Zoe", ""),
    ],
)  # fmt: skip
def test_a_text_that_is_not_there_is_the_one_line_that_has_its_name(text, line):
    assert _line_of("Our spring\nOur summer\nMarta Feld, chair\n", text) == line


def test_a_text_that_the_document_has_not_is_not_the_whole_document():
    toy = Toy()
    toy.open(Word(toy, text="Our spring", file=f"{HOME}/a.txt"))
    effect = do(toy, 'format_text("Zoe\'s name", "bold")')
    assert (effect.worked, effect.why) == (False, '"Zoe\'s name" is not in the document')
