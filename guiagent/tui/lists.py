"""Lists over the working view: models, settings, and what all lists have in common: search, and what their keys do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import DataTable, Input

from guiagent.tui.clean import line
from guiagent.tui.lines import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from guiagent.tui.room import Offered, Room


T = TypeVar("T")


class Box(ModalScreen[Any]):
    """A table with a search field above it and words below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", id="box.close"),
        Binding("down", "to_table", "", show=False, id="box.down"),
        Binding("slash", "search", "search", show=False, id="box.search", priority=True),
    ]
    title_: ClassVar[str] = ""
    columns: ClassVar[tuple[str, ...]] = ()
    hint: ClassVar[str] = ""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self.room = room
        self.rows: dict[str, tuple[str, ...]] = {}
        """By key, what stands in each column."""
        self._said: tuple[str, tuple[tuple[str, str], ...]] = "", ()
        """What was just done, and the row that it was done to: told until another row is chosen."""

    def compose(self) -> ComposeResult:
        """Search, table, words."""
        with Vertical(id="box") as box:
            box.border_title, box.border_subtitle = self.title_, self.hint
            yield Input(placeholder="search", id="search")
            yield DataTable(cursor_type="row", zebra_stripes=False)
            yield Words(id="box-about")

    def on_mount(self) -> None:
        """Fill it in."""
        self.table.add_columns(*self.columns)
        self.table.focus()
        self.load()

    @property
    def table(self) -> DataTable[Text]:
        """The table."""
        return self.query_one(DataTable)

    def load(self, *said: tuple[str, str]) -> None:
        """Find the rows: in a thread, since folders may be long. `said` is told of the row at hand from then on."""
        self._said = self.key, said
        self.about(*(said or (("dim", "looking …"),)))
        self.app.behind(lambda: self.app.from_behind(self._filled, self.find()))  # type: ignore[attr-defined]

    def find(self) -> dict[str, tuple[str, ...]]:
        """The rows by key."""
        raise NotImplementedError

    def _filled(self, rows: dict[str, tuple[str, ...]]) -> None:
        if self.is_attached:
            self.rows = rows
            self.fill()

    def fill(self) -> None:
        """Those rows that the search leaves."""
        words = self.query_one("#search", Input).value.lower().split()
        table = self.table
        at = table.cursor_row
        table.clear()
        for key, cells in self.rows.items():
            whole = " ".join((key, *cells)).lower()
            if all(word in whole for word in words):
                table.add_row(*(Text(line(cell), no_wrap=True, overflow="ellipsis") for cell in cells), key=key)
        if table.row_count:
            table.move_cursor(row=min(at, table.row_count - 1))
            self._tell(self.key)
        else:
            self.about(("dim", "nothing is like that" if words else "there is nothing yet"))

    @property
    def key(self) -> str:
        """The row at hand; empty where there is none."""
        table = self.table
        if not table.row_count:
            return ""
        return table.coordinate_to_cell_key((table.cursor_row, 0)).row_key.value or ""  # type: ignore[arg-type]

    def _tell(self, key: str) -> None:
        done_to, said = self._said
        if said and key == done_to:
            self.about(*said)
        else:
            self._said = "", ()
            self.describe(key)

    def describe(self, key: str) -> None:
        """Say more on a row."""
        self.about()

    def about(self, *parts: tuple[str, str]) -> None:
        """The words below the table."""
        self.query_one("#box-about", Words).show(parts)

    def do(self, saying: str, work: Callable[[], T], then: Callable[[T], None] | None = None) -> None:
        """Do something behind the screen, and tell what came of it. Where it does not work out, why."""
        from runtime.errors import GuiagentError

        app: Any = self.app

        def told(*parts: tuple[str, str]) -> None:
            if self.is_attached:
                self.about(*parts)

        def behind() -> None:
            try:
                made = work()
            except GuiagentError as error:
                app.from_behind(told, ("bad", str(error)))
                return
            app.from_behind(then, made) if then else app.from_behind(told, ("good", str(made)))

        self.about(("dim", saying))
        app.behind(behind)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while it is written."""
        if event.input.id == "search":
            self.fill()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """From the search to what was found."""
        if event.input.id == "search":
            self.table.focus()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Another row."""
        if event.row_key is not None and event.row_key.value is not None:
            self._tell(self.key)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A slash begins a search, but in a field."""
        return action != "search" or self.table.has_focus

    def action_search(self) -> None:
        """To the search field, at once: what is typed next is for it."""
        self.set_focus(self.query_one("#search", Input))

    def action_to_table(self) -> None:
        """Down, from the search field."""
        self.table.focus()

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)


class Models(Box):
    """The models: what is here, what fits, pull, use, remove."""

    title_ = "models"
    columns = ("", "name", "size", "here", "on this machine")
    hint = "Enter use   p pull   x remove   / search   Esc back"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pull", "pull", id="models.pull"),
        Binding("x", "remove", "remove", id="models.remove"),
    ]

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        self._models: dict[str, Offered] = {}
        self._sure = ""

    def find(self) -> dict[str, tuple[str, ...]]:
        """Each model in a row."""
        self._models = {model.name: model for model in self.room.models()}
        return {name: _model_row(model) for name, model in self._models.items()}

    def describe(self, key: str) -> None:
        """What is known of it."""
        model = self._models.get(key)
        self._sure = ""
        if model is not None:
            self.about(("text", model.note or " "), ("dim", model.fit or "p gets it" if not model.here else model.fit))

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Use it from now on: kept in the user's settings."""
        from runtime.errors import UsageError

        name = event.row_key.value or ""
        try:
            self.room.set("model", name)
        except UsageError as error:
            self.about(("bad", str(error)))
            return
        self.load(("good", f"{name} is used from the next run on"))

    def action_pull(self) -> None:
        """Download it, or go on where an earlier download stopped."""
        if self.key:
            pull(self, self.room, self.key, self.load)

    def action_remove(self) -> None:
        """Remove it, when asked twice."""
        from runtime.errors import GuiagentError

        name = self.key
        if name != self._sure:
            self._sure = name
            self.about(("warn", f"x once more removes {name} from this machine"))
            return
        try:
            freed = self.room.remove(name)
        except GuiagentError as error:
            self.about(("bad", str(error)))
            return
        self.load(("good", f"removed {name}, {freed / 1e6:,.0f} MB"))


def pull(screen: Any, room: Room, name: str, then: Any) -> None:
    """Download a model behind the screen, which tells how far it is; `then` is given what is said at the end."""
    from runtime.errors import GuiagentError

    app, began, last = screen.app, time.monotonic(), [0.0]

    def told(*parts: tuple[str, str]) -> None:
        if screen.is_attached:
            screen.about(*parts)

    def progress(done: int, total: int) -> None:
        now = time.monotonic()
        if now - last[0] >= 0.2 or done == total:
            last[0] = now
            app.from_behind(
                told, ("key", bar(done, total, now - began)), ("dim", f"getting {name}; Esc leaves it going")
            )

    def work() -> None:
        try:
            room.pull(name, progress)
        except GuiagentError as error:
            app.from_behind(told, ("bad", str(error)))
            return
        app.from_behind(lambda: then(("good", f"{name} is here, whole and verified")) if screen.is_attached else None)

    told(("dim", f"asking for {name} …"))
    app.behind(work)


def bar(done: int, total: int, seconds: float) -> str:
    """How far a download is, and how long it will take."""
    share = done / total if total else 0.0
    filled = round(24 * share)
    rate = done / seconds / 1e6 if seconds > 1 else 0.0
    rest = f", {(total - done) / rate / 1e6:.0f} s left" if rate and total else ""
    return f"{'█' * filled}{'░' * (24 - filled)} {share:4.0%}  {done / 1e6:,.0f} of {total / 1e6:,.0f} MB{rest}"


def _model_row(model: Offered) -> tuple[str, ...]:
    size = f"{model.size / 1e9:.1f} GB" if model.size >= 1e9 else f"{model.size / 1e6:,.0f} MB" if model.size else ""
    return "●" if model.used else " ", model.name, size, "here" if model.here else "-", model.fit


class Changing(Box):
    """A list in which Enter opens a field with the value of a row."""

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        self._values: dict[str, str] = {}
        self._changing = ""

    def compose(self) -> ComposeResult:
        """With a field for the new value."""
        with Vertical(id="box") as box:
            box.border_title, box.border_subtitle = self.title_, self.hint
            yield Input(placeholder="search", id="search")
            yield DataTable(cursor_type="row")
            yield Words(id="box-about")
            yield Input(id="value")

    def on_mount(self) -> None:
        """The field appears when it is wanted; the rest is the table's."""
        self.query_one("#value").display = False

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Enter."""
        self.chosen(event.row_key.value or "")

    def chosen(self, key: str) -> None:
        """Write another value."""
        secret = key.endswith("key")
        self.ask(key, "" if secret else self._values.get(key, ""), secret=secret)

    def ask(self, key: str, value: str, *, secret: bool = False) -> None:
        """Have a value written for a row."""
        self._changing = key
        field = self.query_one("#value", Input)
        field.value, field.password = value, secret
        field.display = True
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep it, if it is right."""
        from runtime.errors import GuiagentError

        if event.input.id != "value":
            return
        try:
            self.keep(self._changing, event.value)
        except GuiagentError as error:
            self.about(("bad", str(error)))
            return
        self._leave_field()
        self.kept()

    def kept(self) -> None:
        """It was kept: the list may be another."""
        self.load()

    def keep(self, key: str, text: str) -> None:
        """Keep the new value. Raises what says why it cannot be."""
        raise NotImplementedError

    def action_close(self) -> None:
        """From the field to the table, from the table back."""
        if self.query_one("#value").display:
            self._leave_field()
        else:
            self.dismiss(None)

    def _leave_field(self) -> None:
        self.query_one("#value").display = False
        self.table.focus()


class SettingsList(Changing):
    """Every setting, where its value came from, what it is for; Enter changes it in the user's own file."""

    title_ = "settings"
    columns = ("setting", "value", "from")
    hint = "Enter change   / search   Esc back"

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        self._about: dict[str, str] = {}

    def find(self) -> dict[str, tuple[str, ...]]:
        """Each setting in a row."""
        rows = list(self.room.setting_rows())
        self._about = {key: about for key, _, _, about in rows}
        self._values = {key: value for key, value, _, _ in rows}
        return {key: (key, _end(value), _end(source)) for key, value, source, _ in rows}

    def describe(self, key: str) -> None:
        """What it is for."""
        self.about(("text", self._about.get(key, "")))

    def keep(self, key: str, text: str) -> None:
        """In the user's own file."""
        self.room.set(key, text)


def _end(text: str) -> str:
    """Of a path that is long the end."""
    return f"…{text[-25:]}" if len(text) > 26 else text
