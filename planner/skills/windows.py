"""Skills for applications and windows."""

from __future__ import annotations

from grounding.target import Target
from planner import moves
from planner.action import Launch
from planner.hands import Hands
from planner.skills.skill import Act, App, Body, Effect, Thing, skill


@skill("start an application, unless it is open already", risk="read", needs_window=False)
def launch(hands: Hands, app: App) -> Body:
    open_already = [w for w in hands.windows if _belongs(hands, w.app, app)]
    if open_already and hands.attempt == 0:
        if hands.window in open_already:
            return Effect(True, f"{app} is open already")
        return (yield from switch_window(hands, open_already[0].title))
    if hands.blind and hands.attempt == 0 and (titles := _titles(hands, app)):
        yield from moves.click(hands, titles, f"{app} is open already", risk="read")
        return Effect(True, f"{app} is open already, by its title")
    before = len(hands.windows)
    yield Act(Launch(app=app), f"start {app}", risk="read")
    patience = 8 if hands.attempt == 0 else 2
    came = yield from moves.wait_until(hands, lambda h: _came(h, before), patience)
    return Effect(came, f"{app} is open" if came else f"no window of {app} came up")


def _came(hands: Hands, before: int) -> bool:
    """A window is there that can be worked in, and has come to rest: a splash screen or an empty frame is not."""
    if hands.blind:
        return hands.changed
    inside = [e for e in hands.scene.shown if e.window == hands.scene.active_index]
    return len(hands.windows) > before and len(inside) > 2 and not hands.changed


def _titles(hands: Hands, app: str) -> tuple[Target, ...]:
    """Without a tree: lines that end as the titles of an application's windows do."""
    name = next((a.name for a in hands.facts.apps if a.id == app), app)
    lines = [e for e in hands.scene.shown if e.role in ("text_line", "label", "heading", "window")]
    ends = tuple({app.casefold(), name.casefold()})
    return tuple(moves.target(e, "a title") for e in lines if e.label.casefold().rstrip(" .").endswith(ends))


def _belongs(hands: Hands, owner: str, app: str) -> bool:
    known = next((a for a in hands.facts.apps if a.id == app), None)
    names = {app.casefold(), *(n.casefold() for n in ((known.name, *known.command[:1]) if known else ()))}
    return owner.casefold() in names


@skill("bring an open window to the front by its title or application", risk="read")
def switch_window(hands: Hands, title: Thing) -> Body:
    wanted = hands.windows_like(title)
    if not wanted:
        return Effect(False, f"no open window is called {title!r}")
    for _ in range(len(hands.windows) + 1):
        if hands.window is not None and hands.window.key == wanted[0].key:
            return Effect(True, f"{hands.window.title!r} is in front")
        yield from moves.press(hands, "alt+Escape" if hands.attempt else "alt+Tab", "the next window", risk="read")
    return Effect(False, f"{title!r} did not come to the front")
