"""Contexts for a computation inside another one."""

from cnnviz_gui.core.contexts import Share


class Told:
    def __init__(self):
        self.steps = []

    def step(self, done, total):
        self.steps.append((done, total))


def test_a_share_is_told_in_units_so_fine_that_the_window_writes_per_cent():
    """Thousandths were written as a count: "600 of 1 000" for a file of a few bytes."""
    outer = Told()
    Share(outer, 600, 1000).step(1, 4)
    Share(Share(outer, 0, 600), 500, 1000).step(0, 7)
    assert outer.steps == [(70_000, 100_000), (30_000, 100_000)]
