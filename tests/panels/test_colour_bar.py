"""The key to a heat map."""

from cnnviz_gui.panels.colour_bar import ColourBar


def test_the_room_for_labels_changes_in_steps_so_that_pictures_beside_them_stand_still(qtbot):
    bar = ColourBar()
    qtbot.addWidget(bar)

    def room(name, low, high):
        bar.set_scale(name, low, high)
        return bar.sizeHint().width()

    ranges = [(0.0, high) for high in (0.0142, 0.387, 1.0, 2.53, 7.0, 11.9)]
    usual = {room("inferno", *one) for one in ranges} | {room("vik", -0.64, 0.64)}
    assert len(usual) == 1
    assert room("inferno", 0.0, 12345678.9) > usual.pop()
    assert room("inferno", 0.0, 12345678.9) == room("inferno", 0.0, 12345999.0)
