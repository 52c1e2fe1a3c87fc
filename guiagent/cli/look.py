"""`guiagent look` and `guiagent find`: what is seen on a screen or in a picture, and where some words are."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from runtime.errors import DesktopUnavailable, UsageError

if TYPE_CHECKING:
    from PIL.Image import Image

    from grounding.element import Element
    from grounding.scene import Scene
    from grounding.screenshot import Screenshot
    from grounding.target import Target

__all__ = ["find", "look"]

LONGEST = 1000
Json = Annotated[bool, Parameter(name="--json", negative="")]


def look(image: Path | None = None, /, *, draw: Path | None = None, as_json: Json = False) -> int:
    """List what is seen on this screen or in a picture.

    Parameters
    ----------
    image
        A PNG or JPEG file; this computer's screen when left out.
    draw
        Write the picture with everything that was seen drawn on it to this file.
    as_json
        JSON lines: `launch`, one `element` each, `done`.
    """
    scene = _scene(image)
    if draw:
        from grounding.draw import draw_scene

        _save(draw_scene(scene), draw)
    if as_json:
        _line(kind="launch", command="look", image=str(image or ""), size=list(scene.screenshot.size))
        for element in scene.elements:
            _line(kind="element", **_facts(element))
        _line(kind="done", elements=len(scene.elements), drawn=str(draw or ""))
        return 0
    for element in scene.elements:
        sys.stdout.write(_row(element) + "\n")
    if draw:
        sys.stderr.write(f"drawn on {draw}\n")
    return 0


def find(words: str, image: Path | None = None, /, *, draw: Path | None = None, as_json: Json = False) -> int:
    """Find the place that some words mean; exit code 1 when it is not on the screen.

    Parameters
    ----------
    words
        Such as "Save", "the Name field", "button right of Cancel", "second file".
    image
        A PNG or JPEG file; this computer's screen when left out.
    draw
        Write the picture with the place marked to this file.
    as_json
        JSON lines: `launch`, one `target` each (the best first), `done`.
    """
    from grounding.find import Finder

    _check(words)
    scene = _scene(image)
    targets = Finder().find(scene, words)
    if draw:
        from grounding.draw import draw_targets

        _save(draw_targets(scene.screenshot.image, targets), draw)
    if as_json:
        _line(kind="launch", command="find", words=words, image=str(image or ""))
        for target in targets:
            _line(kind="target", **target.model_dump(mode="json"))
        _line(kind="done", found=len(targets))
    else:
        _tell(words, targets)
    return 0 if targets else 1


def _check(words: str) -> None:
    if not words.strip():
        raise UsageError('No words to look for were given. Say, for example: guiagent find "Save button" screen.png')
    if len(words) > LONGEST:
        raise UsageError(
            f"The words have {len(words):,} characters; a thing on a screen is named in {LONGEST:,} at most."
        )


def _scene(image: Path | None) -> Scene:
    from grounding.eyes import Eyes

    return Eyes(("pixels",)).see(_from_file(image) if image else _from_screen())


def _from_file(image: Path) -> Screenshot:
    from grounding.images import load_image
    from grounding.screenshot import Screenshot

    return Screenshot(load_image(image))


def _from_screen() -> Screenshot:
    import mss
    from mss.exception import ScreenShotError
    from PIL.Image import frombytes

    from grounding.geometry import Point
    from grounding.screenshot import Screenshot

    try:
        with mss.MSS() as screen:
            shot = screen.grab(screen.monitors[0])
    except ScreenShotError as error:
        raise DesktopUnavailable(
            f"This computer's screen cannot be captured ({error}). Give a picture instead: guiagent look screen.png"
        ) from error
    return Screenshot(frombytes("RGB", shot.size, shot.rgb), Point(shot.left, shot.top))


def _save(picture: Image, file: Path) -> None:
    try:
        picture.save(file)
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be written ({error}). Name a .png file in a folder that is there.") from error


def _tell(words: str, targets: tuple[Target, ...]) -> None:
    if not targets:
        sys.stdout.write(f"Nothing on this screen is meant by: {words}\n")
    for number, target in enumerate(targets):
        mark = "" if number == 0 else "  or "
        name = f"{target.role} '{target.label}'" if target.label else target.role
        place = f"{target.point.x},{target.point.y}"
        sys.stdout.write(f"{mark}{place}  {target.confidence:.0%}  {name}  ({target.how}: {target.reason})\n")


def _row(element: Element) -> str:
    place = ",".join(map(str, element.box)) if element.shown else "closed menu"
    extra = "".join(
        part
        for part in (
            f" = {element.text[:60]!r}" if element.text else "",
            f" [{element.shortcut}]" if element.shortcut else "",
            " checked" if "checked" in element.states else "",
        )
    )
    return f"{element.id:>5}  {element.role:<12} {place:<20} {element.label!r}{extra}"


def _facts(element: Element) -> dict[str, object]:
    return {
        "id": element.id, "role": element.role, "label": element.label, "text": element.text, "box": list(element.box),
        "states": sorted(element.states), "seen_by": sorted(element.seen_by), "shortcut": element.shortcut,
        "confidence": round(element.confidence, 3),
    }  # fmt: skip


def _line(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
