import pytest

from cnnviz_gui.core.errors import CnnvizError, ImageError
from cnnviz_gui.engine.events import MAX_DETAILS, MAX_MESSAGE, Failure


def raised(error):
    try:
        raise error
    except BaseException as caught:
        return Failure.from_exception(caught, "Grad-CAM")


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class Leaving(Exception):
    def __str__(self):
        raise SystemExit(3)


class Unfinished(CnnvizError):
    def __init__(self):
        """Skip the base class, which sets the message."""


class OutOfMemoryError(RuntimeError):
    pass


def test_a_foreseen_failure_speaks_for_itself():
    failure = raised(ImageError("The file is cut off.", "Open what is there.", offer="partial"))
    assert failure == Failure("The file is cut off.", "Open what is there.", "partial")


def test_an_unforeseen_failure_names_the_job_and_keeps_the_traceback():
    failure = raised(RuntimeError("shape '[2]' is invalid\nsecond line"))
    assert failure.message == "Grad-CAM failed: shape '[2]' is invalid."
    assert "Traceback" in failure.details and "second line" in failure.details
    assert failure.advice


@pytest.mark.parametrize("error", [RuntimeError(), SystemExit(), KeyboardInterrupt(), Mute()])
def test_a_failure_without_words_is_named_by_its_type(error):
    assert raised(error).message == f"Grad-CAM failed: {type(error).__name__}."


@pytest.mark.parametrize(
    "error",
    [
        Exception(b"\xff\xfe"),
        Exception({"un": ["hashable"]}),
        Exception("lone surrogate \udc80"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        BaseExceptionGroup("many", [KeyboardInterrupt(), ValueError("one")]),
        ImageError("surrogate \udcff", "advice \udcff"),
        Unfinished(),
        Leaving(),
        Exception("x" * 100_000),
    ],
)
def test_whatever_is_raised_becomes_text_that_can_be_shown_and_saved(error):
    failure = raised(error)
    assert failure.message
    for text in (failure.message, failure.advice, failure.details):
        text.encode("utf-8")
    assert len(failure.message) <= MAX_MESSAGE + 50
    assert len(failure.details) <= MAX_DETAILS


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OutOfMemoryError("CUDA"),
        RuntimeError("MPS backend out of memory (MPS allocated: 17 GB)"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes."),
    ],
)
def test_a_lack_of_memory_comes_with_advice(error):
    failure = raised(error)
    assert "not enough memory" in failure.message
    assert "smaller network" in failure.advice


def test_a_failure_does_not_keep_what_the_computation_held():
    import gc
    import weakref

    class Tensor:
        pass

    refs = []

    def compute():
        tensor = Tensor()
        refs.append(weakref.ref(tensor))
        raise RuntimeError(f"failed with {type(tensor).__name__}")

    try:
        compute()
    except RuntimeError as error:
        failure = Failure.from_exception(error, "Grad-CAM")
    gc.collect()
    assert refs[0]() is None and failure.details
