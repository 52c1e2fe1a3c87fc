"""The working view: one instruction after another is said, and seen done."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from guiagent.tui import commands, prefs
from guiagent.tui.card import Card
from guiagent.tui.clean import clean
from guiagent.tui.composer import Composer, Suggestions
from guiagent.tui.feed import Feed
from guiagent.tui.lines import Head, Status, Words
from guiagent.tui.steered_screen import IDLE, SteeredScreen

if TYPE_CHECKING:
    from textual.widget import Widget

    from guiagent.events import Line
    from guiagent.tui.work import Job

EXAMPLE = 'Write the sentence "A small model can work a real desktop." in the text editor and save it as hello.txt.'


class WorkScreen(SteeredScreen):
    """One instruction after another, on a desktop that stays."""

    def __init__(self) -> None:
        super().__init__()
        self._early = False
        """Whether an instruction was sent before it could be begun."""

    def below(self) -> list[Widget]:
        """The card, what is said to the person, the composer with its suggestions."""
        suggestions = Suggestions(id="suggestions")
        suggestions.display = False
        return [
            Card(id="card"),
            Words(id="notice"),
            suggestions,
            Composer(suggestions, id="composer", placeholder=IDLE),
        ]

    def on_mount(self) -> None:
        """Ready to be told what to do."""
        self.begin()
        self.query_one(Card).display = False
        self.notice()
        composer = self.query_one(Composer)
        composer.know(prefs.history())
        composer.focus()
        self._home()

    def ready(self) -> None:
        """The room is there."""
        room = self.room
        if room is not None:
            self.mode = self.mode_chosen or room.settings.ask
            self.model, self.context = room.settings.model, room.settings.context_tokens
            self._home()
            self.pulse()
        self._begin_early()

    def _begin_early(self) -> None:
        """What was sent before it could be begun, if something was: as it stands now."""
        if self._early:
            self._early = False
            self.notice()
            self.on_composer_sent(Composer.Sent(self.query_one(Composer).text.strip()))

    def _home(self) -> None:
        keys = self.gui.key_of
        self.query_one("#home", Words).show((
            ("head", "guiagent"),
            ("text", "Say what you want done. It is done on a screen of its own, where nothing of yours is touched."),
            ("text", ""),
            ("dim", "for example"),
            ("key", EXAMPLE),
            ("text", ""),
            ("dim", "Enter sends   Shift+Enter new line   / commands   @ files"),
            ("dim", f"{keys('go.runs')} runs   {keys('go.models')} models   {keys('go.settings')} settings   "
                    f"{keys('app.help')} help   {keys('app.quit')} leave"),
        ))  # fmt: skip

    # -- what happens ------------------------------------------------------------------------------------------------

    def pump(self) -> list[Line]:
        """The events of the job, and what it asks."""
        job = self.job
        if job is None:
            return []
        ended = job.over
        lines = job.lines()
        if any(line.event.kind == "said" for line in lines):
            self.notice()  # that it was going to be heard
        self.folder, self.context = job.folder, job.context
        if ended and not lines and not self._over:
            self._finished(job)
        return lines

    def fill_head(self, head: Head) -> None:
        """The pill says what is waited for, too."""
        super().fill_head(head)
        job = self.job
        head.mode = self.mode
        if self.room is not None:
            head.place = self.room.settings.desktop
        if self.room is None or job is None:
            head.pill, head.said = ("ready" if self.room else "starting"), ""
        elif self.running and job.gate.proposal:
            head.pill, head.said = "asking", job.task
        elif self.running and self.state is not None and not self.state.rows and job.saying:
            head.pill, head.said = "starting", f"{job.saying} …"
        elif self._over and job.failed:
            head.pill, head.said = "failed", job.task
        if self.running and job is not None and job.control.stopped and not self._ended:
            head.pill = "stopping"
        elif self.running and job is not None and job.control.paused and head.pill not in ("held", "yours"):
            head.pill = "holding"

    def _finished(self, job: Job) -> None:
        """The thread of the run has nothing more to tell."""
        self._over = True
        self.refresh_bindings()
        self._escaped = 0.0
        self._prompt()
        if job.failed:
            hint = f"  {self.gui.key_of('go.models')} gets it." if job.missing else ""
            self.notice(("bad", f"{job.failed}{hint}"), *((("dim", job.trace),) if job.trace else ()))
            if not (self.state and self.state.rows):
                self._panes(there=False)
        elif self.state is not None and self.state.outcome not in ("solved", "stopped", None):
            self.notice(("bad", self.state.reason))
        else:
            self.notice()
        composer = self.query_one(Composer)
        if not self.query_one(Feed).has_focus or self.query_one(Feed).row is None:
            composer.focus()
        self._begin_early()

    # -- the composer ------------------------------------------------------------------------------------------------

    def on_composer_sent(self, event: Composer.Sent) -> None:
        """A command, an answer, something said in between, or the next instruction."""
        text, composer = event.text, self.query_one(Composer)
        job = self.job
        if text.startswith("/") and "\n" not in text and commands.find(text[1:].split(" ")[0]):
            composer.take()
            self.gui.obey(text)
        elif (self._question or self._proposal) and job is not None:
            if text:
                composer.take()
                job.gate.reply(text)
        elif self._ended and text and job is not None:
            self._early = True
            job.control.stop()  # it is only learning from what it did
            self.notice(("dim", "it begins as soon as what was learned is kept"))
        elif self.running and job is not None:
            if text:
                composer.take()
                job.control.say(text)
                self.notice(("dim", f"› {text}   (joins the next step)"))
                self._back_to_work()
            elif job.control.paused:
                self.action_go()
        elif text:
            self._start(text)

    def resume(self, folder: Path) -> None:
        """Go on with an earlier run, here."""
        if self.running:
            self.notice(("warn", f"a run is on: {self.gui.key_of('run.stop')} stops it"))
        elif self.room is not None:
            self._start("", folder)

    def _start(self, text: str, resumed: Path | None = None) -> None:
        from runtime.errors import GuiagentError

        room, composer = self.room, self.query_one(Composer)
        if room is None:
            self._early = True
            self.notice(("dim", "it begins as soon as everything is loaded"))
            return
        try:
            self.job = room.start(text, self.mode, resumed)
        except GuiagentError as error:
            self.notice(("bad", str(error)))
            return
        self._over, self._escaped = False, 0.0
        self.refresh_bindings()
        if text:
            composer.take()
            prefs.remember(text)
        self.notice()
        self.follow(room.new_state(), None)
        if self.state is not None:
            self.state.task = self.job.task
        self.model = room.settings.model
        self._prompt()
        self.query_one(Feed).focus()
        self.pulse()

    def on_composer_refused(self, event: Composer.Refused) -> None:
        """What was written stays; what could not be taken in is told."""
        self.notice(("bad", event.why))

    def action_new(self) -> None:
        """A fresh desktop, an empty view."""
        if self.running:
            self.notice(("warn", f"a run is on: {self.gui.key_of('run.stop')} stops it"))
            return
        self.job = self.state = self.folder = None
        self.notice()
        self._panes(there=False)
        self.query_one(Feed).show(None)
        self.query_one(Status).pieces = ()
        self.query_one(Composer).focus()
        if self.room is not None:
            self.run_worker(self.room.workshop.fresh, thread=True, group="fresh")
        self.pulse()

    def action_editor(self) -> None:
        """Write in the editor of `VISUAL` or `EDITOR`."""
        composer = self.query_one(Composer)
        command = self.gui.editor
        if not command:
            self.notice(("warn", "no editor is known: set VISUAL or EDITOR"))
            return
        handle, name = tempfile.mkstemp(suffix=".txt", prefix="guiagent-")
        os.close(handle)
        path = Path(name)
        try:
            path.write_text(composer.text, "utf-8")
            with self.app.suspend():
                subprocess.run([*command, name], check=False)
            composer.put(clean(path.read_text("utf-8", errors="replace")).rstrip("\n"))
        except OSError as error:
            self.notice(("bad", f"the editor {command[0]} could not be started: {error.strerror}"))
        finally:
            path.unlink(missing_ok=True)
            self.refresh()
