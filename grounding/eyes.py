"""Looking: a screenshot and a tree become a scene, by the senses that are switched on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from grounding.filed import Files
from grounding.from_tree import elements_of
from grounding.scene import Scene
from grounding.screenshot import Screenshot
from grounding.tree import Tree
from runtime.errors import UsageError

SENSES = ("pixels", "tree")
"""Everything one can look with."""
Reader = Callable[[Scene], Scene]
"""Adds what the pixels tell to a scene."""


class Eyes:
    """Makes scenes. Keep one for a run: it remembers what it has read, so that looking again is cheap."""

    def __init__(self, senses: Sequence[str] = SENSES, read: Reader | None = None) -> None:
        """`read` stands in for the reader of pixels; the usual one is made when it is first needed."""
        unknown = [sense for sense in senses if sense not in SENSES]
        if unknown or not senses:
            raise UsageError(f"No such sense: {', '.join(unknown) or 'none given'}. There are {' and '.join(SENSES)}.")
        self.senses = tuple(sense for sense in SENSES if sense in senses)
        self._read = read

    def see(self, screenshot: Screenshot, tree: Tree | None = None, files: Files | None = None) -> Scene:
        """One look, read: the tree first, because it is free; pixels at once only where there is no tree.

        What the desktop tells of its files goes with the tree: who looks with pixels alone gets neither.
        """
        tree = tree if tree is not None and "tree" in self.senses else Tree()
        scene = Scene(
            screenshot=screenshot,
            elements=elements_of(tree, screenshot.box),
            windows=tree.windows,
            senses=self.senses,
            note=tree.note,
            files=files if "tree" in self.senses else None,
        )
        if "pixels" not in self.senses:
            return scene
        scene = replace(scene, read_pixels=self._pixels)
        blind = "tree" not in self.senses or (not tree.nodes and bool(tree.note))
        return scene.deeper() if blind else scene

    def _pixels(self, scene: Scene) -> Scene:
        if self._read is None:
            from grounding.closer import for_large
            from grounding.pixels import PixelReader  # the reader of pixels is an extra, and this file is light

            self._read = for_large(PixelReader().read)
        return self._read(scene)
