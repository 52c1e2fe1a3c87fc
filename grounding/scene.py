"""What is on the screen: a screenshot, its windows, its elements, and the commands behind its menus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from grounding.element import Element
from grounding.filed import Files
from grounding.screenshot import Screenshot
from grounding.tree import Window

if TYPE_CHECKING:
    from grounding.closer import Closer


@dataclass(frozen=True)
class Scene:
    """One look at the desktop, read."""

    screenshot: Screenshot
    elements: tuple[Element, ...] = ()
    """In reading order within each window, the active window first. Items of closed menus are in it, without a box."""
    windows: tuple[Window, ...] = ()
    """Empty when only pixels are known."""
    senses: tuple[str, ...] = ("pixels", "tree")
    """What this scene was read with."""
    note: str = ""
    """What could not be read, in a sentence."""
    read_pixels: Callable[[Scene], Scene] | None = None
    """Reads the text that no tree tells of; None once that has been done."""
    files: Files | None = field(default=None, compare=False)
    """Tells what is under a path, now and not only when this was looked at; None where the desktop does not tell."""
    closer: Closer | None = field(default=None, compare=False)
    """Reads parts of a large screen at full size, of which the elements are what a shrunk picture showed."""

    @cached_property
    def by_id(self) -> dict[str, Element]:
        """The elements by their ids."""
        return {element.id: element for element in self.elements}

    @cached_property
    def shown(self) -> tuple[Element, ...]:
        """The elements that have a place on the screen."""
        return tuple(element for element in self.elements if element.shown)

    @cached_property
    def commands(self) -> tuple[Element, ...]:
        """The items of all menus of the active window, open or closed, that do something themselves.

        A palette or a toolbox has none of its own: then they are those of its application's other windows.
        """
        items = [e for e in self.elements if e.path and e.role.endswith("menu_item")]
        own = tuple(e for e in items if e.window == self.active_index)
        if own or self.active is None or self.active.role != "window":
            return own
        same = {n for n, window in enumerate(self.windows) if window.app == self.active.app}
        return tuple(e for e in items if e.window in same)

    @cached_property
    def active_index(self) -> int:
        """Index of the window that has the keyboard; -1 when there is none or it is not known."""
        active = [index for index, window in enumerate(self.windows) if window.active]
        return active[-1] if active else -1

    @property
    def active(self) -> Window | None:
        """The window that has the keyboard."""
        return self.windows[self.active_index] if self.active_index >= 0 else None

    @cached_property
    def focus(self) -> Element | None:
        """The element that has the keyboard, where the tree tells.

        Some toolkits call the tab and the buttons around a document focused too; what takes text is meant then.
        """
        focused = [e for e in self.elements if "focused" in e.states and e.shown]
        here = [e for e in focused if e.window == self.active_index] or focused
        return next((e for e in here if e.role in ("text", "password", "document")), here[0] if here else None)

    def deeper(self) -> Scene:
        """The same scene with the pixels read as well; itself when there is nothing more to read.

        With both senses the tree comes first because it is free; reading pixels costs a second and waits to be asked.
        """
        return self._deeper if self.read_pixels else self

    @property
    def so_far(self) -> Scene:
        """The same scene with all that has been read of it up to now; reads nothing itself."""
        known: Scene = self.__dict__.get("_deeper", self)
        return known

    @cached_property
    def _deeper(self) -> Scene:
        assert self.read_pixels is not None
        return replace(self.read_pixels(self), read_pixels=None)
