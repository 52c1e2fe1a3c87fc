"""A model file that is none, is cut short, or lies about itself is refused with a sentence."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime import gguf
from runtime.errors import ModelCorrupt, ModelError, ModelMissing


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


WHOLE = (
    b"GGUF"
    + struct.pack("<IQQ", 3, 1, 3)
    + (text("general.architecture") + struct.pack("<I", 8) + text("toy"))
    + (text("toy.context_length") + struct.pack("<II", 4, 512))
    + (text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("b"))
    + (text("w") + struct.pack("<IQIQ", 1, 64, 0, 0))
)
WHOLE = WHOLE.ljust(-(-len(WHOLE) // 32) * 32, b"\0") + bytes(256)


def test_a_whole_header(tmp_path):
    path = tmp_path / "toy.gguf"
    path.write_bytes(WHOLE)
    header = gguf.read(path)
    assert (header.architecture, header.context_length, header.vocabulary) == ("toy", 512, 2)
    assert (header.tensors, header.weight_bytes) == (1, 256)


@given(cut=st.integers(0, len(WHOLE) - 1))
def test_cut_anywhere_it_is_refused(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("cut") / "toy.gguf"
    path.write_bytes(WHOLE[:cut])
    with pytest.raises(ModelCorrupt, match="guiagent models pull"):
        gguf.read(path)


@given(at=st.integers(4, len(WHOLE) - 257), byte=st.integers(0, 255))
def test_a_changed_byte_never_breaks_the_reader(tmp_path_factory, at, byte):
    path = tmp_path_factory.mktemp("changed") / "toy.gguf"
    path.write_bytes(WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :])
    with contextlib.suppress(ModelError):
        assert gguf.read(path).file_bytes == len(WHOLE)


def test_what_is_not_there(tmp_path):
    with pytest.raises(ModelMissing):
        gguf.read(tmp_path / "nothing.gguf")
