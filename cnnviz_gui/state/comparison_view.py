"""What is shown of two networks side by side: pure functions of selection and findings."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from cnnviz_gui.core.facts import ModelFacts, Score
from cnnviz_gui.core.request import Predict
from cnnviz_gui.core.result import AttackResult, Prediction, Transfer
from cnnviz_gui.state import prediction_view, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.comparison_plan import same_classes
from cnnviz_gui.state.prediction_view import Row
from cnnviz_gui.texts import tr


def comparing(state: AppState) -> bool:
    """Tell whether a second network is ready."""
    return state.selection.second is not None and state.shared.second_facts is not None


def names(state: AppState) -> tuple[str, str]:
    """Return the names of both networks, with their weights where the titles alone are equal."""
    first, second = state.shared.facts, state.shared.second_facts
    same = first is not None and second is not None and first.title == second.title
    return name(first, weights=same), name(second, weights=same)


def short_names(state: AppState) -> tuple[str, str]:
    """Return both names without their common beginning: ``…Lite0``, ``…Lite1, untrained``."""
    first, second = names(state)
    pairs = enumerate(zip(first, second, strict=False))
    differ = next((place for place, (a, b) in pairs if a != b), 0)
    begun = re.match(r".*[^0-9A-Za-z.]", first[:differ])
    if begun is None:
        return first, second
    return f"…{first[begun.end() :]}", f"…{second[begun.end() :]}"


def layer_of(facts: ModelFacts | None, layer: str) -> str:
    """Return ``ResNet-18 · layer layer4.1``."""
    return " · ".join((name(facts), tr("layer {layer}", layer=layer)))


def name(facts: ModelFacts | None, *, weights: bool = False) -> str:
    """Return ``ResNet-18``, ``ResNet-18, untrained``, or with the weights in brackets."""
    if facts is None:
        return "–"
    if not facts.trained:
        said = facts.weights if weights else tr("untrained")
        return f"{facts.title}, {said}"
    if facts.headless:
        return f"{facts.title}, {trust.mark(facts)}"
    return f"{facts.title} ({facts.weights})" if weights else facts.title


def second_prediction(state: AppState) -> Prediction | None:
    """Return what the second network says of the picture in use."""
    finding, selection = state.finding("predict-second"), state.selection
    request, value = finding.request, finding.value
    if not isinstance(request, Predict) or not isinstance(value, Prediction):
        return None
    mine = (request.model, request.image) == (selection.second, selection.image)
    return value if mine else None


@dataclass(frozen=True, slots=True, eq=False)
class ShownTransfer:
    """What the second network says of an adversarial image."""

    result: Transfer
    current: bool
    """It is the image of the attack in use."""


def shown_transfer(state: AppState) -> ShownTransfer | None:
    """Return what the second network says of the attack, of a former epsilon while one waits."""
    finding, selection = state.finding("attack-transfer"), state.selection
    request, value = finding.request, finding.value
    if not isinstance(request, Predict) or not isinstance(value, Transfer):
        return None
    attack = request.attack
    if not selection.attack_started or attack is None:
        return None
    mine = (request.model, attack.model, attack.image) == (
        selection.second,
        selection.model,
        selection.image,
    )
    if not mine:
        return None
    return ShownTransfer(value, attack == prediction_view.wanted_attack(state))


def second_rows(state: AppState) -> tuple[Row, ...]:
    """Return the second network's classes; under attack as pairs."""
    shown = shown_transfer(state) if state.selection.stage == "attack" else None
    if shown is not None:
        return prediction_view.paired(shown.result.clean, shown.result.scores, shown.result.target)
    prediction = second_prediction(state)
    if prediction is None:
        return ()
    scores = prediction.scores[: prediction_view.ROWS]
    return tuple(Row(s.index, s.label, s.probability) for s in scores)


def clickable(state: AppState) -> bool:
    """Tell whether a class of the second network can be the target."""
    first, second = state.shared.facts, state.shared.second_facts
    return first is not None and second is not None and same_classes(first, second)


def agreement(state: AppState) -> tuple[bool, str] | None:
    """Return whether both networks see the same class, and that in a line; None while unknown.

    Under attack it is what they see in the adversarial image.
    """
    first, second = _winners(state)
    if first is None or second is None:
        return None
    if _plain(first.label) == _plain(second.label):
        return True, tr("Both say {label}.", label=first.label)
    if not clickable(state):
        return False, tr(
            "{first}, {second}: their classes are not the same.",
            first=first.label,
            second=second.label,
        )
    return False, tr("They differ: {first}, {second}.", first=first.label, second=second.label)


def _winners(state: AppState) -> tuple[Score | None, Score | None]:
    attack, transfer = None, None
    if state.selection.stage == "attack":
        attack, transfer = prediction_view.attack_on_screen(state), shown_transfer(state)
    if attack is not None and transfer is not None:
        return attack.result.adversarial[0], transfer.result.scores[0]
    prediction = second_prediction(state)
    return prediction_view.winner(state), prediction.scores[0] if prediction else None


def _plain(label: str) -> str:
    return label.casefold().replace("_", " ").strip()


@dataclass(frozen=True, slots=True)
class Change:
    """The probability of one class on the clean and on the adversarial image."""

    label: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an adversarial image fools one network."""

    network: str
    fooled: bool
    goal: str
    """The class to reach; empty where it is enough to leave the first winner."""
    changes: tuple[Change, ...]
    """Of the clean winner, and of the goal or of what won instead, if that is another class."""

    @property
    def sentence(self) -> str:
        """``Fools ResNet-18: no``, ``Fools ResNet-18 into ladybug: yes``."""
        if not self.goal:
            return tr("Fools {network}: {answer}", network=self.network, answer=self.answer)
        return tr(
            "Fools {network} into {goal}: {answer}",
            network=self.network,
            goal=self.goal,
            answer=self.answer,
        )

    @property
    def answer(self) -> str:
        """Yes or no."""
        return tr("yes") if self.fooled else tr("no")

    def sentences(self, short: str) -> tuple[str, ...]:
        """Return the sentence, then the same in fewer words; ``short`` names the network."""
        brief = replace(self, network=short)
        return (self.sentence, brief.sentence, f"{short}: {self.answer}", self.answer)


def waiting(network: str, short: str, why: str) -> tuple[str, ...]:
    """Return that nothing is known of a network yet, then the same in fewer words."""
    named, brief = (
        tr("Fools {network}: {answer}", network=name, answer=why) for name in (network, short)
    )
    return (named, brief, short, "…")


def verdict(network: str, result: AttackResult | Transfer) -> Verdict:
    """Return whether a network is fooled, and how far the classes that matter moved."""
    adversarial = result.scores if isinstance(result, Transfer) else result.adversarial
    before = {score.index: score.probability for score in result.clean}
    after = {score.index: score.probability for score in adversarial}
    matter = {
        score.index: score.label for score in (result.clean[0], result.target or adversarial[0])
    }
    return Verdict(
        network,
        result.success,
        result.target.label if result.target is not None else "",
        tuple(
            Change(label, before.get(index, 0.0), after.get(index, 0.0))
            for index, label in matter.items()
        ),
    )
