import math

import pytest

from cnnviz_gui.core import numbers as fmt


@pytest.mark.parametrize(
    ("probability", "written"),
    [
        (0.383, "38.3 %"),
        (0.0006, "0.1 %"),
        (0.0004, "< 0.1 %"),
        (1e-30, "< 0.1 %"),
        (0.0, "0 %"),
        (0.9994, "99.9 %"),
        (0.99999, "> 99.9 %"),
        (1.0, "100 %"),
        (math.nan, "–"),
    ],
)
def test_percent_never_rounds_to_certainty(probability: float, written: str) -> None:
    assert fmt.percent(probability) == written


@pytest.mark.parametrize(
    ("change", "written"),
    [(0.992, "+99.2"), (-0.957, "−95.7"), (0.0002, "0.0"), (-0.0002, "0.0"), (0.0, "0.0")],
)
def test_points_have_a_sign_and_a_true_minus(change: float, written: str) -> None:
    assert fmt.points(change) == written


def test_counts_use_thin_spaces() -> None:
    assert fmt.count(409600) == "409\u2009600"
    assert fmt.count(19) == "19"


@pytest.mark.parametrize(
    ("number", "written"),
    [(4_652_008, "4.65 M"), (20_070_400, "20.1 M"), (999, "999"), (999_700, "1.00 M"), (0, "0")],
)
def test_large_numbers_have_three_digits(number: float, written: str) -> None:
    assert fmt.short(number) == written


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0.084, "0.0840"),
        (-0.4, "−0.400"),
        (0.19149, "0.191"),
        (9.999, "10.0"),
        (1234.5, "1234"),
        (0.0, "0"),
        (-math.inf, "−∞"),
    ],
)
def test_three_significant_digits(number: float, written: str) -> None:
    assert fmt.significant(number) == written


@pytest.mark.parametrize(
    ("number", "written"),
    [(1.25, "1.25"), (8.0, "8"), (8 / 255, "0.0313725"), (2**31 - 1, "2147483647"), (-0.5, "-0.5")],
)
def test_inputs_show_no_more_than_was_meant(number: float, written: str) -> None:
    assert fmt.plain(number) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.019, "19 ms"),
        (0.0001, "< 1 ms"),
        (0.06, "0.06 s"),
        (0.999, "1.0 s"),
        (3.21, "3.2 s"),
        (9.97, "10 s"),
        (125, "2 min 5 s"),
        (3725, "1 h 2 min"),
    ],
)
def test_durations(seconds: float, written: str) -> None:
    assert fmt.duration(seconds) == written


def test_time_left_rounds_up() -> None:
    assert fmt.time_left(2.1) == "3 s left"
    assert fmt.time_left(0.0) == "1 s left"
    assert fmt.time_left(91) == "2 min left"


def test_shapes_memory_and_255ths() -> None:
    assert fmt.shape((1280, 7, 7)) == "1280 × 7 × 7"
    assert fmt.memory(1.1e9) == "1.1 GB"
    assert fmt.memory(512e6) == "512 MB"
    sizes = (310 << 10, 102_530_333, 1300 << 20)
    assert [fmt.file_size(size) for size in sizes] == ["310 KiB", "97.8 MiB", "1.27 GiB"]
    assert fmt.of255(1.25) == "1.25 / 255"
    assert fmt.of255(0.68754) == "0.688 / 255"


def test_a_compact_count_has_a_unit_only_from_a_million_on():
    assert fmt.compact(928) == "928"
    assert fmt.compact(409_600) == "409\N{THIN SPACE}600"
    assert fmt.compact(4_652_008) == "4.65 M"
    assert fmt.compact(999_900) == "1.00 M"
    assert fmt.compact(12_345_000_000) == "12.3 G"


@pytest.mark.parametrize(
    "number",
    [
        *("1.18 / 255", "38.3 %", "< 0.1 %", "19 ms", "3 s", "2 min", "97.8 MiB", "4.65 M"),
        *("≤ 0.5", "± 3 / 255", "ε 0.0625 / 255", "0.42 ε", "65 × 65 points", "L2 0.3", "[0, 1]"),
        *("409\N{THIN SPACE}600", "8 bits", "−6.1 points"),
    ],
)
def test_no_line_ends_inside_a_number_and_its_unit(number: str) -> None:
    firm = fmt.unbroken(f"It went {number}, and so on.")
    inside = firm.removeprefix("It went ").removesuffix(", and so on.")
    assert " " not in inside and "\N{THIN SPACE}" not in inside
    spaces = {"\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": "\N{THIN SPACE}"}
    assert inside.translate(str.maketrans(spaces)) == number


@pytest.mark.parametrize(
    "end", ["at 4 / 255", "at 0.0157", "38.3 % after", "> 99.9 % before", "0.1 % so far"]
)
def test_no_word_of_a_verdict_is_left_alone(end: str) -> None:
    firm = fmt.unbroken(f"Flipped to cat, {end}")
    assert firm.count(" ") == 3 and firm.replace("\N{NO-BREAK SPACE}", " ").endswith(end)


def test_a_short_part_of_a_sentence_stays_together() -> None:
    assert " " not in fmt.together("Egyptian cat > 99.9 % after")
    long = "a class with a very long name 38.3 % after"
    assert fmt.together(long) == long


def test_words_stay_apart() -> None:
    text = "3 of 12 pictures keep their class, 5 hold, 2 more: all 7 steps."
    assert fmt.unbroken(text) == text


def test_a_share_has_a_space_before_the_sign_as_everything_in_per_cent():
    assert [fmt.share(value) for value in (0, 0.744, 1)] == ["0 %", "74 %", "100 %"]
    assert fmt.share(-0.12) == "−12 %"
