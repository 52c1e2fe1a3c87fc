"""The skill library: things to do that no single application owns. Importing this fills `LIBRARY`."""

from planner.skills.skill import LIBRARY, Act, Body, Effect, Parameter, Skill, skill

# In the order in which the model is shown them.
from planner.skills import calculator, clipboard, writing, searching, document, files, options, raw, sheet, windows  # isort: skip

__all__ = [
    "LIBRARY", "Act", "Body", "Effect", "Parameter", "Skill", "calculator", "clipboard", "document", "files", "options",
    "raw", "searching", "sheet", "skill", "windows", "writing",
]  # fmt: skip
