"""The one coordinate layer."""

from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from grounding.geometry import Point, Size
from grounding.screenshot import Screenshot
from guiagent.desktop.monitors import Monitor, all_of, view_of

PLACE, SIDE = some.integers(-4000, 4000), some.integers(1, 4000)
MONITORS = some.lists(
    some.builds(Monitor, PLACE, PLACE, SIDE, SIDE),
    min_size=1, max_size=4,
)  # fmt: skip


def test_a_monitor_left_of_the_first_has_a_negative_origin():
    view = view_of([Monitor(0, 0, 1920, 1080), Monitor(-1280, -200, 1280, 1024)], Size(3200, 1280))
    shot = Screenshot(Image.new("RGB", (1, 1)), view.origin, view.scale)
    assert shot.to_screen(Point(0, 0)) == Point(-1280, -200)
    assert shot.to_screen(Point(1280, 200)) == Point(0, 0)


def test_a_screen_of_twice_the_pixels():
    view = view_of([Monitor(0, 0, 1440, 900)], Size(2880, 1800))
    assert view.scale == 2.0
    assert Screenshot(Image.new("RGB", (1, 1)), *view).to_screen(Point(2878, 900)) == Point(1439, 450)


@given(MONITORS, some.sampled_from([1.0, 2.0, 3.0]), some.data())
def test_every_place_of_every_monitor_is_found_again(monitors, scale, data):
    box = all_of(monitors)
    view = view_of(monitors, Size(int(box.width * scale), int(box.height * scale)))
    monitor = data.draw(some.sampled_from(monitors))
    place = Point(
        data.draw(some.integers(monitor.left, monitor.left + monitor.width - 1)),
        data.draw(some.integers(monitor.top, monitor.top + monitor.height - 1)),
    )
    shot = Screenshot(Image.new("RGB", (1, 1)), view.origin, view.scale)
    pixel = shot.from_screen(place)
    assert 0 <= pixel.x < box.width * scale
    assert 0 <= pixel.y < box.height * scale
    assert shot.to_screen(pixel) == place
