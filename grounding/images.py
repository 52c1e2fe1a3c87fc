"""Image files: opened whatever they are, or refused in a sentence, in bounded memory."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.errors import ImageError

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 40_000_000
"""Larger than five 4K screens: about 120 MB once open."""
LONGEST_SIDE = 16_384


def load_image(path: Path | str) -> Image:
    """The image as 8-bit RGB: the first frame of an animation, transparency on white.

    Raises `ImageError` for what is no image, is cut off, or is too large to be a screen.
    """
    from PIL import Image, UnidentifiedImageError

    file = Path(path)
    if not file.is_file():
        raise ImageError(f"There is no image file {file}. Give the path of a PNG or JPEG file.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file) as opened:
                _check_size(file, opened)
                opened.load()
                return _rgb(opened)
    except UnidentifiedImageError as error:
        raise ImageError(f"{file} is not an image that can be read. Give a PNG or JPEG file.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(f"{file} has too many pixels for a screen ({error}). Cut or reduce it first.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ImageError(f"{file} is cut off or damaged ({error}). Save or capture it again.") from error


def _check_size(file: Path, image: Image) -> None:
    width, height = image.size
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise ImageError(
            f"{file} is {width} x {height} pixels; at most {LONGEST_SIDE} a side and {MOST_PIXELS:,} in all "
            "can be read. Cut or reduce it first."
        )


def _rgb(image: Image) -> Image:
    """Eight bits a channel; sixteen-bit greys are scaled, not cut."""
    from PIL import Image as Images

    if image.mode.startswith(("I", "F")):
        import numpy as np

        values = np.asarray(image).astype(np.float64)
        high = 65535.0 if values.max(initial=0) > 255 else 255.0
        return Images.fromarray((values / high * 255).clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        return Images.alpha_composite(Images.new("RGBA", clear.size, "white"), clear).convert("RGB")
    return image.convert("RGB")
