"""The screen as the agent sees it, in half cells or real pixels; the target is drawn before the act."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from guiagent.tui.clean import clean, cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult, RenderResult

    from grounding.geometry import Point
    from guiagent.tui.pictures import Run, Shot
    from guiagent.tui.room import Room
    from planner.action import Input

HALF = "▀"
LONGEST_PASTE = 4000


class HalfCells(Widget):
    """A picture in rows of half cells, in the middle of the widget."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._rows: list[Strip] = []
        self._wide = 0
        self.note = ""
        """What stands there when there is no picture."""

    def show(self, rows: list[list[Run]] | None, note: str = "") -> None:
        """Show these rows, or the note."""
        if not rows and not self._rows and note == self.note:
            return
        self._rows = [_strip(row) for row in rows or ()]
        self._wide = self._rows[0].cell_length if self._rows else 0
        self.note = note
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of cells."""
        width, height = self.size
        blank = Strip.blank(width, self.rich_style)
        if not self._rows:
            words = cut(self.note, width)
            if y != height // 2 or not words:
                return blank
            left = max(0, (width - len(words)) // 2)
            return Strip([Segment(" " * left + words, self.rich_style)]).adjust_cell_length(width, self.rich_style)
        top = max(0, (height - len(self._rows)) // 2)
        if not 0 <= y - top < len(self._rows):
            return blank
        left = max(0, (width - self._wide) // 2)
        row = self._rows[y - top]
        return Strip([Segment(" " * left, self.rich_style), *row]).adjust_cell_length(width, self.rich_style)


def _strip(row: list[Run]) -> Strip:
    return Strip([Segment(HALF * run.cells, _style(run.upper, run.lower)) for run in row])


@lru_cache(maxsize=20_000)
def _style(upper: tuple[int, int, int], lower: tuple[int, int, int]) -> Style:
    return Style(color=Color.from_triplet(ColorTriplet(*upper)), bgcolor=Color.from_triplet(ColorTriplet(*lower)))


class Picture(Widget):
    """A shot, drawn by a thread: the newest wish counts, and older ones are forgotten."""

    DEFAULT_CSS: ClassVar[str] = "Picture > * { width: 1fr; height: 1fr; }"

    class Failed(Message):
        """A picture could not be shown."""

        def __init__(self, why: str) -> None:
            super().__init__()
            self.why = why

    class Worked(Message):
        """The person worked the desktop behind the picture."""

        def __init__(self, action: Input) -> None:
            super().__init__()
            self.action = action

    def __init__(self, sharp: Any = None, **options: Any) -> None:
        """`sharp` is textual-image's widget where the terminal shows real pixels."""
        super().__init__(**options)
        self._sharp = sharp
        self._shot: Shot | None = None
        self._drawn: tuple[object, ...] | None = None
        self.room: Room | None = None
        self.mine: Callable[[str], bool] = lambda key: False
        """Whether a key is kept back from the desktop, while the person has it."""

    def compose(self) -> ComposeResult:
        """Half cells, or real pixels."""
        yield HalfCells() if self._sharp is None else self._sharp()

    def render(self) -> RenderResult:
        """Nothing of its own."""
        return ""

    def show(self, room: Room, shot: Shot | None, note: str = "") -> None:
        """Show this one; the same one again costs nothing."""
        self.room, self._shot = room, shot
        if shot is None:
            self._drawn = None
            if self._sharp is None:
                self.query_one(HalfCells).show(None, note)
            return
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """In the new size."""
        self._draw()

    # -- while the person has the desktop ----------------------------------------------------------------------------

    def give(self, *, given: bool) -> None:
        """Give the person the desktop: what is pressed and clicked here is done there."""
        self.can_focus = given
        if given:
            self.focus()

    def on_key(self, event: events.Key) -> None:
        """To the desktop, but for the keys that end it."""
        if not self.has_focus or self.room is None or self.mine(event.key):
            return
        event.stop()
        event.prevent_default()
        self._work(self.room.pressed(event.key, event.character))

    def on_paste(self, event: events.Paste) -> None:
        """To the desktop, too."""
        if self.has_focus and self.room is not None:
            event.stop()
            self._work(self.room.typed(clean(event.text)[:LONGEST_PASTE]))

    def on_click(self, event: events.Click) -> None:
        """At the pixel behind this cell."""
        if self.has_focus and self.room is not None and (at := self._pixel(event)) is not None:
            self._work(self.room.clicked(at, event.button, event.chain))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Turn the wheel there."""
        if self.has_focus and self.room is not None and (at := self._pixel(event)) is not None:
            self._work(self.room.scrolled(at, 1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Turn it back."""
        if self.has_focus and self.room is not None and (at := self._pixel(event)) is not None:
            self._work(self.room.scrolled(at, -1))

    def _pixel(self, event: events.MouseEvent) -> Point | None:
        if self._shot is None or self.room is None:
            return None
        x, y = event.screen_x - self.region.x, event.screen_y - self.region.y
        return self.room.point_at(self._shot, *self.size, x, y)

    def _work(self, action: Input | None) -> None:
        if action is not None:
            self.post_message(self.Worked(action))

    def _draw(self) -> None:
        size = self.size
        wanted = (self._shot, size)
        if self._shot is None or self.room is None or size.width < 4 or size.height < 2 or wanted == self._drawn:
            return
        self._drawn = wanted
        self._make(self.room, self._shot, size.width, size.height)

    @work(thread=True, exclusive=True, group="picture", exit_on_error=False)
    def _make(self, room: Room, shot: Shot, width: int, height: int) -> None:
        try:
            made: Any = (
                room.half_cells(shot, width, height) if self._sharp is None else room.pixels(shot, width, height)
            )
        except (OSError, ValueError) as error:  # ValueError: Pillow's for a picture that is cut short
            self.app.call_from_thread(self._tell, f"no picture: {error}")
            return
        if self.is_attached and self._shot == shot:  # it may be another one of the same
            self.app.call_from_thread(self._put, made)

    def _put(self, made: Any) -> None:
        if not self.is_attached:
            return
        if self._sharp is None:
            self.query_one(HalfCells).show(made)
        else:
            self.query_one(self._sharp).image = made

    def _tell(self, why: str) -> None:
        if self.is_attached and self._sharp is None:
            self.query_one(HalfCells).show(None, why)
