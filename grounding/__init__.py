"""From pixels and trees to elements, from words to a place on the screen."""

from __future__ import annotations

from grounding.element import Element, Word
from grounding.eyes import SENSES, Eyes
from grounding.facts import App, Facts
from grounding.find import Finder
from grounding.geometry import Box, Point, Size
from grounding.scene import Scene
from grounding.screenshot import Screenshot
from grounding.target import Grounder, How, Target
from grounding.tree import ROLES, STATES, Node, Tree, Window

__all__ = [
    "ROLES",
    "SENSES",
    "STATES",
    "App",
    "Box",
    "Element",
    "Eyes",
    "Facts",
    "Finder",
    "Grounder",
    "How",
    "Node",
    "Point",
    "Scene",
    "Screenshot",
    "Size",
    "Target",
    "Tree",
    "Window",
    "Word",
]
