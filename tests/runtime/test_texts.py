"""Prompts from conversations, and answers from bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.answer import Answer
from runtime.errors import ModelError
from runtime.model import Message
from runtime.template import ChatTemplate

NO_SYSTEM = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "[{{ m.role }}]{{ m.content | trim }}{% endfor %}{% if add_generation_prompt %}[model]{% endif %}"
)
SYSTEM, USER = Message(role="system", text="Rules."), Message(role="user", text=" Do it. ")


def rendered(segments):
    return "".join(segment.text for segment in segments)


@given(st.text())
def test_the_texts_of_messages_stand_in_segments_of_their_own(text):
    segments = ChatTemplate(None).segments([SYSTEM, Message(role="user", text=text)])
    assert [segment.text for segment in segments if not segment.ours] == ["Rules.", text]
    assert rendered(s for s in segments if s.static) == "<|im_start|>system\nRules."


def test_an_open_answer_ends_the_prompt():
    segments = ChatTemplate(None).segments([USER, Message(role="assistant", text="Well")])
    assert rendered(segments).endswith("<|im_start|>assistant\nWell")


def test_a_template_without_system_messages_gets_it_with_the_first_question():
    assert rendered(ChatTemplate(NO_SYSTEM).segments([SYSTEM, USER])) == "[user]Rules.\n\n Do it. [model]"
    with pytest.raises(ModelError, match="no system"):
        ChatTemplate(NO_SYSTEM).segments([SYSTEM])


def test_a_broken_template_is_named():
    with pytest.raises(ModelError, match="chat template"):
        ChatTemplate("{% for %}")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(1, 5))
def test_characters_come_out_whole_however_the_bytes_are_cut(text, size):
    answer, data = Answer(), text.encode()
    for at in range(0, len(data), size):
        answer.add(data[at : at + size])
        assert text.startswith(answer.text)
    assert answer.text == text


@given(st.text("abc", max_size=30), st.text("abc", min_size=1, max_size=4), st.integers(1, 5))
def test_a_stop_text_is_found_across_pieces(text, stop, size):
    answer = Answer([stop])
    for at in range(0, len(text), size):
        answer.add(text[at : at + size].encode())
        if answer.stopped:
            break
    assert answer.stopped == (stop in text)
    assert answer.text == text.split(stop)[0]
