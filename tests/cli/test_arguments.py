import pytest

from cnnviz_gui.cli.arguments import parse
from cnnviz_gui.core import registry


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    with pytest.raises(SystemExit) as leaving:
        parse(argv)
    assert leaving.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_defaults_are_the_methods_own(probe: str) -> None:
    arguments = parse(["attack", probe, "cat.png"])
    assert arguments.parameters.values() == {
        "norm": "linf",
        "budget": 4.0,
        "step_count": 10,
        "random_start": True,
        "seed": 0,
    }
    assert arguments.model == "efficientnet_lite0"
    assert arguments.target is None


def test_every_kind_of_parameter_has_its_flag(probe: str) -> None:
    flags = ["--norm", "l2", "--budget", "1.5", "--step-count", "3", "--no-random-start"]
    arguments = parse(["attack", probe, "cat.png", *flags, "--seed", "7"])
    assert list(arguments.parameters.values().values()) == ["l2", 1.5, 3, False, 7]


def test_one_seed_serves_method_and_weights(probe: str) -> None:
    arguments = parse(["attack", probe, "cat.png", "--seed", "7"])
    assert (arguments.seed, arguments.parameters.seed) == (7, 7)


def test_default_follows_the_choice_it_depends_on(probe: str) -> None:
    assert parse(["attack", probe, "cat.png", "--norm", "l2"]).parameters.budget == 3.0


def test_flags_may_stand_before_method_and_image(probe: str) -> None:
    arguments = parse(["attack", "--json", "--step-count", "3", probe, "--model", "lenet5", "x"])
    assert (arguments.method, arguments.image, arguments.parameters.step_count) == (probe, "x", 3)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--budget", "65"], "outside its range. Choose a value from 0 to 64 255ths"),
        (["--norm", "l2", "--budget", "21"], "Choose a value from 0 to 20"),
        (["--budget", "nan"], "outside its range"),
        (["--budget", "much"], "is a number, not 'much'"),
        (["--step-count", "2.5"], "is a whole number, not 2.5"),
        (["--norm", "l7"], "Choose one of: linf, l2"),
        (["--seed", "-1"], "is not from 0 to"),
        (["--seed", "x"], "is not a whole number"),
        (["--radius", "3"], "--radius"),
        (["--step", "3"], "--step"),
    ],
)
def test_a_bad_flag_is_wrong_usage_with_a_sentence(
    probe: str, flags: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refused(capsys, "attack", probe, "cat.png", *flags)
    assert said in error
    assert "usage:" not in error
    assert len(error.splitlines()) == 2


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["explode"],
        ["predict"],
        ["predict", "cat.png", "--top", "0"],
        ["predict", "cat.png", "dog.png"],
        ["heatmap"],
        ["run", "request.json"],
        ["feature"],
    ],
)
def test_wrong_usage(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, *argv)


@pytest.mark.parametrize("kind", ["heatmap", "attack"])
def test_unknown_method_names_the_known_ones(
    kind: registry.Kind, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refused(capsys, kind, "wishful-thinking", "cat.png", "--steps", "3")
    assert "'wishful-thinking'" in error
    assert all(m.name in error for m in registry.methods(kind))


def test_help_of_a_method_shows_ranges_units_and_defaults(
    probe: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as leaving:
        parse(["attack", probe, "--help"])
    assert leaving.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for part in (
        "cnnviz attack probe IMAGE",
        "Has one parameter of every kind.",
        "x + δ",
        "Nobody 2026",
        "--norm {linf,l2}",
        "norm linf: 0 to 64 255ths, default 4; norm l2: 0 to 20, default 3",
        "50 % of them useful (1 to 500, default 10)",
        "--random-start, --no-random-start",
    ):
        assert part in text


@pytest.mark.parametrize("kind", ["heatmap", "attack"])
def test_help_lists_every_method_on_one_line(
    kind: registry.Kind, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse([kind, "--help"])
    lines = capsys.readouterr().out.splitlines()
    for method in registry.methods(kind):
        assert sum(line.split()[:1] == [method.name] for line in lines) == 1


@pytest.mark.parametrize("kind", ["heatmap", "attack"])
def test_every_registered_method_can_be_asked_for_with_its_defaults(kind: registry.Kind) -> None:
    for method in registry.methods(kind):
        assert parse([kind, method.name, "cat.png"]).parameters == method.params()
