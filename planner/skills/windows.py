"""Skills for applications and windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grounding.geometry import Box, Point
from grounding.target import Target
from grounding.tree import Window
from planner import moves
from planner.action import Click, Launch
from planner.hands import Hands
from planner.kinds import owner
from planner.skills.skill import Act, App, Body, Effect, Thing, choice, skill


@skill("start an application, unless it is open already", risk="read", needs_window=False)
def launch(hands: Hands, app: App) -> Body:
    open_already = [w for w in hands.windows if _belongs(hands, w, app)]
    if open_already and hands.attempt == 0:
        front = hands.dialog
        if front is not None and front not in open_already and front.app == open_already[0].app:
            yield from moves.dismiss(hands)  # its own dialog holds its window back
        if hands.window in open_already:
            return Effect(True, f"{app} is open already")
        return (yield from to_front(hands, open_already[0]))
    if hands.blind and hands.attempt == 0 and (titles := _titles(hands, app)):
        yield from moves.click(hands, titles, f"{app} is open already", risk="read")
        return Effect(True, f"{app} is open already, by its title")
    before = len(hands.windows)
    yield Act(Launch(app=app), f"start {app}", risk="read")
    patience = 8 if hands.attempt == 0 else 2
    came = yield from moves.wait_until(hands, lambda h: _came(h, before), patience)
    if not came and not hands.blind and len(hands.windows) > before:
        return Effect(None, f"a window of {app} is open, with little in it that can be told")
    if not came and not hands.windows and hands.since_start().boxes:
        return Effect(None, f"something came up that may be {app}")
    return Effect(came, f"{app} is open" if came else f"no window of {app} came up")


def _came(hands: Hands, before: int) -> bool:
    """A window is there that can be worked in, and has come to rest: a splash screen or an empty frame is not."""
    if hands.blind:
        return hands.large(hands.since_start()) and not hands.changed
    inside = [e for e in hands.scene.shown if e.window == hands.scene.active_index]
    return len(hands.windows) > before and len(inside) > 2 and not hands.changed


def _titles(hands: Hands, app: str) -> tuple[Target, ...]:
    """Without a tree: lines that end as the titles of an application's windows do."""
    name = next((a.name for a in hands.facts.apps if a.id == app), app)
    lines = [e for e in hands.scene.shown if e.role in ("text_line", "label", "heading")]
    ends = tuple({app.casefold(), name.casefold()})
    return tuple(moves.target(e, "a title") for e in lines if e.label.casefold().rstrip(" .").endswith(ends))


def _belongs(hands: Hands, window: Window, app: str) -> bool:
    known = owner(window, hands.facts.apps)
    return known.id == app if known else window.app.casefold() == app.casefold()


@skill("bring an open window to the front by its title or application", risk="read")
def switch_window(hands: Hands, title: Thing) -> Body:
    wanted = hands.windows_like(title)
    if not wanted:
        return Effect(False, f"no open window is called {title!r}")
    return (yield from to_front(hands, wanted[0]))


def to_front(hands: Hands, window: Window) -> Body:
    """Bring this very window to the front; it may have no title."""
    name = repr(window.title) if window.title else f"the window of {window.app}"
    for turn in range(len(hands.windows) + 2):
        if hands.window is not None and moves.same_window(hands.window, window):
            return Effect(True, f"{name} is in front")
        if turn == 0 and (spot := _free_spot(hands, window)):
            yield Act(Click(at=spot), f"{name} by its title bar", risk="read")
            yield from moves.wait_until(
                hands, lambda h: h.window is not None and moves.same_window(h.window, window), 0.6
            )
        else:  # the first goes to the window before this one and back again, the other through all
            keys = "alt+Tab" if turn < 2 and not hands.attempt else "alt+Escape"
            yield from moves.press(hands, keys, "the next window", risk="read")
    return Effect(False, f"{name} did not come to the front")


TITLE_BAR = 11
"""Pixels from a window's upper edge to the middle of its title bar."""


def _free_spot(hands: Hands, window: Window) -> Point | None:
    """A place of its title bar that no other window can cover; none where there is no such place."""
    now = next((w for w in hands.windows if moves.same_window(w, window)), window)
    if not now.box:
        return None
    others = [w.box for w in hands.windows if w.box and not moves.same_window(w, window)]
    row = now.box.top + TITLE_BAR
    spots = (Point(now.box.left + now.box.width * part // 12, row) for part in (4, 5, 6, 7, 8, 3, 2))
    screen = hands.facts.size
    inside = (p for p in spots if 0 <= p.x < screen.width and 0 <= p.y < screen.height)
    return next((p for p in inside if not any(box.has(p) for box in others)), None)


choice("WindowState", "maximize", "minimize", "restore")
WindowState = str


@skill('change the window in front: set_window("maximize"), set_window("minimize"), set_window("restore")', risk="read")
def set_window(hands: Hands, state: WindowState) -> Body:
    window = hands.window
    if window is None:
        return Effect(False, "no window is in front")
    if _has_state(hands, window, state):
        return Effect(True, f"it is so already ({state})")
    for way in (_double_click_title(hands, window, state), *_by_keys(hands, state)):
        if (yield from way) and (yield from moves.wait_until(hands, lambda h: _has_state(h, window, state), 0.8)):
            return Effect(True, f"the window was changed ({state})")
    yield from moves.close_menus(hands)
    return Effect(False, "the window is as it was")


def _by_keys(hands: Hands, state: str) -> Iterator[moves.Doing]:
    """The chord of most desktops, and the letter in the menu of the window."""
    for keys in (_STATE_KEYS[state], f"alt+space {_MENU_KEYS[state]}"):
        yield _pressed(hands, keys.split(), state)


def _pressed(hands: Hands, chords: Sequence[str], why: str) -> moves.Doing:
    for chord in chords:
        yield from moves.press(hands, chord, why, risk="read")
    return True


_STATE_KEYS = {"maximize": "super+Up", "minimize": "super+Down", "restore": "super+Down"}
_MENU_KEYS = {"maximize": "x", "minimize": "n", "restore": "r"}
"""What stands underlined in the menu of a window, with most window managers."""
EDGE = 8
"""Pixels that a window which fills the screen may leave at its edges; bars of tasks take one edge more."""
BAR = 64


def _has_state(hands: Hands, window: Window, state: str) -> bool:
    now = next((w for w in hands.windows if moves.same_window(w, window)), None)
    size = hands.facts.size
    if state == "minimize":
        return now is None or not now.box or (hands.window is not None and not moves.same_window(hands.window, window))
    fills = now is not None and now.box.width >= size.width - EDGE and now.box.height >= size.height - BAR
    return fills if state == "maximize" else now is not None and bool(now.box) and not fills


def _double_click_title(hands: Hands, window: Window, state: str) -> moves.Doing:
    """Most window managers maximise and restore by two clicks on the title bar."""
    if state == "minimize" or not window.box:
        return False
    box = Box(window.box.left, window.box.top, window.box.right, window.box.top + 20)
    point = Point(box.left + box.width // 3, box.top + TITLE_BAR)
    bar = Target(words="title bar", point=point, box=box, confidence=0.9, how="given", reason="the top of a window")
    yield Act(Click(at=point, count=2), "two clicks on the title bar", bar, risk="read")
    return True
