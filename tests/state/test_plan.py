import dataclasses
from dataclasses import dataclass

import numpy as np
import pytest

from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Score
from cnnviz_gui.core.params import Params, choice, flag, number
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import (
    Attack,
    Embed,
    Heatmap,
    ImageRef,
    InspectLayer,
    Nearest,
    Predict,
    Sweep,
)
from cnnviz_gui.core.result import AttackResult, Norms, SweepPoint, SweepResult
from cnnviz_gui.state.attack_plan import (
    attack_request,
    shown_attack,
    stepped,
    sweep_maximum,
    with_epsilon,
)
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.heatmap_plan import strip_guide
from cnnviz_gui.state.plan import plan
from cnnviz_gui.state.selection import Selection


@dataclass(frozen=True, slots=True)
class MapParams(Params):
    sharpness: float = number(1.0, 0.0, 2.0, help="How sharp.")


@dataclass(frozen=True, slots=True)
class BallParams(Params):
    epsilon: float = number(4.0, 0.0, 64.0, help="Budget.")


LAYER = LayerFacts(
    "head", "Conv2d", 0, "", (8, 4, 4), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
    (3, 3), (1, 1), (1, 1), 1, True, "conv",
)  # fmt: skip
FACTS = ModelFacts(
    "net", "Net", "Nets", True, "here", 224, 256, "bilinear", (0.5,) * 3, (0.2,) * 3,
    ("cat", "dog"), 10, 10, (LAYER,), "head", True,
)  # fmt: skip
READY = Selection(
    image=ImageRef(path="cat.png", sha256="1"),
    heatmap_method="grad-cam",
    heatmap_parameters=MapParams(),
    attack_method="pgd",
    attack_parameters=BallParams(),
    sweep_maximum=8.0,
)


def selected(**changes):
    return dataclasses.replace(READY, **changes)


def test_nothing_is_asked_before_network_and_picture_are_there():
    assert plan(READY, None) == {}
    assert plan(selected(image=None), FACTS) == {}


def test_plan_is_pure():
    assert plan(READY, FACTS) == plan(READY, FACTS)


def test_only_the_stage_in_view_is_computed():
    wanted = plan(selected(stage="heatmaps"), FACTS)
    assert set(wanted) == {"predict", "heatmap", "heatmap-layers"}
    assert set(plan(selected(stage="layers"), FACTS)) == {"predict", "layer", "contributions"}
    assert set(plan(selected(stage="attack"), FACTS)) == {"predict"}


def method(name, *, gathers, family="layer"):
    return Method(
        "heatmap", name, name, "", "", "", MapParams, lambda facts: "", True, print, gathers, family
    )


def test_every_layer_is_shown_by_grad_cam_where_the_method_takes_long():
    quick, slow = method("grad-cam", gathers=False), method("score-cam", gathers=True)
    assert strip_guide(quick, quick) is None and strip_guide(slow, None) is None
    guide = strip_guide(slow, quick)
    wanted = plan(selected(stage="heatmaps", heatmap_method="score-cam"), FACTS, guide=guide)
    assert wanted["heatmap"].method == "score-cam"
    base = wanted["heatmap-layers"].heatmap
    assert (base.method, base.parameters) == ("grad-cam", MapParams())


def test_the_guide_takes_its_own_last_parameters_and_those_the_form_shares_with_it():
    @dataclass(frozen=True, slots=True)
    class FormParams(Params):
        score: str = choice("logit", {"logit": "Logit", "odds": "Odds"}, help="Which.")
        masks: int = number(10, 1, 100, help="How many.")

    @dataclass(frozen=True, slots=True)
    class GuideParams(Params):
        score: str = choice("logit", {"logit": "Logit", "probability": "P"}, help="Which.")
        negative: bool = flag(False, help="Keep.")

    form = method("score-cam", gathers=True)
    guide = dataclasses.replace(method("grad-cam", gathers=False), params=GuideParams)
    last = GuideParams(score="probability", negative=True)
    assert strip_guide(form, guide, FormParams(), last) == (
        "grad-cam", GuideParams(score="logit", negative=True)
    )  # fmt: skip
    assert strip_guide(form, guide, FormParams(score="odds"), last) == ("grad-cam", last)


def test_fine_lines_at_a_layer_are_led_there_by_grad_cam():
    grad_cam = method("grad-cam", gathers=False)
    guided = method("guided-grad-cam", gathers=False, family="gradient")
    assert strip_guide(guided, grad_cam) == ("grad-cam", MapParams())


def test_an_attack_is_computed_only_once_it_is_asked_for():
    wanted = plan(selected(stage="attack", attack_started=True), FACTS, winner=0)
    assert set(wanted) == {"predict", "attack", "sweep", "heatmap", "heatmap-attacked"}
    assert isinstance(wanted["attack"], Attack)
    assert wanted["heatmap-attacked"].attack == wanted["attack"]


def test_the_recommended_layer_serves_where_none_is_chosen():
    assert plan(READY, FACTS)["heatmap"].layer == "head"
    assert plan(selected(stage="layers", layer="stem"), FACTS)["layer"].layer == "stem"


def test_a_map_is_set_against_another_class_than_its_own():
    def against(winner, **selection):
        return plan(selected(against=1, **selection), FACTS, winner=winner)["heatmap"].against

    assert against(0) == 1 and against(None, target=0) == 1
    assert against(1) is None and against(0, target=1) is None and against(None) is None
    attacked = selected(stage="attack", attack_started=True, against=1)
    assert plan(attacked, FACTS, winner=0)["heatmap"].against is None


def test_the_target_goes_into_map_and_attack_but_not_into_the_prediction():
    wanted = plan(selected(target=1), FACTS)
    assert isinstance(wanted["heatmap"], Heatmap)
    assert wanted["heatmap"].target == 1
    assert wanted["predict"] == plan(READY, FACTS)["predict"]
    assert isinstance(wanted["predict"], Predict)
    assert attack_request(selected(target=1), 0).target == 1


def test_a_sweep_is_the_same_wherever_the_slider_stands():
    sweeps = {
        plan(
            selected(stage="attack", attack_started=True, attack_parameters=BallParams(epsilon=e)),
            FACTS,
            winner=0,
        )["sweep"]
        for e in (0.0, 1.3, 7.65)
    }
    assert len(sweeps) == 1
    assert isinstance(sweeps.pop(), Sweep)


def test_every_planned_request_survives_json_of_its_kind():
    wanted = plan(selected(stage="layers"), FACTS)
    assert isinstance(wanted["layer"], InspectLayer)
    assert wanted["layer"].fingerprint() == wanted["layer"].fingerprint()


@pytest.mark.parametrize(("least", "end"), [(0.0, 4.0), (4.0, 4.0), (4.1, 8.0), (63.0, 64.0)])
def test_the_axis_ends_at_the_default_doubled_as_often_as_needed(least, end):
    assert sweep_maximum(BallParams(), least) == end


def test_stepping_epsilon_stays_on_the_axis():
    assert stepped(selected(attack_parameters=BallParams(epsilon=0.1)), -1) == 0.0
    assert stepped(selected(attack_parameters=BallParams(epsilon=8.0)), 1) == 8.0
    assert stepped(selected(attack_parameters=BallParams(epsilon=4.0)), 1) == 4.25


def result(epsilon):
    image = np.zeros((3, 2, 2), dtype=np.float32)
    score = (Score(0, "cat", 0.9, 1.0), Score(1, "dog", 0.1, 0.0))
    return AttackResult(
        method="pgd", epsilon=epsilon, norm="linf", target=None, clean=score, adversarial=score,
        clean_image=image, adversarial_image=image, success=False, norms=Norms(0.0, 0.0, 0.0),
        forwards=1, backwards=1,
    )  # fmt: skip


def sweep_finding(*epsilons):
    points = tuple(
        SweepPoint(
            epsilon=e,
            success=False,
            label_probability=0.9,
            target_probability=0.1,
            result=result(e),
        )
        for e in epsilons
    )
    base = attack_request(selected(attack_parameters=BallParams(epsilon=0.0)), 0)
    request = Sweep(attack=base, maximum=8.0)
    return Finding("partial", request, SweepResult(points=points, expected=33, maximum=8.0))


def test_while_the_hand_drags_the_nearest_computed_point_is_shown():
    wanted = attack_request(selected(attack_parameters=BallParams(epsilon=3.1)), 0)
    shown = shown_attack(Finding(), sweep_finding(0.0, 4.0, 8.0), wanted)
    assert shown.result.epsilon == 4.0
    assert not shown.exact


def test_a_computed_point_under_the_hand_is_exact():
    wanted = attack_request(selected(attack_parameters=BallParams(epsilon=4.0)), 0)
    assert shown_attack(Finding(), sweep_finding(0.0, 4.0), wanted).exact


def test_a_sweep_of_other_settings_is_never_shown():
    wanted = attack_request(selected(target=1), 0)
    assert shown_attack(Finding(), sweep_finding(0.0, 4.0), wanted) is None


def test_the_attacks_own_result_wins_over_the_sweep():
    wanted = attack_request(selected(attack_parameters=BallParams(epsilon=4.0)), 0)
    own = Finding("done", wanted, result(4.0))
    assert shown_attack(own, sweep_finding(4.0), wanted).result is own.value


def test_with_epsilon_keeps_the_number_as_it_is():
    assert with_epsilon(BallParams(), 7.65).epsilon == 7.65


def test_an_attack_waits_until_the_class_to_leave_is_known():
    started = selected(stage="attack", attack_started=True)
    assert "attack" not in plan(started, FACTS)
    assert "attack" in plan(started, FACTS, winner=0)


def test_towards_the_winner_there_is_nowhere_to_go():
    assert attack_request(selected(target=0), 0).target is None


def test_a_method_without_layers_asks_for_none():
    wanted = plan(selected(layer="stem"), FACTS, layered=False)
    assert wanted["heatmap"].layer == ""
    assert "heatmap-layers" not in wanted


def test_the_attack_of_another_picture_is_never_shown():
    former = attack_request(selected(image=ImageRef(path="dog.png", sha256="2")), 0)
    wanted = attack_request(READY, 0)
    assert shown_attack(Finding("done", former, result(4.0)), Finding(), wanted) is None


def test_a_former_attack_on_the_same_picture_is_shown_as_old():
    former = attack_request(selected(target=1), 0)
    shown = shown_attack(Finding("done", former, result(4.0)), Finding(), attack_request(READY, 0))
    assert not shown.exact
    assert not shown.current


def test_similar_pictures_are_looked_for_only_on_their_page_and_in_a_chosen_folder():
    assert not {"embed", "nearest"} & set(plan(selected(similar_folder="/p"), FACTS))
    assert plan(selected(stage="similar"), FACTS).keys() == {"predict", "embed"}
    wanted = plan(selected(stage="similar", similar_folder="/p"), FACTS)
    assert wanted["embed"] == Embed(model=READY.model, image=READY.image)
    assert wanted["nearest"] == Nearest(model=READY.model, image=READY.image, folder="/p")
