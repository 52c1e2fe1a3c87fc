"""The applications of a session, and finding one by what people call it."""

import pytest

from grounding.facts import App
from guiagent.desktop.apps import app_id, find_app, installed_apps, parse_command, read_app
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


def test_of_several_of_a_sort_the_plainest_is_found_by_its_name():
    plain = App(id="zed", name="Zed", categories=("Utility", "TextEditor"), opens=("text/plain",), command=("zed",))
    large = App(id="code", name="Code", about="Text Editor", categories=("TextEditor", "IDE"), command=("c",))
    assert find_app("text editor", (large, plain)).id == "zed"
    own = large.model_copy(update={"default_for": ("text/plain",)})
    assert find_app("Text Editor", (own, plain)).id == "code"


# -- a session ---------------------------------------------------------------------------------------------------------


class Session:
    """Folders as a session has them, with .desktop files in them."""

    def __init__(self, folder, session=""):
        self.home, self.system, self.etc = folder / "home", folder / "system", folder / "etc"
        self.environment = {
            "HOME": str(self.home), "XDG_DATA_DIRS": str(self.system), "XDG_CONFIG_DIRS": str(self.etc),
            "XDG_CURRENT_DESKTOP": session,
        }  # fmt: skip

    def add(self, name, *lines, mine=False, **fields):
        folder = (self.home / ".local/share" if mine else self.system) / "applications"
        stem = name.rpartition("/")[2].split(".")[0]
        fields = {"Type": "Application", "Name": stem.title(), "Exec": "sh %U", "MimeType": "text/plain;", **fields}
        self.write(folder / name, "[Desktop Entry]", *(f"{key}={value}" for key, value in fields.items()), *lines)

    def write(self, path, *lines):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n")

    @property
    def apps(self):
        return {app.id: app for app in installed_apps(self.environment)}

    @property
    def own(self):
        """What text files are opened with by default."""
        return [app.id for app in self.apps.values() if "text/plain" in app.default_for]


def test_what_a_session_has(tmp_path):
    session = Session(tmp_path)
    session.add("pad.desktop", GenericName="Text Editor", Categories="Utility;TextEditor;", MimeType="text/plain;a/b;")
    session.add("deep/er.desktop")
    pad = session.apps["pad"]
    assert (pad.generic, pad.categories, pad.opens) == ("Text Editor", ("Utility", "TextEditor"), ("text/plain",))
    assert set(session.apps) == {"pad", "er"}


def test_folders_that_are_not_there_are_no_trouble(tmp_path):
    assert Session(tmp_path).apps == {}


def test_the_users_own_entry_replaces_or_hides_the_systems(tmp_path):
    session = Session(tmp_path)
    for name in ("a.desktop", "b.desktop", "sub/c.desktop"):
        session.add(name)
    session.add("a.desktop", mine=True, Name="Mine")
    session.add("b.desktop", mine=True, Hidden="true")
    session.add("sub-c.desktop", mine=True, NoDisplay="true")
    assert {app.name for app in session.apps.values()} == {"Mine"}


@pytest.mark.parametrize(
    ("fields", "desktop", "is_there"),
    [
        ({"OnlyShowIn": "XFCE;KDE;"}, "KDE", True),
        ({"OnlyShowIn": "XFCE;"}, "", True),
        ({"NotShowIn": "GNOME;"}, "KDE", True),
        ({"TryExec": "/no/such/program"}, "", False),
        ({"Exec": "/no/such/program"}, "", False),
        ({"Terminal": "true"}, "", False),
    ],
)
def test_what_no_menu_would_show_is_not_there(tmp_path, fields, desktop, is_there):
    session = Session(tmp_path, desktop)
    session.add("pad.desktop", **fields)
    assert ("pad" in session.apps) is is_there


@pytest.mark.parametrize("fields", [{"OnlyShowIn": "XFCE;"}, {"NotShowIn": "GNOME;"}])
def test_what_only_the_menus_of_other_sessions_show_is_marked(tmp_path, fields):
    session = Session(tmp_path, "ubuntu:GNOME")
    session.add("pad.desktop", **fields)
    session.add("own.desktop")
    assert session.apps["pad"].elsewhere
    assert not session.apps["own"].elsewhere


def test_the_users_default_counts_before_the_sessions_and_the_sessions_before_the_systems(tmp_path):
    session = Session(tmp_path, "Budgie:GNOME")
    for name in ("a", "b", "c", "d"):
        session.add(f"{name}.desktop")
    assert session.own == []
    applications = session.system / "applications"
    session.write(applications / "mimeapps.list", "[Default Applications]", "text/plain=d.desktop")
    assert session.own == ["d"]
    session.write(applications / "gnome-mimeapps.list", "[Default Applications]", "text/plain=c.desktop;")
    assert session.own == ["c"]
    session.write(session.etc / "mimeapps.list", "[Default Applications]", "text/plain=b.desktop;d.desktop")
    assert session.own == ["b"]
    session.write(session.home / ".config/mimeapps.list", "[Default Applications]", "text/plain=a.desktop")
    assert session.own == ["a"]


def test_a_default_that_is_not_installed_is_passed_over(tmp_path):
    session = Session(tmp_path)
    session.add("a.desktop")
    session.add("b.desktop")
    session.write(
        session.home / ".config/mimeapps.list", "[Added Associations]", "text/plain=a.desktop", "",
        "[Default Applications]", "# a comment", "text/plain=gone.desktop;b.desktop;", "nonsense",
    )  # fmt: skip
    assert session.own == ["b"]


def test_a_list_that_cannot_be_read_is_no_trouble(tmp_path):
    session = Session(tmp_path)
    session.add("a.desktop")
    place = session.home / ".config/mimeapps.list"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"\xff\xfe[Default Applications]\ntext/plain=\xff")
    assert session.own == []
    place.unlink()
    place.mkdir()
    assert session.own == []
