"""The numbers of one feature map."""

from __future__ import annotations

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels.controls import Card, KeyValueRows
from cnnviz_gui.state.layer_view import ShownLayer, statistics

_UNKNOWN = "–"


class ChannelCard(Card):
    """Numbers of the chosen channel and of the cell under the cursor."""

    def __init__(self) -> None:
        super().__init__("Channel", " ")
        self._rows = KeyValueRows()
        self.body.addWidget(self._rows)
        self._shown: ShownLayer | None = None
        self._cell_row = 0
        self._cell: object = None

    def show_channel(self, shown: ShownLayer | None, channel: int) -> None:
        """Show the numbers of a channel."""
        before = self._shown
        if before is None or shown is None or before.result is not shown.result:
            self._cell = None  # a place in other maps
        self._shown = shown
        if shown is None:
            self._rows.set_rows([("Channel", _UNKNOWN)])
            return
        self.title.setText(f"Channel {channel}")
        rows = _rows(shown, channel)
        self._cell_row = len(rows)
        self._rows.set_rows([*rows, ("Under the cursor", self._said_of_cell())])

    def show_cell(self, cell: object) -> None:
        """Show the value under the cursor; None when it left the maps."""
        self._cell = cell
        if self._shown is not None:
            self._rows.set_value(self._cell_row, self._said_of_cell())

    def _said_of_cell(self) -> str:
        if self._shown is None or not isinstance(self._cell, tuple):
            return _UNKNOWN
        channel, row, column = self._cell[:3]
        value = fmt.significant(float(self._shown.result.maps[channel, row, column]))
        return f"{value} (channel {channel}, row {row}, column {column})"


def _rows(shown: ShownLayer, channel: int) -> list[tuple[str, str]]:
    known, bias = statistics(shown.result), shown.result.bias
    count = len(known.mean)
    mean, low, high = (
        fmt.significant(float(each[channel])) for each in (known.mean, known.low, known.high)
    )
    rows = [
        ("Mean", f"{mean}, rank {known.rank[channel]} of {count}"),
        ("Range", f"{low} to {high}"),
        ("Zeros", fmt.percent(float(known.zeros[channel]))),
        ("Silent channels", f"{known.silent} of {count}"),
    ]
    if bias is not None:
        rows.append(("Bias", fmt.significant(float(bias[channel]))))
    return rows
