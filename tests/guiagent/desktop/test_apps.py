"""Finding an application by what people call it."""

import pytest

from grounding.facts import App
from guiagent.desktop.apps import app_id, find_app, parse_command, read_app
from runtime.errors import AppNotInstalled

APPS = (
    App(id="mousepad", name="Mousepad", about="Text Editor. Simple text editor", command=("mousepad",)),
    App(
        id="galculator",
        name="Galculator",
        about="Calculator. Perform calculations",
        command=("gc",),
    ),
    App(id="pcmanfm", name="File Manager PCManFM", about="File Manager. Browse the file system", command=("pcmanfm",)),
)


@pytest.mark.parametrize(
    ("asked", "found"),
    [("mousepad", "mousepad"), ("Text Editor", "mousepad"), ("MOUSEPAD", "mousepad"), ("gc", "galculator"),
     ("calculator", "galculator"), ("galculater", "galculator"), ("file manager", "pcmanfm")],
)  # fmt: skip
def test_an_application_is_found_by_id_name_kind_and_command(asked, found):
    assert find_app(asked, APPS).id == found


def test_an_application_that_is_not_there_brings_the_closest_names():
    with pytest.raises(AppNotInstalled, match=r"photoshop.*(mousepad|galculator|pcmanfm)"):
        find_app("photoshop", APPS)


def test_an_empty_name_is_no_application():
    with pytest.raises(AppNotInstalled):
        find_app("", APPS)


def test_ids_and_commands():
    assert app_id("org.xfce.mousepad") == "mousepad"
    assert app_id("Galculator") == "galculator"
    assert parse_command('env "A B" edit %U --new') == ("env", "A B", "edit", "--new")


def test_a_desktop_file_is_read_and_a_hidden_one_is_not(tmp_path):
    entry = "[Desktop Entry]\nType=Application\nName=Shell\nName[de]=Schale\nGenericName=Prompt\nExec=sh %f\n"
    shown, hidden = tmp_path / "org.gnu.Shell.desktop", tmp_path / "hidden.desktop"
    shown.write_text(entry + "[Desktop Action x]\nName=Other\n")
    hidden.write_text(entry + "NoDisplay=true\n")
    app = read_app(shown)
    assert (app.id, app.name, app.about, app.command) == ("shell", "Shell", "Prompt", ("sh",))
    assert read_app(hidden) is None
