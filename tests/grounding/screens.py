"""Hand-made screens for the tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from grounding import Box, Node, Screenshot, Tree, Window

NOWHERE = Box(0, 0, 0, 0)
SHOWN = frozenset({"enabled", "visible", "showing"})
FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/freefont/FreeSans.ttf",
)


class Planted:
    """A tree that grows node by node."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.windows: list[Window] = []

    def window(self, title: str, box: Box, *, role: str = "window", active: bool = False, modal: bool = False) -> int:
        node = self.add(role, title, box, parent=-1, window=len(self.windows))
        self.windows.append(Window(title, "app", role, box, active, modal, node, key=f"w{len(self.windows)}"))
        return node

    def add(self, role: str, name: str = "", box: Box = NOWHERE, parent: int = 0, window: int = -1, **rest) -> int:
        states = rest.pop("states", SHOWN if box else frozenset({"enabled"}))
        if window < 0 and parent >= 0:
            window = self.nodes[parent].window
        self.nodes.append(Node(role, name, box=box, states=states, parent=parent, window=window, **rest))
        return len(self.nodes) - 1

    def tree(self) -> Tree:
        return Tree(tuple(self.nodes), tuple(self.windows))


def editor(*, dialog: bool = False, text: str = "hello") -> Tree:
    """An editor with a menu bar and, if wanted, its modal Save As dialog in front."""
    t = Planted()
    top = t.window("Untitled - Editor", Box(0, 0, 1000, 700), active=not dialog)
    bar = t.add("menu_bar", "", Box(0, 20, 1000, 50), top)
    file = t.add("menu", "File", Box(0, 20, 50, 50), bar)
    t.add("menu", "Edit", Box(50, 20, 100, 50), bar)
    t.add("menu_item", "Save", parent=file, shortcut="ctrl+s")
    t.add("menu_item", "Save As...", parent=file, shortcut="ctrl+shift+s")
    recent = t.add("menu", "Open Recent", parent=file)
    t.add("menu_item", "a.txt", parent=recent)
    t.add("panel", "", Box(0, 50, 1000, 690), top)
    t.add("text", "", Box(0, 50, 1000, 690), top, states=SHOWN | {"multiline", "editable"}, text=text, key="text1")
    if dialog:
        box = t.window("Save As", Box(300, 200, 700, 500), role="dialog", active=True, modal=True)
        t.add("label", "Name:", Box(310, 220, 360, 240), box)
        t.add(
            "text", "", Box(370, 215, 690, 245), box, states=SHOWN | {"editable", "focused"}, text="x.txt", key="name"
        )
        t.add("checkbox", "Make Backup", Box(310, 300, 500, 320), box, key="backup")
        t.add("button", "Cancel", Box(500, 460, 590, 490), box)
        t.add("button", "Save", Box(600, 460, 690, 490), box)
        t.add("button", "Help", Box(310, 460, 400, 490), box, states=frozenset({"visible", "showing"}))
    return t.tree()


def blank(width: int = 1000, height: int = 700, colour: str = "#f0f0f0") -> Screenshot:
    return Screenshot(Image.new("RGB", (width, height), colour))


def font(size: int) -> ImageFont.FreeTypeFont:
    file = next((f for f in FONTS if Path(f).is_file()), None)
    if file is None:
        pytest.skip("no font to draw with: apt install fonts-dejavu-core")
    return ImageFont.truetype(file, size)


def written(*texts: tuple[int, int, str], size: int = 14, screen: tuple[int, int] = (640, 320)) -> Image.Image:
    """A light picture with some texts at some places."""
    image = Image.new("RGB", screen, "#f4f4f4")
    pen = ImageDraw.Draw(image)
    for x, y, text in texts:
        pen.text((x, y), text, fill="#202020", font=font(size))
    return image
