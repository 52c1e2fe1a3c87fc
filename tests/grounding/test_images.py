"""Whatever file is given: an image, or a sentence."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from grounding.images import load_image
from runtime.errors import ImageError


def saved(tmp_path, image, name="a.png", **rest):
    image.save(tmp_path / name, **rest)
    return tmp_path / name


def test_a_single_pixel(tmp_path):
    assert load_image(saved(tmp_path, Image.new("RGB", (1, 1), "red"))).getpixel((0, 0)) == (255, 0, 0)


def test_sixteen_bits_are_scaled_not_cut(tmp_path):
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(1, 256)
    image = load_image(saved(tmp_path, Image.fromarray(ramp)))
    assert image.getpixel((0, 0)) == (0, 0, 0)
    assert 120 < image.getpixel((128, 0))[0] < 136
    assert image.getpixel((255, 0)) == (255, 255, 255)


def test_the_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    file = saved(tmp_path, frames[0], "a.gif", save_all=True, append_images=frames[1:])
    assert load_image(file).getpixel((0, 0))[0] > 200


def test_clear_pixels_become_white(tmp_path):
    assert load_image(saved(tmp_path, Image.new("RGBA", (2, 2), (0, 0, 0, 0)))).getpixel((0, 0)) == (255, 255, 255)


def test_a_file_that_is_cut_off(tmp_path):
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    whole = saved(tmp_path, Image.fromarray(noise)).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ImageError, match=r"cut\.png is cut off"):
        load_image(tmp_path / "cut.png")


def test_what_is_no_image_or_not_there(tmp_path):
    (tmp_path / "a.png").write_text("hello")
    with pytest.raises(ImageError, match="not an image"):
        load_image(tmp_path / "a.png")
    with pytest.raises(ImageError, match="There is no image file"):
        load_image(tmp_path / "missing.png")
    with pytest.raises(ImageError):
        load_image(tmp_path)


def test_twenty_thousand_pixels_wide(tmp_path):
    with pytest.raises(ImageError, match="20000 x 10"):
        load_image(saved(tmp_path, Image.new("RGB", (20_000, 10))))
