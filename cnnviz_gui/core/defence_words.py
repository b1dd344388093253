"""What defences and masked gradients are said to mean, in the window and on the command line."""

from __future__ import annotations

from collections.abc import Sequence

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.defence_results import AdaptiveRow, DefencesResult, DefendedScore
from cnnviz_gui.core.masking_results import Check, MaskingResult

WARNING = (
    "A defence that undoes this attack may fall to one that knows it. Let the attack know a defence"
    " before you believe its row."
)
_LIMITS = "A check that is passed proves nothing; one that fails tells where to look."


def fallen(known: Sequence[AdaptiveRow], unattacked: int = 0) -> str:
    """Return how many defences fall to an attack that knows them.

    One that needs no attack does not count, nor one of the ``unattacked`` that cannot be attacked.
    """
    tried = [row for row in known if not row.moot]
    said = [_fallen(tried, len(tried) < len(known) + unattacked)] if tried else []
    idle = len(known) - len(tried)
    if idle:
        first = "The defence" if len(known) == 1 else f"{idle} of {len(known)} defences"
        said.append(
            f"{first} {'changes' if idle == 1 else 'change'} the clean picture itself: there an"
            " attack has nothing to do."
        )
    if unattacked:
        many = "defences" if unattacked > 1 else "defence"
        said.append(f"Behind {unattacked} {many} the attack cannot work.")
    return " ".join(said)


def _fallen(known: Sequence[AdaptiveRow], others: bool) -> str:
    """Return how many fall of those attacked; ``others``: there are some that were not."""
    broken, count = sum(row.success for row in known), len(known)
    one = "defence that was attacked" if others else "defence"
    many = "that were attacked" if others else "defences"
    more = "What holds may still fall to more steps or another attack."
    if broken == count:
        more = "To undo an attack that does not know a defence is no robustness."
    if count == 1:
        said = f"The {one} {'falls' if broken else 'holds'} once the same attack knows it"
    elif broken == count:
        all_of = "Both" if count == 2 else f"All {count}"
        said = f"{all_of} {many} fall once the same attack knows them"
    elif broken:
        verb = "falls" if broken == 1 else "fall"
        said = f"{broken} of {count} {many} {verb} once the same attack knows them"
    else:
        said = f"None of {count} {many} falls though the same attack knows them"
    return f"{said} and may change as much. {more}"


def joint(result: DefencesResult) -> str:
    """Return the largest distances of all defences, and what a threshold could do."""
    clean, adversarial = result.joint
    ends = f"{clean:.2f} for the clean and {adversarial:.2f} for the adversarial image"
    said = f"Joint detection score, the largest distance of all: {ends}."
    if adversarial > clean:
        return (
            f"{said} A threshold between them tells these two apart; from one picture none can be"
            " chosen, for that takes many clean ones."
        )
    return f"{said} No threshold tells these two apart."


def certified(result: DefencesResult) -> str:
    """Return what a vote of noisy copies is certain of; nothing where no such vote was held."""
    voted = [row.clean for row in result.rows if row.clean.certificate is not None]
    if not voted:
        return ""
    return f"The vote on the clean image is {certificate(voted[0])}."


def exact(said: DefendedScore) -> str:
    """Return the figures behind a row, a line each."""
    lines = [
        f"{said.score.label}, {said.score.probability:.6g}",
        f"distance {said.distance:.4g} of 2 from the answer without the defence",
    ]
    if said.views > 1:
        lines.append(f"{said.votes} of {said.views} views say so")
    if said.certificate is not None:
        lines.append(certificate(said))
    return "\n".join(lines)


def certificate(said: DefendedScore) -> str:
    """Return what the vote of noisy copies certifies."""
    found = said.certificate
    if found is None or not found.radius:
        return "too divided to certify a radius"
    return f"certified, 99.9 % sure, against changes of up to {found.radius:.3g} in L2"


def cost(row: AdaptiveRow) -> str:
    """Return how an attack that knows a defence ended, a line each."""
    if row.moot:
        return (
            "The defence itself changes what the network sees in the clean picture: there an attack"
            f" has nothing to do.\n{exact(row.clean)}"
        )
    ends = "reaches its aim" if row.success else "fails"
    return "\n".join(
        (
            f"The attack that knows this defence {ends}.",
            f"{row.adversarial.label_probability:.4g} is left to the class of the clean image",
            f"without the defence its image is {row.undefended.label},"
            f" {fmt.percent(row.undefended.probability)}",
            f"changes of up to {fmt.of255(row.norms.linf * 255)}, {row.norms.l2:.3g} in L2",
            f"it asked for {fmt.count(row.forwards)} answers and {fmt.count(row.backwards)}"
            f" gradients, in {fmt.duration(row.seconds)}",
        )
    )


def verdict(result: MaskingResult) -> str:
    """Return what the checks of the gradients mean; empty until all are there."""
    if len(result.checks) < result.expected:
        return ""
    failed, ran = len(result.failed), sum(check.state != "not run" for check in result.checks)
    if not ran:
        return "This attack asks for no gradient, so none can mislead it."
    if not failed:
        return f"Nothing speaks for masked gradients. {_LIMITS}"
    found = f"{failed} of {ran} checks {'speaks' if failed == 1 else 'speak'} for masked gradients"
    if result.success:
        return f"{found}: a better attack may need less."
    return f"{found}: that the attack fails may say little of the network."


def blamed(failed: Sequence[Check]) -> str:
    """Return why an attack that failed had no gradient to follow, and what to do; else nothing.

    A saturated softmax alone is none: what it leaves of the gradient still has a direction.
    """
    names = {check.name: check for check in failed}
    blind = names.get("gradient")
    if blind is None:
        return ""
    cause = names.get("softmax", blind)
    almost = dict(blind.figures).get("zeros", 1.0) < 1
    zero = "its gradient is zero almost everywhere" if almost else "its gradient is zero"
    why = f"the softmax is saturated, and {zero}" if cause.name == "softmax" else zero
    said = f"The attack {'hardly sees' if almost else 'cannot see'} where to go: {why}."
    much = "little" if almost else "nothing"
    return f"{said} That it fails says {much} of the network. {cause.advice}"
