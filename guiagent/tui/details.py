"""Text that is too long for a pane: everything on one step, the keys, what an error was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from guiagent.tui import commands
from guiagent.tui.lines import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from guiagent.tui.room import Room
    from guiagent.tui.state import Row


class Pages(ModalScreen[None]):
    """Paragraphs that scroll, over whatever is behind them. Esc closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,f1,question_mark", "close", "close", id="pages.close"),
        Binding("down,j", "scroll(1)", "", show=False, id="pages.down"),
        Binding("up,k", "scroll(-1)", "", show=False, id="pages.up"),
    ]

    def __init__(self, title: str, parts: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._title, self._parts = title, parts

    def compose(self) -> ComposeResult:
        """One scrolling part with a frame."""
        with VerticalScroll(id="pages") as scroll:
            scroll.border_title = self._title
            scroll.border_subtitle = "Esc closes"
            yield Words(id="pages-words")

    def on_mount(self) -> None:
        """Show it."""
        self.query_one(Words).show(self._parts)
        self.query_one(VerticalScroll).focus()

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """A line further."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


class Details(Pages):
    """Everything the record tells of a step."""

    def __init__(self, room: Room, folder: Path, row: Row) -> None:
        super().__init__(f"step {row.number}" if row.number else row.kind, _parts(room, folder, row))


def _parts(room: Room, folder: Path, row: Row) -> tuple[tuple[str, str], ...]:
    from runtime.errors import RecordError

    parts: list[tuple[str, str]] = [("head", row.text)]
    if row.note:
        parts.append(("warn", row.note))
    if row.body:
        parts.append(("text", row.body))
    if row.kind == "act":
        try:
            parts += [("text", line) for line in room.details(folder, row.number)]
        except RecordError as error:
            parts.append(("bad", str(error)))
    return tuple(parts)


def keys(named: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    """Every command with its keys as `named` tells them, its slash command and its id, in groups."""
    parts: list[tuple[str, str]] = []
    groups = dict.fromkeys(command.group for command in commands.ALL)
    for group in groups:
        parts += [("text", ""), ("head", group)] if parts else [("head", group)]
        for command in (c for c in commands.ALL if c.group == group):
            slash = f"/{command.slash}" if command.slash else ""
            parts.append(("text", f"{named(command.id):<12}{slash:<11}{command.about}"))
    parts += [
        ("text", ""), ("head", "when it asks"),
        ("text", "a  allow once       A  always allow this kind"),
        ("text", "r  not this: it looks for another way       R  never this kind"),
        ("text", "e  edit the text, keys or place       p  pick another place, 1-9"),
        ("text", ""), ("head", "in the feed"),
        ("text", "↑↓ or j k  another step and its picture       End  follow again       Enter  everything on it"),
        ("text", ""),
        ("dim", "Other keys: [keys] in tui.toml, by id, such as  \"run.hold\" = \"f7\".  Ids: "
                + ", ".join(c.id for c in commands.ALL)),
    ]  # fmt: skip
    return tuple(parts)
