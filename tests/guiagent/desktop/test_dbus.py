"""Messages on the bus: what is packed by hand is what jeepney reads, and the other way round."""

import pytest
from jeepney import DBusAddress, MessageType, new_method_call, new_method_return
from jeepney.low_level import HeaderFields, Parser

from guiagent.desktop.atspi_roles import plain_label, shortcut_of, states_of
from guiagent.desktop.dbus import Call, message_length, pack_call, read_body, read_header


def test_a_call_packed_by_hand_is_read_by_jeepney():
    call = Call(":1.5", "/org/a/b7", "org.a11y.atspi.Text", "GetText", "ii", (0, 4000))
    parser = Parser()
    parser.add_data(pack_call(call, 77))
    message = parser.get_next_message()
    assert message.header.message_type is MessageType.method_call
    assert message.header.serial == 77
    assert message.body == (0, 4000)
    assert message.header.fields[HeaderFields.path] == "/org/a/b7"
    assert message.header.fields[HeaderFields.destination] == ":1.5"


def test_a_reply_written_by_jeepney_is_read_by_hand():
    question = new_method_call(DBusAddress("/a", ":1.2", "x.y"), "Ask")
    question.header.serial = 9
    question.header.fields[HeaderFields.sender] = ":1.77"
    body = ([("click", "", "n;<Alt>f"), ("ünï", "", "")],)
    data = bytearray(new_method_return(question, "a(sss)", body).serialise(3))
    assert message_length(data, 0) == len(data)
    kind, serial, signature, start = read_header(data, 0)
    assert (kind, serial, signature) == (2, 9, "a(sss)")
    assert read_body(bytes(data[start:]), signature) == body


def test_key_bindings_labels_and_states():
    assert shortcut_of("n;<Alt>f:n;<Primary><Shift>s") == "ctrl+shift+s"
    assert shortcut_of("Ctrl+N") == "ctrl+n"
    assert shortcut_of("n;<Alt>f:n;") == ""
    assert plain_label("Save _As...   ") == "Save As..."
    assert plain_label("my_long_name.txt") == "my_long_name.txt"


@pytest.mark.parametrize("role", ["list_item", "cell", "icon", "window"])
def test_a_file_keeps_the_underscore_of_its_name(role):
    assert plain_label(" IMG_1.png ", role) == "IMG_1.png"
    assert plain_label("_File", "menu") == "File"
    assert plain_label("IMG_1.png", "tab") == "IMG_1.png"
    assert plain_label("E_xit...", "menu_item") == "Exit..."
    assert states_of(1 << 25 | 1 << 24) == {"showing", "enabled"}
