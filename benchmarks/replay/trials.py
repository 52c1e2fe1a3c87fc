"""One replay on one desktop, judged from outside."""

from __future__ import annotations

import shutil
import tempfile
import time
from datetime import datetime
from pathlib import Path

from PIL.Image import Image

from benchmarks.replay.cases import Case, runs_folder
from benchmarks.replay.changes import Place, changed
from grounding.eyes import Eyes
from grounding.facts import Facts
from grounding.from_tree import elements_of
from grounding.geometry import Box
from grounding.screenshot import Screenshot
from grounding.tree import Node, Tree
from guiagent import __version__
from guiagent.agent import Ending
from guiagent.desktop.sandbox import Sandbox
from guiagent.record import Record, RunInfo
from guiagent.replay import Hand, Pace, Player, Story, read_story, swap_of
from guiagent.replay.cleaning import cleaned
from guiagent.trace import Trace
from planner.action import Input, Launch, Wait
from runtime.value import Value


class Trial(Value):
    """How one replay went."""

    case: str
    change: str
    right: bool
    """Replayed to its end and done, seen from outside; for a target that is gone: stopped with nothing pressed."""
    outcome: str
    why: str
    steps: int
    of: int
    seconds: float
    recorded_s: float
    pressed: int = 0
    """What was pressed after the target was gone."""


def story_of(each: Case, folder: Path) -> Story:
    """Its recording; a person's without the slips, as `guiagent replay` has it."""
    story = read_story(Trace(runs_folder(folder, each)))
    return cleaned(story)[0] if story.planner == "person" else story


def replay(each: Case, change: str, folder: Path, keep: Path | None = None) -> Trial:
    """Replay a case under a change."""
    story = story_of(each, folder)
    with changed(each, change) as place:
        texts = " ".join(
            parameter.value for parameter in story.parameters
        )  # a file that is open already is no parameter
        given = {old: new for old, new in place.given.items() if old in texts}
        player = _player(story, place.desktop, given, keep)
        ending = player.run()
        right = ending.outcome == "solved" and _holds(place)
        return _trial(each, change, player, right, ending)


def gone(each: Case, folder: Path, keep: Path | None = None) -> Trial:
    """Replay a case whose target goes away half-way: what the middle action needs is taken off the screen."""
    story = story_of(each, folder)
    with changed(each, "unchanged") as place:
        without = Without(place.desktop, story)
        player = _player(story, place.desktop, {}, keep)
        player.hand.desktop = without
        player.pace = Pace(patience=3.0)
        ending = player.run()
        right = ending.outcome == "not_solved" and without.gone and not without.pressed
        trial = _trial(each, "gone", player, right, ending)
        return trial.model_copy(update={"pressed": without.pressed})


class Without:
    """A desktop on which one thing is gone, from the moment on that it would be needed."""

    def __init__(self, desktop: Sandbox, story: Story) -> None:
        self._desktop = desktop
        self._left = place_of_loss(story)
        beat = story.beats[self._left]
        thing = beat.anchors[0].element if beat.anchors else beat.before.focus
        self._thing = (thing.role, thing.label) if thing else None
        self._seen_at = thing.box.grow(2) if thing and "tree" not in thing.seen_by else None
        self.pressed = 0

    @property
    def gone(self) -> bool:
        return self._left <= 0

    @property
    def facts(self) -> Facts:
        return self._desktop.facts

    def look(self) -> Screenshot:
        shot = self._desktop.look()
        if not self.gone:
            return shot
        image = shot.image.copy()
        tree = self._desktop.tree()
        for number in self._gone(tree):
            _paint_over(image, tree.nodes[number].box.cut(shot.box))
        if self._seen_at is not None:  # known by its pixels: then it is where it was, on an unchanged screen
            _paint_over(image, self._seen_at.cut(shot.box))
        return Screenshot(image)

    def tree(self) -> Tree:
        tree = self._desktop.tree()
        if not self.gone:
            return tree
        if self._thing is None:
            return Tree()
        return Tree(_cut(tree.nodes, self._gone(tree)), tree.windows, tree.complete, tree.note)

    def perform(self, action: Input) -> None:
        if not isinstance(action, Wait):
            self.pressed += self.gone
            self._left -= 1
        self._desktop.perform(action)

    def close(self) -> None:
        self._desktop.close()

    def _gone(self, tree: Tree) -> set[int]:
        """The nodes of what is gone: those that the thing's name and role are made of."""
        things = [e for e in elements_of(tree, self._desktop.look().box) if (e.role, e.label) == self._thing]
        keys, boxes = {e.key for e in things if e.key}, {e.box for e in things}
        return {n for n, node in enumerate(tree.nodes) if node.key in keys or (not node.key and node.box in boxes)}


def place_of_loss(story: Story) -> int:
    """The action whose target is taken away: the middle one of those that need something to be there."""
    needing = [place for place, beat in enumerate(story.beats) if not isinstance(beat.action, Launch)]
    return needing[len(needing) // 2]


def _cut(nodes: tuple[Node, ...], gone: set[int]) -> tuple[Node, ...]:
    """The nodes with what is gone made nothing: no name, no place, not to be seen; the others keep their numbers."""
    return tuple(
        Node(role="separator", parent=node.parent, window=node.window) if number in gone else node
        for number, node in enumerate(nodes)
    )


def _paint_over(image: Image, box: Box) -> None:
    """Fill a box with the colour just left of it."""
    pixel = image.convert("RGB").getpixel((max(0, box.left - 2), min(image.height - 1, max(0, box.centre.y))))
    assert isinstance(pixel, tuple)
    image.paste(pixel, (box.left, box.top, box.right, box.bottom))


def _player(story: Story, desktop: Sandbox, given: dict[str, str], keep: Path | None) -> Player:
    folder = keep or Path(tempfile.mkdtemp(prefix="replay-"))
    shutil.rmtree(folder, ignore_errors=True)
    info = RunInfo(
        id=folder.name, task=story.task, started=datetime.now().astimezone().isoformat(timespec="seconds"),
        guiagent=__version__, planner="replay", desktop="sandbox",
    )  # fmt: skip
    homes = (story.facts.home if story.facts else "", desktop.facts.home)
    hand = Hand(desktop, Eyes(("pixels", "tree")), Record(folder, info))
    return Player(story, hand, swap_of(story.parameters, given, homes), loose=bool(given))


def _holds(place: Place, patience: float = 5.0) -> bool:
    """What came of it, once it is there: writing a file takes a moment."""
    end = time.monotonic() + patience
    while not place.holds(place.desktop, dict(place.given)):
        if time.monotonic() > end:
            return False
        time.sleep(0.3)
    return True


def _trial(each: Case, change: str, player: Player, right: bool, ending: Ending) -> Trial:
    return Trial(
        case=each.id, change=change, right=right, outcome=ending.outcome, why=ending.reason, steps=ending.steps,
        of=len(player.story.beats), seconds=round(ending.seconds, 2), recorded_s=round(player.story.seconds, 2),
    )  # fmt: skip
