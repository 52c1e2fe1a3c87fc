"""Branches of a tree in the wrong place, and trees in other pixels than the screen's."""

from __future__ import annotations

from grounding.geometry import Box, Size
from grounding.tree import Node, Tree, Window
from guiagent.desktop.atspi_places import enlarged, in_front, straightened


def node(box: tuple[int, int, int, int], parent: int) -> Node:
    return Node("panel", box=Box(*box), parent=parent)


def test_a_branch_beside_its_holder_is_moved_back() -> None:
    told = [node((0, 48, 400, 348), -1), node((0, 23, 400, 323), 0), node((6, 300, 60, 315), 1)]
    assert straightened(told)[2].box == Box(6, 325, 60, 340)


def test_what_lies_in_its_holder_stays() -> None:
    told = [node((0, 48, 400, 348), -1), node((0, 48, 400, 348), 0), node((6, 300, 60, 315), 1), node((0, 0, 0, 0), 1)]
    assert straightened(told) == tuple(told)


def test_a_part_smaller_than_its_holder_stays_where_it_is_told() -> None:
    told = [node((0, 48, 400, 348), -1), node((0, 23, 400, 223), 0)]
    assert straightened(told) == tuple(told)


# -- a display with a scale --------------------------------------------------------------------------------------------


def tree(*windows: tuple[str, str, tuple[int, int, int, int]]) -> Tree:
    tops = tuple(Window(title, app, box=Box(*box)) for title, app, box in windows)
    return Tree(tuple(Node("button", box=top.box, window=at) for at, top in enumerate(tops)), tops)


def boxes(found: Tree) -> list[Box]:
    assert [w.box for w in found.windows] == [n.box for n in found.nodes]
    return [w.box for w in found.windows]


def test_a_tree_in_pixels_that_are_drawn_as_two_is_made_larger() -> None:
    told = tree(("a.txt", "pad", (319, 148, 961, 651)), ("", "pad", (400, 200, 500, 300)))
    assert boxes(enlarged(told, {"a.txt": Size(1280, 960)})) == [Box(638, 296, 1922, 1302), Box(800, 400, 1000, 600)]


def test_a_tree_in_pixels_of_the_screen_stays() -> None:
    told = tree(("a.txt", "pad", (319, 148, 961, 651)))
    assert enlarged(told, {"a.txt": Size(640, 480)}) == told
    assert enlarged(told, {}) == told


def test_one_window_without_a_title_is_the_one_that_is_left() -> None:
    told = tree(("", "sums", (422, 162, 858, 655)))
    assert boxes(enlarged(told, {"Sums": Size(872, 940)})) == [Box(844, 324, 1716, 1310)]


def test_another_window_twice_as_wide_is_not_taken_for_it() -> None:
    told = tree(("", "sums", (422, 162, 858, 655)))
    assert enlarged(told, {"A browser": Size(872, 400)}) == told
    assert enlarged(told, {"A browser": Size(872, 940), "Another": Size(872, 940)}) == told


def windows(*boxes: tuple[int, int, int, int], active: int = 1) -> Tree:
    names = ("Letter", "Save", "Question")
    return Tree(
        windows=tuple(Window(names[n], "office", "dialog", Box(*box), n == active) for n, box in enumerate(boxes))
    )


def test_the_window_that_lies_where_the_keyboard_is_is_in_front() -> None:
    told = windows((0, 0, 1280, 800), (78, 0, 1204, 800), (371, 327, 912, 516))
    assert [w.active for w in in_front(told, Box(372, 351, 911, 515)).windows] == [False, False, True]


def test_where_none_or_two_lie_there_it_is_the_one_of_that_title() -> None:
    for told, client in (
        (windows((0, 0, 1280, 800), (78, 0, 1204, 800)), Box(300, 300, 500, 400)),
        (windows((0, 0, 1280, 800), (0, 0, 1280, 800)), Box(0, 24, 1280, 800)),
        (windows((0, 0, 0, 0), (0, 0, 0, 0)), Box(0, 0, 0, 0)),
    ):
        assert in_front(told, client) is told
