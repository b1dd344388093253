"""``cnnviz attack --transfer``: whether the adversarial picture of one network fools another."""

from collections.abc import Callable
from typing import Any

import pytest


def test_what_the_attack_is_shown_to_is_in_the_report(cnnviz: Callable[..., Any], cat: str) -> None:
    other = "squeezenet1_1:untrained"
    ran = cnnviz("attack", "fgsm", cat, "--epsilon", "4", "--transfer", other, "--json")
    assert (ran.status, ran.err, ran.out.count("\n")) == (0, "", 1)
    told = ran.json["transfer"]
    assert {"model", "success", "clean", "adversarial"} <= set(told)
    assert told["model"] == other
    clean, adversarial = told["clean"], told["adversarial"]
    assert {score["index"] for score in clean} == {score["index"] for score in adversarial}
    assert told["success"] == (clean[0]["index"] != adversarial[0]["index"])
    alone = cnnviz("predict", cat, "--model", other, "--json").json["predictions"]
    assert clean[0]["probability"] == pytest.approx(alone[0]["probability"], abs=1e-6)


def test_shown_to_its_own_network_an_attack_says_the_same(
    cnnviz: Callable[..., Any], cat: str
) -> None:
    own = ("--transfer", "efficientnet_lite0")
    report = cnnviz("attack", "fgsm", cat, "--epsilon", "4", *own, "--json").json
    told = report["transfer"]
    assert told["success"] == report["success"] is True
    assert (told["clean"], told["adversarial"]) == (report["clean"], report["adversarial"])
    assert told["resized"] == ""


def test_a_network_of_another_size_is_told_of_as_text(cnnviz: Callable[..., Any], cat: str) -> None:
    ran = cnnviz("attack", "fgsm", cat, "--epsilon", "4", "--transfer", "lenet5")
    assert ran.status == 0
    assert "shown to LeNet-5, resized from 224 × 224 to 32 × 32: it " in ran.out


def test_a_target_that_only_one_network_knows_is_not_asked_of_the_other(
    cnnviz: Callable[..., Any], cat: str
) -> None:
    flags = ("--target", "espresso", "--transfer", "lenet5", "--json")
    report = cnnviz("attack", "fgsm", cat, *flags).json
    assert report["target"]["label"] == "espresso"
    assert report["transfer"]["target"] is None


def test_a_network_that_does_not_exist_is_refused_before_the_attack(
    cnnviz: Callable[..., Any], cat: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnnviz_gui.core import run_attack

    monkeypatch.setattr(run_attack, "run", None)
    ran = cnnviz("attack", "fgsm", cat, "--transfer", "nope")
    assert (ran.status, ran.out) == (1, "")
    assert "no network 'nope'" in ran.err


def test_without_the_flag_nothing_is_told_of_others(cnnviz: Callable[..., Any], cat: str) -> None:
    assert "transfer" not in cnnviz("attack", "fgsm", cat, "--json").json
