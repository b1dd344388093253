"""What sees every operation of torch while it runs."""

from __future__ import annotations

from torch.utils._python_dispatch import TorchDispatchMode


class Seeing(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch
    """A dispatch mode of code that is never compiled.

    By itself torch loads its compiler at the first operation that such a mode sees, to keep it
    from compiling the mode: more than two seconds, and nothing here is compiled.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()  # type: ignore[no-untyped-call]  # torch

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False
