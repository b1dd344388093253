import pytest

from cnnviz_gui.cli import numbers


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0.3829, "38.3 %"),
        (0.0004, "< 0.1 %"),
        (0.0006, "0.1 %"),
        (0.0, "0.0 %"),
        (0.99999, "> 99.9 %"),
        (1.0, "100.0 %"),
    ],
)
def test_probability_is_a_per_cent_that_never_pretends_to_be_an_end(
    probability: float, text: str
) -> None:
    assert numbers.percent(probability) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (9.999, "10.0"),
        (0.04, "0.0400"),
        (-0.4, "−0.400"),
        (1234.5, "1234"),
        (1e-7, "1.00e−07"),
        (float("nan"), "nan"),
    ],
)
def test_three_significant_digits(number: float, text: str) -> None:
    assert numbers.significant(number) == text


def test_counts_have_thin_spaces_or_a_unit() -> None:
    assert numbers.count(928) == "928"
    assert numbers.count(409_600) == "409\N{THIN SPACE}600"
    assert numbers.count(4_652_008) == "4.65 M"
    assert numbers.count(999_900) == "1.00 M"
    assert numbers.count(12_345_000_000) == "12.3 G"


def test_changes_are_points_with_sign_and_true_minus() -> None:
    assert numbers.points(-0.957) == "−95.7"
    assert numbers.points(0.992) == "+99.2"
    assert numbers.points(-0.0001) == "0.0"


def test_durations() -> None:
    said = [numbers.duration(s) for s in (0.019, 0.42, 12.3, 125)]
    assert said == ["19 ms", "0.42 s", "12 s", "2 min 5 s"]


def test_sizes() -> None:
    assert numbers.dimensions((1280, 7, 7)) == "1280 × 7 × 7"
    assert numbers.square(None) == "–"
