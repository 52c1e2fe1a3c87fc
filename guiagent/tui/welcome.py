"""The first start: what works on this machine, what does not and what to do about it, the model, a safe first try."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from guiagent.tui.lines import Words
from guiagent.tui.lists import pull

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from guiagent.doctor import Finding
    from guiagent.tui.room import Room


class Welcome(ModalScreen[bool]):
    """Gives whether the person wants to try the example."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "try", "try it", id="welcome.try"),
        Binding("d", "download", "download", id="welcome.download"),
        Binding("c", "check", "check again", id="welcome.check"),
        Binding("escape,q", "close", "close", id="welcome.close"),
    ]

    def __init__(self, room: Room) -> None:
        super().__init__()
        self._room = room
        self._no_model = self._possible = False

    def compose(self) -> ComposeResult:
        """Words that scroll, and a line for what goes on."""
        with VerticalScroll(id="pages") as scroll:
            scroll.border_title = "welcome to guiagent"
            yield Words(id="pages-words")
            yield Words(id="box-about")

    def on_mount(self) -> None:
        """Look around at once."""
        self.query_one(VerticalScroll).focus()
        self.action_check()

    def action_check(self) -> None:
        """Look around again."""
        self._say((("head", "What you say here is done on a desktop, by a model on this machine."), ("text", ""),
                   ("dim", "looking at what works here …")))  # fmt: skip
        self.about()
        app = self.app
        app.behind(lambda: app.from_behind(self._found, self._room.findings()))  # type: ignore[attr-defined]

    def _found(self, findings: tuple[Finding, ...]) -> None:
        if not self.is_attached:
            return
        room = self._room
        self._no_model = any(f.name == "model" and f.status == "missing" for f in findings)
        self._possible = room.can_run(findings) and not self._no_model
        fine = [f.name for f in findings if f.status == "ok"]
        parts: list[tuple[str, str]] = [
            ("head", "What you say here is done on a desktop, by a model on this machine."),
            ("dim", "No account, no key; nothing leaves this computer."),
            ("text", ""),
            ("good", f"✓ {len(fine)} of {len(findings)} checks are fine"),
        ]
        for finding in findings:
            if finding.status != "ok":
                needed = finding.status == "missing" and finding.needed
                sign, tone = ("✗", "bad") if needed else ("!", "warn")
                parts.append((tone, f"{sign} {finding.name}: {finding.found}"))
                if finding.remedy and finding.name != "model":  # which is offered below
                    parts.append(("dim", f"  → {finding.remedy}"))
        parts.append(("text", ""))
        parts += self._next()
        self._say(tuple(parts))
        first = "d download   " if self._no_model else "Enter try it   " if self._possible else ""
        self.query_one(VerticalScroll).border_subtitle = f"{first}c check again   Esc close"

    def _next(self) -> list[tuple[str, str]]:
        if self._no_model:
            name = self._room.settings.model
            size = self._room.model_size(name)
            much = f", {size / 1e9:.1f} GB" if size else ""
            return [("key", f"d  downloads the model {name}{much}. It goes on where it stopped, should it stop.")]
        if not self._possible:
            return [("bad", "A run is not possible yet: put right what is marked ✗, then press c.")]
        return [
            (
                "key",
                "Enter  puts an example into the composer. It is done in the sandbox: a screen of its own, "
                "with applications of its own, where nothing of yours can be lost.",
            ),
        ]

    def _say(self, parts: tuple[tuple[str, str], ...]) -> None:
        self.query_one("#pages-words", Words).show(parts)

    def about(self, *parts: tuple[str, str]) -> None:
        """What goes on."""
        self.query_one("#box-about", Words).show(parts)

    def action_download(self) -> None:
        """Get the model."""
        if self._no_model:
            pull(self, self._room, self._room.settings.model, lambda *said: self.action_check())

    def action_try(self) -> None:
        """To the composer, with the example in it."""
        self.dismiss(self._possible)

    def action_close(self) -> None:
        """To the composer."""
        self.dismiss(False)
