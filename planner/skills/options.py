"""Skills for options and settings, wherever an application keeps them."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from grounding.element import Element
from planner import moves
from planner.action import Scroll
from planner.appmap import Command, likeness, plain
from planner.hands import Hands
from planner.skills.skill import Act, Body, Effect, Text, Thing, skill

SETTABLE = ("checkbox", "switch", "toggle_button", "radio", "combo", "spin", "text", "slider")
PAGES = ("tab", "list_item", "tree_item", "cell", "row", "icon")
"""What a page of a dialog is turned to by."""
OPENING_S = 2.5
"""How long the preferences of a large application may take to come up."""
LISTED = ("list_item", "tree_item", "cell", "row", "icon", "radio")
"""What a list of all that can be chosen consists of."""
SURE = 0.7
"""How like an option's name that of a page is that is there for it."""
MOST_PAGES = 14
MOST_TURNS = 8
"""How often a list is scrolled down to find something in it."""
_ON = ("on", "true", "yes", "enabled", "enable", "checked", "1", "show", "visible")
_OFF = ("off", "false", "no", "disabled", "disable", "unchecked", "0", "hide", "hidden")


@skill('set an option of the open application, such as set_option("Line numbers", "on")')
def set_option(hands: Hands, name: Thing, value: Text) -> Body:
    value = hands.filled(value)
    is_tick = value.lower() in ("", *_ON, *_OFF)
    done = yield from by_menu(hands, [name if is_tick else value], value)
    if done is None:
        done = yield from _by_usual_keys(hands, name, value)
    if done is not None:
        return done
    began = hands.dialog
    yield from _to_known_place(hands, name)
    done = yield from _by_preferences(hands, name, value)
    is_own = began is not None and hands.dialog is not None and moves.same_window(began, hands.dialog)
    if hands.dialog is not None and not is_own:
        yield from _leave(hands)
    elif done.worked is not False and (is_own or _is_settings(hands)):
        yield from _apply(hands)
    return done


def by_menu(hands: Hands, names: Sequence[str], value: str) -> Generator[Act, None, Effect | None]:
    """An option that is an item of a menu, by one of its names: a tick, or one of several. None when there is none."""
    for phrase in filter(None, names):
        found = [c for c in hands.commands(_phrases(phrase)) if c.enabled]
        if found and likeness(found[0].label, _phrases(phrase)) > 0.85:
            return (yield from _tick(hands, found[0], value.lower() not in _OFF))
    return None


USUAL = {"bookmarks bar": "ctrl+shift+b", "bookmark bar": "ctrl+shift+b", "side pane": "F9", "sidebar": "F9"}
"""Parts of a window, and the keys that show and hide them nearly everywhere."""
_PARTS = ("toolbar", "panel", "status_bar", "menu_bar", "list", "tree")


def _by_usual_keys(hands: Hands, name: str, value: str) -> Generator[Act, None, Effect | None]:
    """A part of the window by the keys for it, judged by whether the tree shows it. None where none are known."""
    keys = next((keys for part, keys in USUAL.items() if part in name.casefold()), None)
    if keys is None or hands.blind:
        return None
    wanted = value.lower() not in _OFF
    if _shows_part(hands, name) != wanted:
        yield from moves.press(hands, keys, f"{name} by the usual keys")
        yield from moves.wait_until(hands, lambda h: _shows_part(h, name) == wanted, 1.0)
    if _shows_part(hands, name) != wanted:
        return None
    return Effect(True, f"{name} is {'shown' if wanted else 'hidden'}")


def _shows_part(hands: Hands, name: str) -> bool:
    bare = name.casefold().replace(" bar", "").replace("show ", "")
    return any(likeness(e.label, (name, bare)) > 0.85 for e in hands.elements(_PARTS) if e.label)


def _phrases(name: str) -> list[str]:
    """What an option may be called: menus often leave the verb out, people put it in."""
    words = name.split()
    bare = [w for w in words if w.lower() not in ("show", "display", "enable", "use", "hide", "the")]
    return [name, " ".join(bare), f"Show {' '.join(bare)}"] if bare else [name]


def _tick(hands: Hands, command: Command, wanted: bool) -> Generator[Act, None, Effect | None]:
    """Look whether a menu item is ticked, and click it if it is not as wanted. None when it is no option."""
    yield from moves.through_menu(hands, command, but_last=True)
    item = moves.menu_element(hands, command.path)
    if item is None or (item.role == "menu_item" and not {"checked", "checkable"} & item.states):
        yield from moves.close_menus(hands)
        return None
    if ("checked" in item.states) == wanted:
        yield from moves.close_menus(hands)
        return Effect(True, f"{command.label} is {'on' if wanted else 'off'} already")
    yield from moves.click_on(hands, item, f"turn {command.label} {'on' if wanted else 'off'}")
    yield from moves.wait_until(hands, lambda h: _is_ticked(h, command) in (wanted, None), 0.6)
    now = _is_ticked(hands, command)
    if now is not None and now != wanted:
        return Effect(False, f"{command.label} stayed {'on' if now else 'off'}")
    return Effect(None if now is None else True, f"{command.label} was turned {'on' if wanted else 'off'}")


def _is_ticked(hands: Hands, command: Command) -> bool | None:
    """Whether a menu's item is ticked now; None when that cannot be seen."""
    return next(("checked" in e.states for e in hands.scene.commands if e.path == command.path), None)


def _to_known_place(hands: Hands, name: str) -> moves.Doing:
    """Open the dialog and the page that the app map knows this option to be on; it forgets what is not there."""
    places = [place for place in hands.appmap.where(hands.scene, name) if place.option and place.menu]
    if not places or _option(hands, name) is not None:
        return False
    place = places[hands.attempt % len(places)]
    command = next((c for c in hands.appmap.commands(hands.scene) if c.path == place.menu), Command(place.menu))
    yield from moves.through_menu(hands, command, risk="read")
    if not (yield from moves.wait_until(hands, moves.opened_dialog, 2.0)):
        return False
    for label in place.page:
        turned = [e for e in hands.elements(PAGES) if e.label == label]
        if turned and "selected" not in turned[0].states:
            yield from moves.click_on(hands, turned[0], f"turn to {label}", risk="read")
            yield from moves.wait_until(hands, lambda h: _option(h, name) is not None, 0.6)
    if _option(hands, name) is None:
        hands.appmap.forget(hands.scene, place)
        return False
    return True


def _by_preferences(hands: Hands, name: str, value: str) -> Body:
    """An option of the window or its preferences: on the page that is shown, else page by page."""
    found = yield from _on_a_page(hands, name, value, turn=hands.dialog is not None or _is_settings(hands))
    if found is None:
        if not (yield from moves.command(hands, "preferences", moves.opened_dialog, seconds=OPENING_S)):
            return Effect(False, f"no option is called {name!r}, and no preferences could be opened")
        found = yield from _on_a_page(hands, name, value, turn=True)
    if found is None:
        return Effect(False, f"no option is called {name!r}")
    if found.role in LISTED:
        return (yield from _choose(hands, found, name))
    return (yield from _set(hands, found, value))


def _is_settings(hands: Hands) -> bool:
    """Whether the application in front is there to set things, so that its own window has the options."""
    app = hands.app
    return app is not None and bool({"Settings", "DesktopSettings"} & set(app.categories))


def _on_a_page(hands: Hands, name: str, value: str, *, turn: bool) -> Generator[Act, None, Element | None]:
    """The option; where it may `turn` pages, on any of them, and an item of a list that is its value will do too.

    In the window of a document such an item would be a file, or a word of it. A page that is called like the option has
    it, whatever else can be chosen on the one that is shown.
    """
    if (found := _option(hands, name)) is not None or not turn:
        return found
    pages = _pages(hands, name)
    named = [page for page in pages if likeness(page[0], [name]) > SURE]
    for page in [*named, None, *(page for page in pages if page not in named)]:
        if page is not None and not (yield from _turned_to(hands, page, name, value)):
            continue
        found = _meant(hands, name, value) or (yield from _further_down(hands, name, value))
        if found is not None:
            return found
    return None


def _turned_to(hands: Hands, page: tuple[str, str], name: str, value: str) -> moves.Doing:
    """Turn to a page by its label and role; False where it is not there."""
    label, role = page
    found = next((e for e in hands.elements((role,)) if e.label == label), None)
    if found is not None and "selected" not in found.states:
        yield from moves.click_on(hands, found, f"turn to {label}", risk="read")
        yield from moves.wait_until(hands, lambda h: _meant(h, name, value) is not None, 0.4)
    return found is not None


def _further_down(hands: Hands, name: str, value: str) -> Generator[Act, None, Element | None]:
    """The item of a long list that is what the option is set to: the list is scrolled until it is shown."""
    if _is_said_by_kind(value):
        return None
    least = hands.facts.size.height // 10
    lists = [e for e in hands.elements(("table", "list", "tree")) if e.box.height > least]
    longest = max(lists, key=lambda e: e.box.area, default=None)
    if longest is None:
        return None
    for _ in range(MOST_TURNS):
        yield Act(Scroll(at=longest.box.centre, notches=3), f"look for {value} further down", risk="read")
        if (found := _meant(hands, name, value)) is not None or not hands.changed:
            return found
    return None


def _is_said_by_kind(value: str) -> bool:
    """Whether a value is on, off or a number: no item of a list is called so."""
    return value.casefold() in ("", *_ON, *_OFF) or value.isdigit()


def _pages(hands: Hands, name: str) -> list[tuple[str, str]]:
    """The pages of the window in front by their labels and roles, the one called like the option first."""
    tabs = hands.elements(("tab",))
    window = hands.window
    left = window.box.left + window.box.width * 2 // 5 if window is not None and window.box else 0
    listed = [e for e in hands.elements(PAGES[1:]) if e.label and e.box.right <= left]
    found = dict.fromkeys((e.label, e.role) for e in (tabs or listed))
    return sorted(found, key=lambda page: -likeness(page[0], [name]))[:MOST_PAGES]


def _meant(hands: Hands, name: str, value: str) -> Element | None:
    """The option of this name on the page that is shown; else the item of a list there that is what it is set to."""
    if (found := _option(hands, name)) is not None:
        return found
    if _is_said_by_kind(value):
        return None
    items = [e for e in hands.elements(LISTED) if e.enabled and e.label.casefold() == value.casefold()]
    return items[0] if len(items) == 1 else None


def _choose(hands: Hands, item: Element, name: str) -> Body:
    """Choose an item of a list that shows what can be chosen."""
    yield from moves.click_on(hands, item, f"choose {item.label} for {name}")
    yield from moves.wait_until(hands, moves.changed, 0.6)
    now = next((e for e in hands.elements(LISTED) if e.label == item.label), None)
    chosen = now is not None and bool({"selected", "checked", "focused"} & now.states)
    return Effect(chosen or None, f"{item.label} was chosen")


def _option(hands: Hands, name: str) -> Element | None:
    scored = [(likeness(e.label, _phrases(name)), e) for e in hands.elements(SETTABLE) if e.enabled]
    best = max(scored, key=lambda pair: pair[0], default=None)
    if best and best[0] > 0.62:
        return best[1]
    return hands.field(name) if hands.dialog is not None or _is_settings(hands) else None


def _set(hands: Hands, option: Element, value: str) -> Body:
    if option.role in ("checkbox", "switch", "toggle_button", "radio"):
        wanted = value.lower() not in _OFF
        if ("checked" in option.states or "pressed" in option.states) != wanted:
            yield from moves.click_on(hands, option, f"turn {option.label} {value}")
    elif option.role == "combo":
        yield from moves.pick(hands, option, value)
    else:
        yield from moves.fill(hands, option, value)
        yield from moves.press(hands, "Tab", "leave the field")
    return _is_set(hands, option, value)


def _is_set(hands: Hands, option: Element, value: str) -> Effect:
    now = next((e for e in hands.scene.shown if (option.key and e.key == option.key) or e.label == option.label), None)
    if now is None:
        return Effect(None, f"{option.label} was set")
    if option.role in ("checkbox", "switch", "toggle_button", "radio"):
        on = bool({"checked", "pressed"} & now.states)
        return Effect(on == (value.lower() not in _OFF), f"{option.label} is {'on' if on else 'off'}")
    same = value.casefold() in (now.text.casefold(), now.label.casefold())
    return Effect(same or None, f"{option.label} says {now.text or now.label}")


def _apply(hands: Hands) -> moves.Doing:
    """Have what was set take effect, where a button waits for that."""
    button = next((b for b in hands.elements(("button",)) if plain(b.label) == "apply" and b.enabled), None)
    return (yield from moves.click_on(hands, button, "press Apply")) if button is not None else False


def _leave(hands: Hands) -> moves.Doing:
    """Close a settings dialog and keep what was set."""
    for verbs in (("ok", "apply", "save"), ("close", "done")):
        scored = [(likeness(b.label, verbs), b) for b in hands.elements(("button",)) if b.enabled]
        best = max(scored, key=lambda pair: pair[0], default=None)
        if best and best[0] > 0.85:
            yield from moves.click_on(hands, best[1], f"press {best[1].label}")
            if hands.dialog is None:
                return True
    if hands.dialog is not None:
        yield from moves.press(hands, "Escape", "close the dialog", risk="read")
    return True
