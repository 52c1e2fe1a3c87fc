"""Skills for viewers of documents and of pictures in real applications that they were not written against."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator

import pytest
from PIL import Image

from benchmarks.skills.driver import Driver
from guiagent.desktop.sandbox import Sandbox
from planner.skills import Effect

pytestmark = pytest.mark.display


def _pdf(pages: int) -> bytes:
    """A document of so many pages, each of which says its number."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{' '.join(f'{4 + 2 * n} 0 R' for n in range(pages))}] /Count {pages} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number in range(1, pages + 1):
        said = f"BT /F1 24 Tf 72 700 Td (Sheet number {number}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {3 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(said)} >>\nstream\n{said}\nendstream")
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode()


def _picture(colour: str, size: tuple[int, int]) -> bytes:
    """A picture of two colours, so that turning it can be seen."""
    image = Image.new("RGB", size, colour)
    image.paste("white", (0, 0, size[0] // 3, size[1] // 3))
    held = io.BytesIO()
    image.save(held, "PNG")
    return held.getvalue()


HOME = {
    "Documents/report.pdf": _pdf(5),
    "Pictures/a.png": _picture("red", (400, 300)),
    "Pictures/b.png": _picture("green", (200, 300)),
}


class At(Driver):
    """An application with something open, and what its skills said."""

    def works(self, line: str) -> Effect:
        """The skill does it, and knows or at least does not deny it."""
        effect = self.do(line)
        assert effect.worked is not False, f"{line}: {effect.why}"
        return effect

    def knows(self, line: str) -> Effect:
        """The skill does it and has seen that it did."""
        effect = self.do(line)
        assert effect.worked is True, f"{line}: {effect.why}"
        return effect

    def refuses(self, line: str) -> Effect:
        effect = self.do(line)
        assert effect.worked is False, f"{line}: {effect.why}"
        return effect


@pytest.fixture
def at(request: pytest.FixtureRequest) -> Iterator[At]:
    """A fresh screen with the application of the test's parameter, and the file it shows."""
    app, file = request.param
    if not shutil.which(app):
        pytest.skip(f"needs {app}: sudo apt-get install {app}")
    with Sandbox(files=HOME) as desktop:
        driver = At(desktop)
        driver.start(app, [file] if file else [])
        yield driver


def apps(*names: str, file: str = "") -> pytest.MarkDecorator:
    return pytest.mark.parametrize("at", [(name, file) for name in names], ids=names, indirect=True)


@apps("evince", "qpdfview", file="Documents/report.pdf")
def test_pages_and_zoom(at: At):
    assert at.knows('turn_page("next")').value == "2"
    assert at.knows("go_to_page(4)").value == "4"
    at.refuses("go_to_page(9)")
    assert at.knows('note("shown", "page number")').value == "4"
    assert at.knows('turn_page("last")').value == "5"
    at.works('zoom("in")')
    at.works('rotate("right")')


@apps("gpicview", "viewnior", file="Pictures/a.png")
def test_pictures(at: At):
    assert "b.png" in at.knows('turn_picture("next")').value
    at.knows('rotate("left")')
    at.works('flip("horizontal")')
    at.knows('full_screen("on")')
    at.knows('full_screen("off")')


@apps("eog", "ristretto", "viewnior", file="Pictures/a.png")
def test_the_picture_that_is_shown_is_thrown_away(at: At):
    at.refuses('delete_picture("c.png")')
    at.knows('delete_picture("Pictures/a.png")')
    assert [path.name for path in (at.desktop.home / "Pictures").glob("*.png")] == ["b.png"]


@apps("cherrytree")
def test_a_thing_that_the_application_keeps_is_added(at: At):
    at.refuses('add_item("unicorn", "Bella")')
    at.knows('add_item("node", "Recipes")')
    at.knows('save_as("Documents/notes.ctd")')


@apps("gnome-text-editor", "gnome-calculator")
def test_windows_of_gtk_4_are_in_the_tree(at: At):
    assert {"button", "text"} <= {e.role for e in at.hands.scene.shown}
