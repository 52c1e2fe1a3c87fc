"""The small moves that skills are made of: press, type, click, a command by its meaning, a dialog's field and button.

Each is a generator to be used with `yield from`; it yields the actions it wants done and returns what came of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence

from grounding.element import Element
from grounding.geometry import Point
from grounding.target import How, Target
from grounding.tree import Window
from planner.action import Click, Press, Risk, Type, Wait
from planner.appmap import Command, likeness, plain
from planner.checking import NotThere
from planner.hands import BUTTONS, FIELDS, Hands
from planner.skills.concepts import Concept, concept
from planner.skills.skill import Act

Doing = Generator[Act, None, bool]
"""A move at work; it returns whether it had its effect."""
Seen = Callable[[Hands], bool]

SLOW = 3
"""How many times as long as was meant is waited at most, where each look takes its time."""
MENU_TITLES = ("File", "Edit", "Search", "View", "Document", "Tools", "Insert", "Format", "Options", "Help")
"""Where a menu bar that only pixels show usually keeps its commands."""
MENU_ITEMS = ("menu", "menu_item", "check_menu_item", "radio_menu_item")
CHOICES = ("menu_item", "list_item", "radio_menu_item", "check_menu_item", "cell", "text_line")
"""What the list of a combo box is made of."""
YES = ("yes", "replace", "overwrite", "ok", "continue", "confirm")
OPEN = frozenset({"checked", "pressed", "expanded"})
"""How a button tells that what it opens is open."""
GO_ON = (*YES, "delete", "move to trash", "remove", "trash", "merge", "apply")
OVERWRITE = ("replace", "overwrite", "yes", "keep current format", "ok")
HEARD = ("ok", "close", "continue", "got it", "dismiss")
"""What the only button of a dialog says that asks nothing."""
REFUSE = ("cancel", "close", "no")
DISCARD = ("don't save", "do not save", "close without saving", "discard", "discard changes", "no")


def changed(hands: Hands) -> bool:
    """The last action changed something."""
    return hands.changed


def anything(hands: Hands) -> bool:
    """Whatever is seen will do: for commands that change nothing on the screen."""
    return True


def opened_dialog(hands: Hands) -> bool:
    """A dialog is in front (or, without a tree, something as large as one came up: no letter or title)."""
    return hands.dialog is not None or (hands.blind and hands.came_up)


# -- elementary ----------------------------------------------------------------------------------------------------


def press(hands: Hands, keys: str, why: str = "", *, risk: Risk | None = None) -> Doing:
    """Press a chord."""
    yield Act(Press(keys=keys), why or f"press {keys}", risk=risk)
    return hands.changed


def type_text(hands: Hands, text: str, why: str = "", *, pause: float = 0.0) -> Doing:
    """Type into whatever has the keyboard, with a pause between keys where they may be dropped."""
    yield Act(Type(text=text, pause=pause), why or "type")
    return hands.changed


def click(hands: Hands, targets: Sequence[Target], why: str = "", *, count: int = 1, risk: Risk | None = None) -> Doing:
    """Click the first of the ranked targets."""
    if not targets:
        return False
    yield Act(Click(at=targets[0].point, count=count), why, targets[0], tuple(targets[1:4]), risk)
    return hands.changed


def click_on(hands: Hands, element: Element, why: str = "", *, count: int = 1, risk: Risk | None = None) -> Doing:
    """Click an element of the scene at hand."""
    return (yield from click(hands, [target(element)], why, count=count, risk=risk))


def click_at_start(hands: Hands, element: Element, why: str = "", *, hold: Sequence[str] = ()) -> Doing:
    """Click where a line of text begins; with shift held, select from the cursor to there."""
    box = element.box
    at = Point(box.left + 1, min(box.top + 7, box.centre.y))
    yield Act(Click(at=at, hold=tuple(hold)), why, target(element), risk="read")
    return hands.changed


def target(element: Element, reason: str = "known element") -> Target:
    """An element as a target."""
    words = element.label or element.role
    how: How = "tree" if "tree" in element.seen_by else "text"
    return Target(
        words=words, point=element.box.centre, box=element.box, confidence=0.97 * element.confidence, how=how,
        element=element.id, label=element.label, role=element.role, reason=reason,
    )  # fmt: skip


def wait_until(hands: Hands, seen: Seen, seconds: float = 1.2) -> Doing:
    """Look again until something is seen; the desktop may need a moment. A slow desktop gets `SLOW` times as long."""
    pause = 0.2
    ends = time.monotonic() + SLOW * seconds
    while not seen(hands) and seconds > 0 and time.monotonic() < ends:
        yield Act(Wait(seconds=pause), "wait for it", risk="read")
        seconds -= pause
        pause = min(0.5, pause * 1.5)
    return seen(hands)


# -- commands ------------------------------------------------------------------------------------------------------


def command(
    hands: Hands, meaning: str, seen: Seen = changed, *, seconds: float = 1.2, risk: Risk | None = None
) -> Doing:
    """Give a command by its meaning, in one way after another until its effect is seen.

    The ways: the shortcut that the menu names, the menu itself, a button, the keys of convention. A step that is
    tried again begins with the next way.
    """
    if hands.blind:  # what the last step did may still be going on, and would pass for the effect
        yield Act(Wait(seconds=0.3), "let it come to rest", risk="read")
        yield from wait_until(hands, lambda h: not h.changed, 1.0)
    ways = list(_ways(hands, meaning, risk))
    turn = hands.attempt % len(ways) if ways else 0
    for way in ways[turn:] + ways[:turn]:
        if (yield from _tried(hands, way)) and (yield from wait_until(hands, seen, seconds)):
            return True
    return False


def _tried(hands: Hands, way: Doing) -> Doing:
    """Go a way; whether there was anything to do on it that could be done."""
    tried = False
    try:
        for act in way:
            yield act
            tried = True
    except NotThere:  # something else stands where it would click, or nothing: the next way
        if tried:
            yield from close_menus(hands)
        return False
    return tried


def _ways(hands: Hands, meaning: str, risk: Risk | None) -> Iterator[Doing]:
    known = concept(meaning)
    labels = known.named(hands.app.name if hands.app else "")
    commands = [c for c in hands.commands(labels) if not set(plain(c.label).split()) & set(known.never)]
    for found in (c for c in (*_inside(hands, known), *commands) if c.enabled):
        if found.shortcut:
            yield press(hands, found.shortcut, f"{found.words} by its shortcut", risk=risk)
        yield _by_menu(hands, found, risk)
    said = tuple(label for label in known.labels if ">" not in label)
    if _buttons(hands, said):
        yield _by_button(hands, said, risk)
    for keys in dict.fromkeys((*(c.shortcut for c in commands if c.shortcut and not c.enabled), *known.keys)):
        owner = hands.owner_of(keys)
        if owner is None or not owner.enabled:
            yield press(hands, keys, f"{known.labels[0] if known.labels else meaning} by the usual keys", risk=risk)
    if known.labels and (hands.blind or not hands.appmap.commands(hands.scene)):
        yield through_seen_menus(hands, known.labels, risk)


def _inside(hands: Hands, known: Concept) -> list[Command]:
    """The commands of a menu that is called so, which has the usual keys: `New > Presentation` by ctrl+n."""
    every = (c for c in hands.appmap.commands(hands.scene) if c.shortcut in known.keys)
    return [c for c in every if any(plain(part) in known.labels for part in c.path[:-1])]


def _buttons(hands: Hands, labels: Sequence[str]) -> tuple[Target, ...]:
    return hands.first(labels, roles=(*BUTTONS, "menu_item"), sure=0.85)


def _by_button(hands: Hands, labels: Sequence[str], risk: Risk | None) -> Doing:
    """Click the button where it is now: the ways that were tried before may have moved it."""
    buttons = _buttons(hands, labels)
    return (yield from click(hands, buttons, f"the {buttons[0].label} button", risk=risk)) if buttons else False


def through_menu(hands: Hands, found: Command, risk: Risk | None = None, *, but_last: bool = False) -> Doing:
    """Open the menus down to a command and click it; with `but_last` only open them."""
    path = found.path[:-1] if but_last else found.path
    went = yield from _down_menus(hands, path, "read" if but_last else risk)
    if but_last and went == len(path):
        return (yield from wait_until(hands, lambda h: menu_element(h, found.path) is not None, 1.2))
    if 0 < went < len(path):  # Escape closes some windows where no menu is open
        yield from close_menus(hands)
    return went == len(path) and hands.changed


def _by_menu(hands: Hands, found: Command, risk: Risk | None) -> Doing:
    """Give a command through its menus. Raises `NotThere` where they do not show it."""
    if (yield from _down_menus(hands, found.path, risk)) < len(found.path):
        raise NotThere(f"the menus do not show {found.words!r}")
    return hands.changed


def _down_menus(hands: Hands, path: tuple[str, ...], risk: Risk | None) -> Generator[Act, None, int]:
    """Click one menu after another, and the command at the end; how many of them were there to be clicked."""
    for depth in range(1, len(path) + 1):
        here = path[:depth]
        if depth > 1:
            yield from wait_until(hands, lambda h, p=here: menu_element(h, p) is not None, 1.2)  # type: ignore[misc]
        item = menu_element(hands, here)
        if item is None:
            return depth - 1
        yield from click_on(hands, item, f"menu {here[-1]}", risk=risk if depth == len(path) else "read")
    return len(path)


def close_menus(hands: Hands) -> Doing:
    """Close whatever menus are open."""
    for _ in range(3):
        yield from press(hands, "Escape", "close the menu", risk="read")
        if not any(e.role in MENU_ITEMS and len(e.path) > 1 for e in hands.scene.shown):
            break
    return True


def menu_element(hands: Hands, path: tuple[str, ...]) -> Element | None:
    """A menu or an item of one that is shown now."""
    shown = (e for e in hands.scene.shown if e.role in MENU_ITEMS)
    found = next((e for e in shown if e.path == path or (len(path) == 1 and not e.path and e.label == path[0])), None)
    return found or _of_popover(hands, path)


def _of_popover(hands: Hands, path: tuple[str, ...]) -> Element | None:
    """The button that opens a menu made of buttons, or a button in it while it is open."""
    openers = [e for e in hands.elements(BUTTONS) if e.label == path[0]]
    if not openers or len(path) == 1:
        return openers[0] if openers else None
    items = [e for e in hands.elements((*BUTTONS, "checkbox", "radio")) if e.label == path[1]]
    if not any((was := hands.before(e)) and OPEN & was.states for e in openers):
        items = [e for e in items if hands.before(e) is None]  # a button beside the menu may be called the same
    is_open = any(OPEN & e.states for e in openers)
    return items[0] if items and is_open and len(path) == 2 else None


def through_seen_menus(hands: Hands, labels: Sequence[str], risk: Risk | None = None) -> Doing:
    """Where no tree tells what is in the menus: open one after another and look."""
    for title in dict.fromkeys((*hands.appmap.menus_with(hands.scene, labels), *MENU_TITLES)):
        titles = [t for t in hands.find(title, sure=0.8) if _may_be_menu(hands, t)]
        if not titles:
            continue
        yield from click(hands, titles, f"open the {title} menu", risk="read")
        items = [t for t in hands.first(labels, sure=0.85) if hands.panel is None or hands.panel.has(t.point)]
        if items:
            return (yield from click(hands, items, f"menu item {items[0].label}", risk=risk))
        yield from press(hands, "Escape", "close the menu")
    return False


def _may_be_menu(hands: Hands, at: Target) -> bool:
    """Whether a place can be the title of a menu: in the upper part, of this window, and no button."""
    element = hands.element(at)
    if element is not None and not hands.blind:
        ours = element.window in (hands.scene.active_index, -1)
        if not ours or element.role in BUTTONS:
            return False
    return at.point.y < 0.35 * hands.facts.size.height


def context_command(
    hands: Hands, at: Target, meaning: str, seen: Seen = changed, *, submenus: Sequence[str] = ()
) -> Doing:
    """Give a command from the menu that a right click opens, or from one of its submenus."""
    return (yield from context_meaning(hands, at, concept(meaning), seen, submenus=submenus))


def context_meaning(
    hands: Hands, at: Target, meaning: Concept, seen: Seen = changed, *, submenus: Sequence[str] = ()
) -> Doing:
    """The same for what has no name of its own among the concepts."""
    yield Act(Click(at=at.point, button="right"), f"the menu of {at.label or at.words}", at, risk="read")
    labels = meaning.labels
    for below in (False, True):
        phrases = (*labels, *submenus) if not below else labels
        yield from wait_until(hands, lambda h, p=phrases: bool(_context_items(h, p)), 1.6)  # type: ignore[misc]
        if items := _context_items(hands, labels):
            yield from click(hands, items, f"menu item {items[0].label}")
            return (yield from wait_until(hands, seen))
        if below or not (titles := _context_items(hands, submenus)):
            break
        yield from click(hands, titles, f"menu {titles[0].label}", risk="read")
    yield from close_menus(hands)
    return False


def _context_items(hands: Hands, labels: Sequence[str]) -> tuple[Target, ...]:
    return hands.first(labels, roles=(*MENU_ITEMS, "text_line"), sure=0.8, anywhere=True) if labels else ()


# -- fields and dialogs --------------------------------------------------------------------------------------------


def fill(hands: Hands, field: Element, text: str) -> Doing:
    """Replace what a field holds, and look whether it arrived: dialogs may still be busy when they come up."""
    name = field.label or "the field"
    if "focused" not in field.states:
        yield from click_on(hands, field, f"into {name}", count=1)
    silent = False
    for turn in range(2):
        if turn or hands.blind:
            yield from _select_line(hands, name)
        elif field.text or field.role in ("spin", "combo"):
            yield from press(hands, "ctrl+a", f"select what {name} holds", risk="read")
        yield from type_text(hands, text, f"fill {name}")
        now = hands.again(field)
        if now is None or now.role != "text" or now.text == text:
            return True
        silent = not now.text  # some fields never tell what they hold
    return silent


def _select_line(hands: Hands, name: str) -> Doing:
    """Select a field's line from end to end: some dialogs give `ctrl+a` to the window behind them."""
    yield from press(hands, "Home", f"go to the start of {name}", risk="read")
    return (yield from press(hands, "shift+End", f"select what {name} holds", risk="read"))


def pick(hands: Hands, combo: Element, value: str) -> Doing:
    """Choose a value from a combo box."""
    if combo.text.casefold() == value.casefold():
        return True
    yield from click_on(hands, combo, f"open {combo.label}", risk="read")
    return (yield from choose(hands, combo, value))


def choose(hands: Hands, combo: Element, value: str) -> Doing:
    """Choose from a combo box that is open: by a click where its list shows the value, else by keys down to it."""
    yield from wait_until(hands, lambda h: bool(h.first((value,), roles=CHOICES, sure=0.8)), 0.6)
    if items := hands.first((value,), roles=CHOICES, sure=0.8, anywhere=True):
        return (yield from click(hands, items, f"choose {value}"))
    steps = _steps(hands, combo.text or combo.label, value)
    for _ in range(abs(steps)):
        yield from press(hands, "Down" if steps > 0 else "Up", f"towards {value}", risk="read")
    yield from press(hands, "Return" if steps else "Escape", f"choose {value}" if steps else "close the list")
    return bool(steps)


def _steps(hands: Hands, now: str, wanted: str) -> int:
    """How far below the one value the other stands in the list that holds both; 0 when that is not known."""
    items = [e for e in hands.scene.elements if e.role in CHOICES]
    for start in (e for e in items if e.label == now):
        labels = [e.label for e in items if (e.parent, e.window) == (start.parent, start.window)]
        if wanted in labels:
            return labels.index(wanted) - labels.index(now)
    return 0


def confirm(hands: Hands, *verbs: str, risk: Risk | None = None) -> Doing:
    """Press the dialog's confirming button: one of the verbs, else the default button, else Return."""
    before = hands.dialog
    default = next((b for b in hands.elements(BUTTONS) if b.enabled and "default" in b.states), None)
    chosen = button_saying(hands, verbs, 0.8) or default
    if chosen is not None and hands.attempt % 2 == 0:
        yield from click_on(hands, chosen, f"press {chosen.label}", risk=risk)
    else:
        yield from press(hands, "Return", "confirm", risk=risk)
        if hands.blind and not (yield from wait_until(hands, lambda h: h.came_up, 0.8)):
            yield from press(hands, "Return", "confirm once more", risk=risk)  # the first was too early
    return (yield from wait_until(hands, lambda h: _gone(h, before) or h.changed, 0.8))


def _gone(hands: Hands, dialog: Window | None) -> bool:
    return dialog is not None and (hands.dialog is None or not same_window(hands.dialog, dialog))


def same_window(one: Window, other: Window) -> bool:
    """Whether it is one window, seen twice."""
    return one.key == other.key if one.key and other.key else (one.app, one.title) == (other.app, other.title)


def answer(hands: Hands, verbs: Sequence[str], why: str, *, risk: Risk = "sensitive") -> Doing:
    """Answer the question that is in front, if there is one, with the button that says one of the verbs."""
    if hands.blind:
        return (yield from _answer_blind(hands, verbs, why, risk))
    window = hands.dialog
    if window is None or hands.elements(FIELDS):
        return False
    button = button_saying(hands, verbs, 0.7)
    if button is None:
        return False
    yield from click_on(hands, button, why, risk=risk)
    return (yield from wait_until(hands, lambda h: _gone(h, window), 0.8))


def _answer_blind(hands: Hands, verbs: Sequence[str], why: str, risk: Risk) -> Doing:
    if hands.panel is None or not hands.changed:
        return False
    inside = [t for t in hands.first(verbs, sure=0.9) if hands.panel.has(t.point)]
    return (yield from click(hands, inside, why, risk=risk)) if inside else False


def dismiss(hands: Hands) -> Doing:
    """Close the dialog in front without doing what it offers: never by its default button, nor by agreeing."""
    window = hands.dialog
    if window is None:
        return True
    yield from press(hands, "Escape", f"close {window.title or 'the dialog'}", risk="read")
    if (yield from wait_until(hands, lambda h: _gone(h, window), 0.6)):
        return True
    if button := button_saying(hands, REFUSE, 0.8):
        yield from click_on(hands, button, f"press {button.label}", risk="read")
    return (yield from wait_until(hands, lambda h: _gone(h, window), 0.6))


def notice(hands: Hands) -> str:
    """What the dialog in front says, if it only tells something and asks nothing: one button to agree, no field.

    An alert may keep its one button in its title bar, of which the tree says nothing.
    """
    buttons = [b for b in hands.elements(BUTTONS) if b.enabled and b.label]
    if hands.dialog is None or hands.elements(FIELDS):
        return ""
    bare = not buttons and hands.dialog.role == "alert" and not hands.blind
    if not bare and (len(buttons) != 1 or plain(buttons[0].label) not in HEARD):
        return ""
    said = [e.label for e in hands.elements(("label", "text_line", "heading")) if e.label]
    return " ".join(" ".join(said).split())[:200] or hands.dialog.title


def put_away_notices(hands: Hands, most: int = 3) -> Generator[Act, None, str]:
    """Close dialogs that only tell something; what the first of them said."""
    told = ""
    for _ in range(most):
        if not (text := notice(hands)):
            break
        told = told or text
        window = hands.dialog
        button = next((b for b in hands.elements(BUTTONS) if b.enabled and b.label), None)
        if button is None:
            yield from press(hands, "Escape", f"put away: {text[:60]}", risk="read")
        else:
            yield from click_on(hands, button, f"put away: {text[:60]}", risk="read")
        yield from wait_until(hands, lambda h, w=window: _gone(h, w), 0.8)  # type: ignore[misc]
    return told


def button_saying(hands: Hands, verbs: Sequence[str], sure: float) -> Element | None:
    """The button in front that says one of the verbs."""
    scored = [(likeness(b.label, verbs), b) for b in hands.elements(BUTTONS) if b.enabled]
    best = max(scored, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] > sure else None


def name_file(hands: Hands, path: str) -> Doing:
    """Give a file dialog a name or a path; False, and nothing typed, when it has no field for one."""
    field = name_field(hands)
    if field is None and not hands.blind:
        for into_list in (False, True):  # a chooser that is a part of a dialog hears the keys in its list only
            if into_list and not (yield from _into_largest_list(hands)):
                break
            yield from press(hands, "ctrl+l", "ask for the location field", risk="read")
            if (yield from wait_until(hands, lambda h: name_field(h) is not None, 0.6)):
                break
        field = name_field(hands)
    if field is not None:
        yield from fill(hands, field, path)
        return True
    if not hands.blind:
        return False
    yield from _select_line(hands, "the name")
    yield from type_text(hands, path, "the file's name")
    return True


def _into_largest_list(hands: Hands) -> Doing:
    """Give the list of files in a dialog the keyboard, by a click where it has no file if there is such a place."""
    lists = hands.elements(("table", "list", "tree"))
    largest = max(lists, key=lambda e: e.box.area, default=None)
    if largest is None or hands.dialog is None:
        return False
    at = Point(largest.box.right - 12, largest.box.bottom - 12)
    yield Act(Click(at=at), "into the list of files", target(largest), risk="read")
    return True


def name_field(hands: Hands) -> Element | None:
    """The field of a file dialog for the name: the one that is named so, else the focused one, else the first."""
    fields = [e for e in hands.elements(("text", "combo")) if e.enabled]
    fields = [e for e in fields if e.role == "text" or "editable" in e.states]
    fields = [e for e in fields if "*." not in f"{e.label} {e.description} {e.text}"]  # a pattern for names
    if not fields:
        return None
    named = [e for e in fields if likeness(e.label, ("name", "file name", "location", "filename")) > 0.7]
    focused = [e for e in fields if "focused" in e.states]
    return (named or focused or fields)[0]
