"""The skill library: things to do that no single application owns. Importing this fills `LIBRARY`."""

# isort: off
from planner.skills.skill import LIBRARY, Act, Body, Effect, Parameter, Skill, skill

# In the order in which the model is shown them.
from planner.skills import (
    calculator,
    clipboard,
    writing,
    searching,
    lines,
    formatting,
    document,
    files,
    filing,
    archives,
    viewing,
    pictures,
    players,
    web,
    mail,
    shell,
    options,
    adding,
    raw,
    sheet,
    tables,
    slides,
    windows,
)

# isort: on

__all__ = [
    "LIBRARY", "Act", "Body", "Effect", "Parameter", "Skill", "adding", "archives", "calculator", "clipboard",
    "document", "files", "filing", "formatting", "lines", "mail", "options", "pictures", "players", "raw", "searching",
    "sheet", "shell", "skill", "slides", "tables", "viewing", "web", "windows", "writing",
]  # fmt: skip
