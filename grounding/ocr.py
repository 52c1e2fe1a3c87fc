"""Reading text from pixels with RapidOCR: the only file that knows it; an extra, loaded at the first reading."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from grounding.element import Word
from grounding.geometry import Box
from grounding.ink import Pixels, cut_far, ink, tight, without_mnemonics, words_of
from grounding.layout import rectangles
from runtime.errors import GuiagentError

LEAST_SURE = 0.5
"""Readings below this are noise from icons."""
WINDOW = (1920, 1200)
"""Pixels that are looked at in one go; larger screens are read window by window, so that memory stays bounded."""
OVERLAP = 64
ICON_LIKE = "©®●○■□◎☑☐×"
"""What the recogniser makes of little pictures."""
MOST_SIGNS = 60
"""Boxes without text in which a single sign is looked for."""


class OcrMissing(GuiagentError):
    """The libraries that read text from pixels are not installed."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class TextLine:
    """Some words on one line that belong together."""

    text: str
    box: Box
    words: tuple[Word, ...]
    confidence: float
    """0 to 1, by the recogniser."""

    def move(self, dx: int, dy: int) -> TextLine:
        """The line shifted."""
        words = tuple(Word(word.text, word.box.move(dx, dy)) for word in self.words)
        return replace(self, box=self.box.move(dx, dy), words=words)


def read(pixels: Pixels) -> tuple[TextLine, ...]:
    """The lines of text in a picture (rows, columns, RGB), in reading order. About 1 s for 1280x800 on two cores."""
    lines: list[TextLine] = []
    for window, core in _windows(pixels.shape[1], pixels.shape[0]):
        part = np.ascontiguousarray(pixels[window.top : window.bottom, window.left : window.right])
        lines += [
            line for found in _read_window(part) if core.has((line := found.move(window.left, window.top)).box.centre)
        ]
    return tuple(sorted(lines, key=lambda line: (line.box.centre.y // 8, line.box.left)))


def _windows(width: int, height: int) -> Iterator[tuple[Box, Box]]:
    """The windows to read, each with the part of it whose lines count."""
    for top in range(0, height, WINDOW[1]):
        for left in range(0, width, WINDOW[0]):
            core = Box(left, top, min(left + WINDOW[0], width), min(top + WINDOW[1], height))
            yield core.grow(OVERLAP).cut(Box(0, 0, width, height)), core


def _read_window(pixels: Pixels) -> Iterator[TextLine]:
    engine = _engine()
    boxes = _detect(engine, pixels)
    for found in boxes:
        for piece in cut_far(pixels, found):
            if line := _recognise(engine, pixels, piece):
                yield line
    for sign in _signs(pixels, boxes):
        if (line := _recognise(engine, pixels, sign)) and len(line.text) <= 4:
            yield line


def _signs(pixels: Pixels, found: Sequence[Box]) -> Iterator[Box]:
    """What stands alone in the middle of a drawn box: the keys of a calculator are too small to be found as text."""
    key_like = [b for b in rectangles(pixels) if b.width < 4 * b.height and b.width <= 120]
    for box in [b for b in key_like if not any(b.cut(text) for text in found)][:MOST_SIGNS]:
        inner = box.grow(-5)
        seen = tight(ink(pixels[inner.top : inner.bottom, inner.left : inner.right])) if inner else inner
        seen = seen.move(inner.left, inner.top)
        small = seen and seen.width < 0.6 * inner.width and seen.height <= 18 and seen.width <= 32
        if small and abs(seen.centre.x - box.centre.x) <= 4:
            yield Box(seen.left - 6, box.centre.y - 10, seen.right + 6, box.centre.y + 10).cut(box)


def _detect(engine: Any, pixels: Pixels) -> list[Box]:
    """Where there is text."""
    height, width = pixels.shape[:2]
    if min(height, width) < 6:
        return []
    picture = np.ascontiguousarray(pixels[:, :, ::-1])
    flat = height <= 48 or width > 8 * height  # the whole engine pads such pictures, the detector alone does not
    detector = (
        None if flat else getattr(engine, "text_det", None)
    )  # alone it saves the cutting out, a fifth of the time
    result = detector(picture) if detector else engine(picture, use_det=True, use_cls=False, use_rec=False)
    boxes = getattr(result, "boxes", None)
    if boxes is None:
        return []
    corners = np.asarray(boxes)
    sides = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1).round().astype(int).tolist()
    screen = Box(0, 0, width, height)
    return [box for side in sides if (box := Box(*side).cut(screen)) and min(box.width, box.height) > 3]


def _recognise(engine: Any, pixels: Pixels, box: Box) -> TextLine | None:
    """What the piece says; None where it says nothing."""
    crop = without_mnemonics(pixels[box.top : box.bottom, box.left : box.right])
    if box.height > 1.5 * box.width and box.height > 48:
        return None  # upright text is rare on screens, and nobody asks for it
    result = engine(np.ascontiguousarray(crop[:, :, ::-1]), use_det=False, use_cls=False, use_rec=True)
    texts, scores = getattr(result, "txts", None), getattr(result, "scores", None)
    text, score = (str(texts[0]).strip(), float(scores[0])) if texts and scores else ("", 0.0)
    if not text or score < LEAST_SURE or _noise(text, score):
        return None
    seen = tight(ink(crop)).move(box.left, box.top)
    box = seen.grow(1).cut(box) if seen.width >= 0.5 * box.width else box
    return _without_icon(TextLine(text, box, words_of(pixels, box, text), score))


def _without_icon(line: TextLine) -> TextLine:
    """The line without a picture before it that was read as a sign (`自 Open...`, `©Reload`)."""
    rest = line.text[1:].lstrip()
    if (
        not rest[:1].isascii()
        or not rest[:1].isalpha()
        or not (line.text[0] in ICON_LIKE or ord(line.text[0]) > 0x2E7F)
    ):
        return line
    if len(line.words) > 1 and len(line.words[0].text) == 1:
        box = line.words[1].box
        for word in line.words[2:]:
            box = box.join(word.box)
        return replace(line, text=rest, box=box, words=line.words[1:])
    return replace(line, text=rest, words=(replace(line.words[0], text=line.words[0].text[1:]), *line.words[1:]))


def _noise(text: str, score: float) -> bool:
    """Icons read as letters: one sign that is no letter of an alphabet, or unsure scraps."""
    if len(text) == 1:
        return (ord(text) > 0x2E7F and score < 0.98) or (not text.isalnum() and score < 0.8) or text in "口日目田回区□☑"
    foreign = sum(ord(letter) > 0x2E7F for letter in text)
    return (len(text) <= 3 and 0 < foreign < len(text)) or (len(text) == 2 and score < 0.7)


@cache
def _engine() -> Any:
    """The models, loaded once in this process (about a second)."""
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise OcrMissing(
            f"Reading the screen's pixels needs RapidOCR and ONNX Runtime ({error}). "
            "Install them with: pip install 'guiagent[ocr]'"
        ) from error
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Global.max_side_len": 8000,
            "Global.text_score": 0.0,
            "EngineConfig.onnxruntime.intra_op_num_threads": 2,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Det.limit_type": "max",
            "Det.limit_side_len": 8000,
            "Det.box_thresh": 0.4,
            "Rec.rec_batch_num": 1,
            "Rec.rec_img_shape": [3, 48, 48],
        }
    )
