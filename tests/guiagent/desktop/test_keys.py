"""Names of keys."""

import pytest

from guiagent.desktop.keyboard import read_layout
from guiagent.desktop.keys import normal_chord, symbols_of
from runtime.errors import UsageError


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("ctrl+shift+s", "ctrl+shift+s"), ("Shift+Ctrl+S", "ctrl+shift+s"), ("Enter", "Return"), ("Esc", "Escape"),
        ("Del", "Delete"), ("PgDn", "Page_Down"), ("alt+F4", "alt+F4"), ("Control+Page Up", "ctrl+Page_Up"), ("+", "+"),
        ("ctrl++", "ctrl++"), ("ctrl+plus", "ctrl+plus"), ("A", "A"), ("super", "super"), ("Primary+n", "ctrl+n"),
    ],
)  # fmt: skip
def test_keys_are_understood_as_people_write_them(written, normal):
    assert normal_chord(written) == normal


@pytest.mark.parametrize("wrong", ["ctrl+frobnicate", "", "ctrl+", "a+b"])
def test_an_unknown_key_is_named_in_the_error(wrong):
    with pytest.raises(UsageError) as caught:
        normal_chord(wrong)
    assert repr(wrong.split("+")[-1]) in str(caught.value) or repr(wrong) in str(caught.value)


def test_a_chord_is_pressed_modifiers_first():
    assert symbols_of("Shift+Ctrl+Return") == [0xFFE3, 0xFFE1, 0xFF0D]


def test_a_layout_is_read_by_levels_and_dead_keys_are_not_characters():
    altgr, dead = (108, (0xFE03,)), (21, (0xFE51, 0xFE50))
    layout = read_layout(dict([altgr, dead, (24, (ord("q"), ord("Q"), ord("q"), ord("Q"), ord("@")))]), 0)
    assert layout[ord("Q")] == (24, (0xFFE1,))
    assert layout[ord("@")] == (24, (0xFE03,))
    assert ord("^") not in layout
