"""The sample pictures that come with the program: those on the strip suit the network in use."""

from __future__ import annotations

from cnnviz_gui import resources
from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes

_DIGIT_SIZE = 64
"""A grey network of at most this input size is taken for a reader of digits."""


class Samples:
    """Offers photographs, and before them digits while the network in use reads such.

    Where a sample is looked at that does not suit a new network, one that does is opened; a picture
    of the user's own stays.
    """

    def __init__(self, state: AppState, gallery: Gallery) -> None:
        self._state = state
        self._gallery = gallery
        self._photographs = tuple(str(path) for path in resources.samples())
        self._digits = tuple(str(path) for path in resources.digits())
        self._reads_digits = False
        gallery.add(self._photographs)
        self._suit()
        state.observe(self._on_state_changed, at_once=True)

    def open_first(self) -> None:
        """Open the first picture that suits the network in use."""
        self._gallery.bring(ImageRef(path=self._suitable[0]), follows=True)

    def begin(self) -> None:
        """Show what there is at the start of the program: a new session has begun."""
        self._gallery.add(self._photographs, follows=True)
        self._reads_digits = False
        self._suit()
        self.open_first()

    @property
    def _suitable(self) -> tuple[str, ...]:
        return self._digits if self._reads_digits else self._photographs

    def _on_state_changed(self, changes: Changes) -> None:
        if "facts" in changes:
            self._suit()

    def _suit(self) -> None:
        reads_digits = _reads_digits(self._state.shared.facts)
        if reads_digits == self._reads_digits:
            return
        unsuitable, self._reads_digits = self._suitable, reads_digits
        if reads_digits:
            self._gallery.add(self._digits, first=True, follows=True)
        else:
            for path in self._digits:
                self._gallery.remove(ImageRef(path=path))
        if self._gallery.wanted in unsuitable:
            self.open_first()


def _reads_digits(facts: ModelFacts | None) -> bool:
    return facts is not None and facts.channels == 1 and facts.input_size <= _DIGIT_SIZE
