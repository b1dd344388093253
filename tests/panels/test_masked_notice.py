"""What is said over the pictures of an attack that no gradient reaches."""

import numpy as np
import pytest

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.masking_results import Check, MaskingResult
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Predict
from cnnviz_gui.core.result import AttackResult, Norms, Prediction
from cnnviz_gui.panels.attack.masked_notice import MaskedNotice
from cnnviz_gui.panels.attack.picture_box import PictureBox
from cnnviz_gui.state.defence_plan import MASKING_LANE, defence_requests
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.prediction_view import wanted_attack

CAT, DOG = Score(0, "cat", 1.0, 90.0), Score(1, "dog", 0.0, 2.0)


@pytest.fixture
def failed(state):
    """An attack that left the picture as it was."""
    model, image = state.selection.model, state.selection.image
    parameters = method("attack", "pgd").params()
    state.select(
        stage="attack", attack_method="pgd", attack_parameters=parameters, attack_started=True
    )
    asked = Predict(model=model, image=image)
    seen = Prediction(scores=(CAT, DOG), seen=np.zeros((8, 8, 3), np.uint8))
    state.found("predict", Finding(asked=asked).finished(asked, seen))
    attack, black = wanted_attack(state), np.zeros((3, 8, 8), np.float32)
    result = AttackResult(
        method="pgd", epsilon=4.0, norm="linf", target=None, clean=(CAT, DOG),
        adversarial=(CAT, DOG), clean_image=black, adversarial_image=black, success=False,
        norms=Norms(linf=0.0, l2=0.0, l1=0.0), forwards=1, backwards=1,
    )  # fmt: skip
    state.found("attack", Finding(asked=attack).finished(attack, result))
    return state


def give(state, *failed):
    checks = tuple(
        Check(
            name=name, title=name, state="failed" if name in failed else "passed", found="Found.",
            advice="Choose the margin." if name in failed else "",
        )
        for name in ("gradient", "softmax")
    )  # fmt: skip
    request = defence_requests(state)[MASKING_LANE]
    result = MaskingResult(checks=checks, expected=2, success=False, forwards=1, backwards=1)
    state.found(MASKING_LANE, Finding(asked=request).finished(request, result))


def test_a_saturated_softmax_is_named_over_the_pictures(failed, qtbot):
    box = PictureBox(failed)
    qtbot.addWidget(box)
    box.resize(900, 700)
    box.show()
    [notice] = box.findChildren(MaskedNotice)
    assert not notice.isVisible()
    give(failed, "gradient", "softmax")
    assert notice.isVisible()
    assert "softmax is saturated" in notice.accessibleName()
    assert "Choose the margin." in notice.accessibleName()
    notice.acted.emit()
    assert failed.display.attack_view == "defences"


def test_nothing_is_said_where_the_gradient_is_sound(failed, qtbot):
    notice = MaskedNotice(failed)
    qtbot.addWidget(notice)
    give(failed)
    assert not notice.isVisibleTo(notice.parentWidget())
    assert not notice.accessibleName()
