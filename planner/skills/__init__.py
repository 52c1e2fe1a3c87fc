"""The skill library: things to do that no single application owns. Importing this fills `LIBRARY`."""

from planner.skills import calculator, clipboard, document, files, options, raw, sheet, windows
from planner.skills.skill import LIBRARY, Act, Body, Effect, Parameter, Skill, skill

__all__ = [
    "LIBRARY", "Act", "Body", "Effect", "Parameter", "Skill", "calculator", "clipboard", "document", "files", "options",
    "raw", "sheet", "skill", "windows",
]  # fmt: skip
