"""An image for the tests that need a virtual machine, which `make test-vm` builds; else they skip and say so."""

import os
import shutil
import subprocess
from importlib.util import find_spec

import pytest

from guiagent import config
from guiagent.assemble import open_machine
from guiagent.vm.images import image_named


@pytest.fixture(scope="session")
def vm_settings():
    settings = config.load({"desktop": "vm", "vm.accel": "tcg"})
    image = image_named(settings.vms_dir, settings.vm.image)
    if not shutil.which("qemu-system-x86_64") or not find_spec("qemu"):
        pytest.skip("install it: sudo apt install qemu-system-x86 qemu-utils; pip install 'guiagent[vm]'")
    if image.manifest() is None:
        pytest.skip("build an image: guiagent vm build (make test-vm does so)")
    return settings


@pytest.fixture
def vm(vm_settings):
    with open_machine(vm_settings) as machine:
        yield machine


@pytest.fixture
def small_disk(tmp_path):
    """A folder with a megabyte of room."""
    small = tmp_path / "small"
    small.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], check=False).returncode
    ):
        pytest.skip("needs root and the right to mount a small file system")
    yield small
    subprocess.run(["umount", small], check=True)
