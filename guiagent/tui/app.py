"""The app: its screens, its looks, its keys. It draws first and loads what is heavy behind the first picture."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.screen import Screen
from textual.theme import Theme

from guiagent.tui import commands, prefs
from guiagent.tui.composer import Composer
from guiagent.tui.details import Pages, keys
from guiagent.tui.run_screen import RunScreen
from guiagent.tui.work_screen import EXAMPLE, WorkScreen

if TYPE_CHECKING:
    from guiagent.tui.room import Room
    from guiagent.tui.work import Parts

THEMES = (
    Theme(
        prefs.DARK, primary="#4c8dae", secondary="#b39ddb", accent="#5ec4b6", foreground="#d8dee4",
        background="#14181c", surface="#1b2126", panel="#232a31", success="#7fc97f", warning="#e6b450",
        error="#ef6b73", dark=True,
    ),
    Theme(
        prefs.LIGHT, primary="#2f6f9f", secondary="#6a4fb0", accent="#00796b", foreground="#1c2328",
        background="#fbfbf8", surface="#f1f2ee", panel="#e4e7e3", success="#2e7d32", warning="#9a6200",
        error="#b3261e", dark=False,
    ),
)  # fmt: skip
KEY_NAMES = {
    "escape": "Esc", "question_mark": "?", "slash": "/", "enter": "Enter", "pageup": "PgUp", "pagedown": "PgDn",
    "tab": "Tab",
}  # fmt: skip
HUNG_UP = 129
"""128 + SIGHUP, as shells have it."""
TERMINATED = 143
"""128 + SIGTERM, as shells have it."""


class GuiagentApp(App[None]):
    """The terminal UI of guiagent."""

    CSS_PATH = "guiagent.tcss"
    TITLE = "guiagent"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *commands.bindings((*commands.GO, *commands.APP), priority=("app.quit",)),
    ]

    def __init__(
        self, overrides: Mapping[str, Any] | None = None, *, watch: str = "", sharp: Any = None,
        parts: Parts | None = None,
    ) -> None:  # fmt: skip
        """`watch` names a run to be watched at once; `sharp` is the widget for terminals that show real pixels."""
        super().__init__()
        self.room: Room | None = None
        self.sharp = sharp
        self.prefs = prefs.read()
        self.work_screen = WorkScreen()
        self.leaving = ""
        """What is said on the terminal once it is left."""
        self._overrides, self._watch, self._parts = overrides, watch, parts

    def get_default_screen(self) -> Screen[Any]:
        """The working view."""
        return self.work_screen

    def on_mount(self) -> None:
        """Looks and keys at once; everything heavy in a thread."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.prefs.theme if self.prefs.theme in self.available_themes else prefs.DARK
        known = {command.id for command in commands.ALL}
        self.set_keymap({name: key for name, key in self.prefs.keys.items() if name in known or "." in name})
        loop = asyncio.get_running_loop()
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # not in the main thread
            loop.add_signal_handler(signal.SIGTERM, self._told_to_end)
            loop.add_signal_handler(signal.SIGHUP, self.behind, self._vanish)
        self.call_after_refresh(self.behind, self._load)

    def behind(self, work: Callable[[], None]) -> None:
        """Do it in a thread that does not keep the process from ending."""
        threading.Thread(target=work, daemon=True).start()

    def from_behind(self, then: Callable[..., Any], *values: Any) -> None:
        """From such a thread: do this in the app's own; nothing where the app is gone."""
        with contextlib.suppress(RuntimeError):
            self.call_from_thread(then, *values)

    def _load(self) -> None:
        from guiagent.tui.gate import Policy
        from guiagent.tui.room import Room
        from runtime.errors import UsageError

        try:
            room = Room(self._overrides, self._parts, Policy(self.prefs.allow, self.prefs.refuse))
        except UsageError as error:
            self.from_behind(self._give_up, str(error), error.exit_code)
            return
        self.from_behind(self._furnish, room)

    def _give_up(self, why: str, code: int) -> None:
        self.leaving = why
        self.exit(return_code=code)

    def _furnish(self, room: Room) -> None:
        self.room = room
        self.work_screen.ready()
        if self.prefs.trouble:
            self.work_screen.notice(("warn", self.prefs.trouble))
        if self._watch:
            self.watch_run(self._watch)
        elif not prefs.welcomed():
            self.action_welcome()

    def close(self) -> None:
        """Stop what runs, free what was made: when the terminal is left already."""
        if self.room is not None:
            self.room.close()

    def _told_to_end(self) -> None:
        self.exit(return_code=TERMINATED)

    def _vanish(self) -> None:
        """The terminal is gone: stop what runs, and end without another word to it, which would wait for ever."""
        self.close()
        os._exit(HUNG_UP)

    # -- small things that screens ask for ---------------------------------------------------------------------------

    def key_of(self, name: str) -> str:
        """The key of a command as one reads it: `Ctrl+R`; empty where it has none."""
        return self._named(self.keys_of(name)[0])

    def keys_of(self, name: str) -> list[str]:
        """All keys of a command, as Textual names them."""
        command = next(c for c in commands.ALL if c.id == name)
        return [key.strip() for key in self.prefs.keys.get(name, command.keys).split(",")]

    def _named(self, first: str) -> str:
        if first in KEY_NAMES or not first:
            return KEY_NAMES.get(first, "")
        *held, last = first.split("+")
        last = KEY_NAMES.get(last, last.upper() if held or (last[0] == "f" and last[1:].isdigit()) else last)
        return "+".join([*(part.capitalize() for part in held), last])

    def get_key_display(self, binding: Any) -> str:
        """As the help names them."""
        return self._named(binding.key)

    @property
    def has_screen(self) -> bool:
        """Whether a viewer could show something on this computer's screen."""
        return self.room is not None and self.room.has_screen

    @property
    def editor(self) -> list[str]:
        """The user's editor, in words of a command line; empty where none is known."""
        return self.room.editor if self.room is not None else []

    def tell(self, text: str) -> None:
        """Say something on the screen at hand."""
        if isinstance(self.screen, RunScreen):
            self.screen.notice(("warn", text))
        else:
            self.notify(text, markup=False)

    def obey(self, text: str) -> None:
        """Do what a slash command says."""
        word, _, rest = text[1:].strip().partition(" ")
        command = commands.find(word)
        if command is None:
            self.tell(f"there is no command /{word}; /help lists them")
            return
        if word == "runs" and rest.strip():
            self.watch_run(rest.strip())
            return
        if word == "rewind":
            self.work_screen.rewind(rest.strip())
            return
        self.do(command.action)

    def do(self, action: str) -> None:
        """Do an action of the screen at hand, or else of the app."""
        for holder in (self.screen, self.work_screen, self):
            method = getattr(holder, f"action_{action}", None)
            if method is not None:
                method()
                return

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette lists the same commands as the help."""
        for command in commands.ALL:
            if command.slash:
                key = self.key_of(command.id)
                title = f"{command.slash}  ({key})" if key else command.slash
                yield SystemCommand(title, command.about, lambda action=command.action: self.do(action))

    # -- actions -----------------------------------------------------------------------------------------------------

    def watch_run(self, words: str) -> None:
        """Watch a run by its name, a part of it, or `last`; a benchmark by its folder."""
        from guiagent.tui.bench_screen import BenchScreen
        from guiagent.tui.watch_screen import WatchScreen
        from runtime.errors import GuiagentError

        if self.room is None:
            return
        try:
            if bench := self.room.bench(words):
                self.push_screen(BenchScreen(bench))
                return
            tail = self.room.watch(words)
        except GuiagentError as error:
            self.tell(str(error))
            return
        self.push_screen(WatchScreen(tail))

    def action_runs(self) -> None:
        """The list of runs."""
        from guiagent.tui.runs import Runs

        if self.room is not None:
            self.push_screen(Runs(self.room), self._run_chosen)

    def _run_chosen(self, chosen: tuple[str, str] | None) -> None:
        match chosen:
            case (folder, "resume"):
                self.work_screen.resume(Path(folder))
            case (folder, "play"):
                self.play(Path(folder))
            case (folder, _):
                self.watch_run(folder)

    def play(self, folder: Path) -> None:
        """Play a run again, and watch it."""
        from runtime.errors import GuiagentError

        room = self.room
        if room is None:
            return

        def behind() -> None:
            try:
                found = room.play(folder)
            except GuiagentError as error:
                self.from_behind(self.tell, str(error))
                return
            self.from_behind(self.watch_run, str(found))

        self.tell(f"playing {folder.name} again; it is shown as soon as it begins")
        self.behind(behind)

    def action_models(self) -> None:
        """The list of models."""
        from guiagent.tui.lists import Models

        if self.room is not None:
            self.push_screen(Models(self.room), lambda _: self.work_screen.ready())

    def action_settings(self) -> None:
        """The settings."""
        from guiagent.tui.lists import SettingsList

        if self.room is not None:
            self.push_screen(SettingsList(self.room), lambda _: self.work_screen.ready())

    def action_memory(self) -> None:
        """What it remembers."""
        from guiagent.tui.remembered import Remembered

        if self.room is not None:
            self.push_screen(Remembered(self.room))

    def action_welcome(self) -> None:
        """What works on this machine."""
        from guiagent.tui.welcome import Welcome

        if self.room is not None:
            self.push_screen(Welcome(self.room), self._welcomed)

    def _welcomed(self, tries: bool | None) -> None:
        prefs.welcome_seen()
        composer = self.work_screen.query_one(Composer)
        if tries and not composer.text:
            composer.put(EXAMPLE)
        self.work_screen.ready()

    def action_theme(self) -> None:
        """Dark or light; it is kept."""
        self.theme = prefs.LIGHT if self.current_theme.dark else prefs.DARK
        self.prefs.theme = self.theme
        if why := prefs.write(self.prefs):
            self.tell(why)

    def action_help(self) -> None:
        """All keys."""
        self.push_screen(Pages("help", keys(lambda name: " ".join(map(self._named, self.keys_of(name))))))

    def action_leave(self) -> None:
        """Leave the terminal as it was; what runs is stopped behind it."""
        self.exit(return_code=0)

    async def action_quit(self) -> None:
        """The same."""
        self.action_leave()

    def action_help_quit(self) -> None:
        """Ctrl+C holds a run as it does in `guiagent run`; else it says how to leave."""
        if self.work_screen.running:
            self.work_screen.action_hold()
        else:
            self.tell(f"{self.key_of('app.quit')} leaves")
