"""A run that is steered: asked about, held, spoken to, taken over. What it is told goes by its gate and control."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.widgets import Input

from guiagent.tui import commands
from guiagent.tui.card import CROP_CELLS, Card
from guiagent.tui.composer import Composer
from guiagent.tui.feed import Feed
from guiagent.tui.lines import Status
from guiagent.tui.run_screen import RunScreen
from guiagent.tui.screen_pane import Picture

if TYPE_CHECKING:
    from guiagent.tui.gate import Mode
    from guiagent.tui.pictures import Shot
    from guiagent.tui.work import Job
    from planner.planner import Move

TWICE_S = 1.5
"""Two presses of Esc within so many seconds stop the run."""
IDLE, RUNNING, ASKED = "Say what you want done", "Say something; it joins the next step", "Your answer"
UNDERSTOOD = "with what was said before it means this: Enter does that, or write it otherwise; Esc does it as said"
KEPT_BACK = ("run.go", "run.stop", "run.mode", "app.quit")
"""Commands whose keys do not go to the desktop while the person has it."""
FIRST = ("run.mode", "run.speak", "run.command")
"""Commands that come before what has the focus: what is typed right behind their keys is for the composer already."""


class SteeredScreen(RunScreen):
    """The panes of a run, and everything that is said to it while it is on."""

    BINDINGS: ClassVar[list[BindingType]] = [*commands.bindings(commands.RUN, priority=FIRST)]

    def __init__(self) -> None:
        super().__init__()
        self.job: Job | None = None
        self.mode: Mode = "risky"
        self.mode_chosen: Mode | None = None
        """By its key; until then the settings say it."""
        self._escaped = 0.0
        self._pending: Move | None = None
        self._question = ""
        self._proposal = ""
        self._taken = False
        self._over = True

    @property
    def running(self) -> bool:
        """Whether a run is on."""
        return self.job is not None and not self._over

    @property
    def _ended(self) -> bool:
        """Whether the run has come to its end, and its thread has not: it learns from what it did."""
        return self.running and self.state is not None and self.state.over

    def tick(self) -> None:
        """Take in what happened; ask what is to be asked."""
        super().tick()
        job = self.job
        if job is None:
            return
        if job.gate.pending is not self._pending:
            self._ask(job.gate.pending)
        if job.gate.question != self._question:
            self._question = job.gate.question
            self._questioned()
        if job.gate.proposal != self._proposal:
            self._proposal = job.gate.proposal
            self._proposed()
        taken = self.state is not None and self.state.pill == "yours"
        if taken != self._taken:
            self._taken = taken
            self._given()
        if self._ended:
            self._prompt()

    def fill_status(self, status: Status) -> None:
        """What keeps the run from going on, and what lets it."""
        job, go = self.job, self.gui.key_of("run.go")
        if job is None or not self.running or self._ended:
            status.warning = ""
        elif job.control.stopped:
            status.warning = "stopping"
        elif self._taken:
            status.warning = f"the desktop is yours: click, type; {go} hands it back"
        elif job.control.paused and self.state is not None and self.state.held:
            status.warning = f"held: {go} goes on, Esc Esc stops"
        elif job.control.paused:
            after = "yours" if job.control.hands.taken else "held"
            status.warning = f"{after} after this action: {go} goes on, Esc Esc stops"
        else:
            status.warning = ""

    def _prompt(self) -> None:
        composer = self.query_one(Composer)
        going = self.running and not self._ended
        composer.placeholder = ASKED if self._question or self._proposal else RUNNING if going else IDLE

    # -- asking ------------------------------------------------------------------------------------------------------

    def _ask(self, move: Move | None) -> None:
        """Show the card, or take it away."""
        self._pending = move
        card, room = self.query_one(Card), self.room
        had = card.has_focus or any(child.has_focus for child in card.query("*"))
        card.display = move is not None
        if move is None or room is None:
            if had:
                self._back_to_work()
            return
        composer = self.query_one(Composer)
        writing = composer.has_focus and bool(composer.text)
        card.ask(room, move, self._crop(move))
        if writing:  # what is being written must not allow anything
            composer.focus()
            self.notice(("warn", "it waits for your word: Tab to the card when you have written"))
        self.app.bell()

    def _crop(self, move: Move) -> Shot | None:
        room, folder, state = self.room, self.folder, self.state
        if room is None or folder is None or state is None:
            return None
        return room.card_shot(folder, state, move, CROP_CELLS[0] / CROP_CELLS[1] / 2)

    def on_card_aimed(self, event: Card.Aimed) -> None:
        """Another place is looked at: draw it."""
        if self.state is not None:
            self.state.move = event.move
            self.show_picture()
        self.query_one(Card).show_crop(self._crop(event.move))

    def on_card_said(self, event: Card.Said) -> None:
        """The person's word."""
        room, job = self.room, self.job
        if room is None or job is None:
            return
        job.gate.decide(room.decision(event.word, event.move, changed=event.changed))
        self._back_to_work()

    def _questioned(self) -> None:
        """The agent asks something: the composer is where it is answered."""
        self._prompt()
        composer = self.query_one(Composer)
        if self._question:
            self.notice(("warn", f"it asks: {self._question}"))
            composer.focus()
            self.app.bell()
        else:
            self.notice()
            self._back_to_work()

    def _proposed(self) -> None:
        """How the instruction was understood, in the composer, to be taken or changed."""
        self._prompt()
        composer = self.query_one(Composer)
        if self._proposal:
            self.notice(("warn", UNDERSTOOD))
            composer.offer(self._proposal)
            composer.focus()
            self.app.bell()
        else:
            self.notice()
            self._back_to_work()

    def _given(self) -> None:
        """The desktop is the person's, or no longer."""
        picture = self.query_one("#screen", Picture)
        picture.mine = self._kept_back
        picture.give(given=self._taken)
        self.query_one("#left").set_class(self._taken, "-yours")
        self._back_to_work()

    def _kept_back(self, key: str) -> bool:
        return any(key in self.gui.keys_of(name) for name in KEPT_BACK)

    def on_picture_worked(self, event: Picture.Worked) -> None:
        """What the person does goes to the desktop by way of the run."""
        if self.job is not None:
            self.job.control.hands.do(event.action)

    def _back_to_work(self) -> None:
        card = self.query_one(Card)
        if self._taken:
            self.query_one("#screen", Picture).focus()
        elif self._pending is not None and card.display and card.move is not None:
            card.focus()
        elif self.running:
            self.query_one(Feed).focus()
        else:
            self.query_one(Composer).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The footer shows what can be done now."""
        if action in ("speak", "command") and self.is_mounted:
            return not self._writes
        if action in ("go", "stop", "hold", "take", "rewind") and self.is_mounted:
            held = self.job is not None and self.job.control.paused
            there = action != "rewind" or (self.job is not None and self.job.rewinds)
            return self.running and there and (action != "go" or held) and not (action == "take" and self._taken)
        return super().check_action(action, parameters)

    # -- steering ----------------------------------------------------------------------------------------------------

    def action_hold(self) -> None:
        """Esc: hold after the action at hand; twice: stop."""
        job = self.job
        if job is None or not self.running:
            self.query_one(Composer).focus()
            return
        if self._proposal:  # as it was said
            self.query_one(Composer).take()
            job.gate.reply(job.task)
            return
        now = time.monotonic()
        if now - self._escaped < TWICE_S:
            self.action_stop()
            return
        self._escaped = now
        job.control.pause()
        self.pulse()

    def action_go(self) -> None:
        """Go on after a hold."""
        if self.job is not None and self.running and self.job.control.paused:
            self.job.control.resume()
            self._escaped = 0.0
            self.pulse()

    def action_take(self) -> None:
        """Take over: after the action at hand the desktop is the person's."""
        job = self.job
        if job is None or not self.running or self._taken:
            return
        if self._question or self._proposal:
            self.notice(("warn", "it waits for an answer: give one first"))
            return
        job.control.take()
        self.pulse()

    def action_rewind(self) -> None:
        """From the palette: before the last step, or before the one that is looked at."""
        row = self.query_one(Feed).row
        step = row.number if row is not None and row.number else self.state.step if self.state is not None else 0
        self.rewind(str(step))

    def rewind(self, words: str) -> None:
        """Set the desktop back to before a step, where it can be, and hold there."""
        job, room = self.job, self.room
        if job is None or room is None or not self.running:
            self.notice(("warn", "no run is on, so there is no step to go back to"))
        elif not job.rewinds:
            self.notice(("warn", "this desktop cannot be set back: what was done stays done. A virtual machine can"))
        elif not words.isdigit() or not 1 <= int(words) <= (self.state.step if self.state else 0):
            self.notice(("warn", f"name a step that was done, such as /rewind 3; {words or 'nothing'} is none"))
        else:
            room.rewind(job, int(words))
            self.pulse()

    def action_stop(self) -> None:
        """Stop the run."""
        if self.job is not None and self.running:
            self.job.control.stop()
            self.pulse()

    def action_mode(self) -> None:
        """ask, risky, auto, and again."""
        modes: tuple[Mode, ...] = ("ask", "risky", "auto")
        self.mode = self.mode_chosen = modes[(modes.index(self.mode) + 1) % len(modes)]
        if self.job is not None:
            self.job.gate.mode = self.mode
        self.pulse()

    @property
    def _writes(self) -> bool:
        """Whether letters are for a field, or for the desktop that the person has."""
        return isinstance(self.focused, Composer | Input | Picture)

    def action_speak(self) -> None:
        """To the composer, at once: the next letter may be on its way."""
        self.set_focus(self.query_one(Composer))

    def action_command(self) -> None:
        """To the composer, with a slash in it where it is empty."""
        composer = self.query_one(Composer)
        self.set_focus(composer)
        if not composer.text:
            composer.insert("/")
