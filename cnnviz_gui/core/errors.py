"""Failures a person can understand: one sentence says what is wrong, one what to do."""

from __future__ import annotations

_LONGEST = 1500
"""Characters of a sentence: what it quotes of a file may be as long as the file."""


class CnnvizError(Exception):
    """Base of every failure that is shown to the user.

    Parameters
    ----------
    message
        What is wrong, one sentence; of a very long one the middle is left out.
    advice
        What to do about it, one sentence; may be empty.
    offer
        The name of a remedy the program itself can apply, such as ``"partial"`` for opening what
        is there of a cut-off picture; empty when there is none.
    """

    def __init__(self, message: str, advice: str = "", *, offer: str = "") -> None:
        self.message = _short(message)
        self.advice = _short(advice)
        super().__init__(f"{self.message} {self.advice}".strip())
        self.offer = offer


def _short(text: str) -> str:
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]} … {text[-half:]}"


class ImageError(CnnvizError):
    """A picture cannot be opened or written."""


class ModelError(CnnvizError):
    """A network cannot be built or does not fit."""


class CheckpointError(ModelError):
    """A file of weights cannot be read, is refused or fits no network."""


class LabelsError(CnnvizError):
    """A file of class names cannot be understood."""


class LayerError(CnnvizError):
    """A layer does not exist or cannot serve the method."""


class TargetError(CnnvizError):
    """A class does not exist or its name is ambiguous."""


class ParameterError(CnnvizError):
    """A parameter is unknown, of the wrong type or out of range."""


class MethodError(CnnvizError):
    """A method does not exist, or cannot work on this network."""


class RequestError(CnnvizError):
    """A request file cannot be understood."""


class SpectrumError(CnnvizError):
    """A file of magnitudes cannot be understood."""


class OutputError(CnnvizError):
    """A result cannot be written."""


class DeviceError(CnnvizError):
    """A device has too little memory, or has stopped computing."""


class Cancelled(BaseException):
    """The job was told to stop.

    Not an ``Exception``: no ``except Exception`` inside a network can swallow it.
    """
