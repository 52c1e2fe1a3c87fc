"""What a check is given: OSWorld's getters by name, and ours. Each says whether it needs the desktop alive.

Those that read files do so after the desktop and everything on it has ended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from grounding.tree import Node, Tree
from tasks import home
from tasks.home import Missing

KEYFILE = ".config/glib-2.0/settings/keyfile"
"""Where the sandbox keeps what GSettings applications are set to."""
When = Literal["alive", "ended"]


@dataclass
class Evidence:
    """What getters may look at."""

    home: Path
    """The home folder of the desktop, on this machine."""
    cache: Path
    """A folder outside of the desktop, for copies."""
    before: dict[str, str] = field(default_factory=dict)
    """`tasks.home.listing` of the start state."""
    tree: Callable[[], Tree] = Tree
    """Reads the accessibility tree, while the desktop is alive."""
    run: Callable[[list[str]], str] = lambda command: ""
    """Runs a command on the desktop and gives what it printed."""


@dataclass(frozen=True, slots=True)
class Getter:
    """One way to get at something."""

    get: Callable[..., Any]
    when: When


GETTERS: dict[str, Getter] = {}
"""Every getter, by the name that task files have for it."""


def getter(name: str, when: When = "ended") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add a getter to the registry. It is given the evidence and the parameters of the file."""

    def add(get: Callable[..., Any]) -> Callable[..., Any]:
        GETTERS[name] = Getter(get, when)
        return get

    return add


@getter("rule")
def rule(evidence: Evidence, rules: Any) -> Any:
    """What the task file says."""
    return rules


@getter("vm_file")
def vm_file(evidence: Evidence, path: str, dest: str = "") -> Path:
    """A copy of a file of the desktop."""
    copy = evidence.cache / Path(dest or path).name
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(home.read_bytes(evidence.home, path))
    return copy


@getter("list_directory")
def list_directory(evidence: Evidence, path: str) -> dict[str, Any]:
    """What is in a folder, as OSWorld's server tells it: type, name and children."""
    return _directory(home.found(evidence.home, path))


@getter("vm_command_line", when="alive")
def vm_command_line(evidence: Evidence, command: str | list[str], shell: bool = False) -> str:
    """What a command prints on the desktop."""
    return evidence.run(["sh", "-c", command] if isinstance(command, str) else command)


@getter("file_text")
def file_text(evidence: Evidence, path: str) -> str:
    """Ours: the text of a file."""
    return home.read_text(evidence.home, path)


@getter("path_kind")
def path_kind(evidence: Evidence, path: str) -> str:
    """Ours: `file`, `folder` or `nothing`."""
    there = home.place(evidence.home, path)
    return "folder" if there.is_dir() else "file" if there.exists() else "nothing"


@getter("folder_names")
def folder_names(evidence: Evidence, path: str) -> list[str]:
    """Ours: the names in a folder, hidden ones left out, in order."""
    there = home.found(evidence.home, path)
    if not there.is_dir():
        raise Missing(f"{path} is not a folder")
    return sorted(item.name for item in there.iterdir() if not item.name.startswith("."))


@getter("home_changes")
def home_changes(evidence: Evidence) -> dict[str, list[str]]:
    """Ours: what was added, removed and changed among the files that are not hidden, since the start state."""
    before, after = evidence.before, home.listing(evidence.home)
    return {
        "added": sorted(after.keys() - before.keys()),
        "removed": sorted(before.keys() - after.keys()),
        "changed": sorted(name for name in before.keys() & after.keys() if before[name] != after[name]),
    }


@getter("settings_value")
def settings_value(evidence: Evidence, group: str, key: str, path: str = KEYFILE) -> str:
    """Ours: one value of a settings file with groups; of GSettings' own where no file is named. Quotes are removed."""
    inside = ""
    for line in home.read_text(evidence.home, path).splitlines():
        if line.startswith("[") and line.rstrip().endswith("]"):
            inside = line.strip()[1:-1]
        name, sign, value = line.partition("=")
        if inside == group and sign and name.strip() == key:
            return value.strip().strip("'\"")
    raise Missing(f"{key} is not set in [{group}] of {path}")


@getter("display", when="alive")
def display(evidence: Evidence, app: str) -> str:
    """Ours: what a calculator shows: the topmost field that holds text in a window of that application."""
    nodes = _nodes_of(evidence.tree(), app)
    fields = [node for node in nodes if node.role == "text" and node.box and node.text.strip()]
    if not fields:
        raise Missing(f"no window of {app} shows a display with something on it")
    text = min(fields, key=lambda node: node.box.top).text
    return text.strip().splitlines()[0].strip()  # below the number some show the modes they are in


@getter("tree_texts", when="alive")
def tree_texts(evidence: Evidence, app: str = "") -> list[str]:
    """Ours: every label and content that the accessibility tree tells of (of one application), on the screen or not."""
    tree = evidence.tree()
    nodes = _nodes_of(tree, app) if app else list(tree.nodes)
    return [text for node in nodes for text in dict.fromkeys((node.name, node.text)) if text.strip()]


def _nodes_of(tree: Tree, app: str) -> list[Node]:
    wanted = {index for index, window in enumerate(tree.windows) if window.app.casefold() == app.casefold()}
    if not wanted:
        raise Missing(f"no window of {app} is open")
    return [node for node in tree.nodes if node.window in wanted]


def _directory(there: Path) -> dict[str, Any]:
    if not there.is_dir() or there.is_symlink():
        return {"type": "file", "name": there.name}
    return {"type": "directory", "name": there.name, "children": [_directory(item) for item in sorted(there.iterdir())]}
