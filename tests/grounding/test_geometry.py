"""Boxes behave like sets of pixels."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grounding import Box, Point, Screenshot
from grounding.from_tree import rows_of
from grounding.relation import closeness, nth

numbers = st.integers(-300, 3000)
boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h), numbers, numbers, st.integers(0, 800), st.integers(0, 800)
)


@given(boxes, boxes)
def test_a_cut_lies_in_both_and_a_join_holds_both(one, other):
    shared = one.cut(other)
    assert shared.area == other.cut(one).area <= min(one.area, other.area)
    if one and other:
        around = one.join(other)
        assert one.cut(around) == one
        assert other.cut(around) == other
        assert 0 <= one.overlap(other) <= 1


@given(boxes, boxes, st.integers(-50, 50), st.integers(-50, 50))
def test_moving_both_changes_nothing_between_them(one, other, dx, dy):
    assert one.move(dx, dy).cut(other.move(dx, dy)).area == one.cut(other).area


@given(boxes)
def test_the_middle_of_a_box_is_in_it(box):
    assert not box or box.has(box.centre)


@given(st.lists(boxes, max_size=12))
def test_reading_order_loses_nothing(several):
    rows = rows_of(list(enumerate(several)))
    assert sorted(number for row in rows for number in row) == list(range(len(several)))


@given(boxes, boxes)
def test_closeness_is_a_share(one, other):
    for how in ("right", "left", "below", "above", "near", "row"):
        assert 0 <= closeness(one, other, how) <= 1


def test_right_of_is_not_left_of():
    field, label = Box(100, 0, 200, 20), Box(0, 0, 50, 20)
    assert closeness(field, label, "right") > 0.5
    assert closeness(field, label, "left") == 0


def test_the_last_and_the_eleventh_of_two():
    two = [Box(0, 50, 10, 60), Box(0, 0, 10, 10)]
    assert nth(two, 1) == 1
    assert nth(two, -1) == 0
    assert nth(two, 11) is None


@given(numbers, numbers, numbers, numbers, st.sampled_from([1.0, 2.0]))
def test_a_place_on_the_screen_comes_back_from_the_image(x, y, left, top, scale):
    from PIL import Image

    shot = Screenshot(Image.new("RGB", (4, 4)), Point(left, top), scale)
    assert shot.from_screen(shot.to_screen(Point(x * int(scale), y * int(scale)))) == Point(
        x * int(scale), y * int(scale)
    )
