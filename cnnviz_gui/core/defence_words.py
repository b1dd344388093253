"""What defences and masked gradients are said to mean, in the window and on the command line."""

from __future__ import annotations

from collections.abc import Sequence

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.defence_results import AdaptiveRow, DefencesResult, DefendedScore
from cnnviz_gui.core.masking_results import Check, MaskingResult
from cnnviz_gui.texts import ntr, tr

WARNING = tr(
    "A defence that undoes this attack may fall to one that knows it. Let the attack know a defence"
    " before you believe its row."
)
_LIMITS = tr("A check that is passed proves nothing; one that fails tells where to look.")


def fallen(known: Sequence[AdaptiveRow], unattacked: int = 0) -> str:
    """Return how many defences fall to an attack that knows them.

    One that needs no attack does not count, nor one of the ``unattacked`` that cannot be attacked.
    """
    tried = [row for row in known if not row.moot]
    said = [_fallen(tried, len(tried) < len(known) + unattacked)] if tried else []
    idle = len(known) - len(tried)
    if idle:
        said.append(_moot(idle, len(known)))
    if unattacked:
        said.append(
            ntr(
                "Behind {n} defence the attack cannot work.",
                "Behind {n} defences the attack cannot work.",
                unattacked,
            )
        )
    return " ".join(said)


def _moot(idle: int, known: int) -> str:
    """Return that so many defences need no attack to change the clean picture."""
    if known == 1:
        return tr(
            "The defence changes the clean picture itself: there an attack has nothing to do."
        )
    return ntr(
        "{n} of {known} defences changes the clean picture itself: there an attack has nothing to"
        " do.",
        "{n} of {known} defences change the clean picture itself: there an attack has nothing to"
        " do.",
        idle,
        known=known,
    )


def _fallen(known: Sequence[AdaptiveRow], others: bool) -> str:
    """Return how many fall of those attacked; ``others``: there are some that were not."""
    broken, count = sum(row.success for row in known), len(known)
    said = _attacked_fallen(broken, count) if others else _all_fallen(broken, count)
    if broken == count:
        more = tr("To undo an attack that does not know a defence is no robustness.")
    else:
        more = tr("What holds may still fall to more steps or another attack.")
    return f"{said} {more}"


def _all_fallen(broken: int, count: int) -> str:
    """Return how many fall where all were attacked."""
    if count == 1:
        if broken:
            return tr("The defence falls once the same attack knows it and may change as much.")
        return tr("The defence holds once the same attack knows it and may change as much.")
    if broken == count == 2:
        return tr("Both defences fall once the same attack knows them and may change as much.")
    if broken == count:
        return tr(
            "All {count} defences fall once the same attack knows them and may change as much.",
            count=count,
        )
    if not broken:
        return tr(
            "None of {count} defences falls though the same attack knows them and may change as"
            " much.",
            count=count,
        )
    return ntr(
        "{n} of {count} defences falls once the same attack knows them and may change as much.",
        "{n} of {count} defences fall once the same attack knows them and may change as much.",
        broken,
        count=count,
    )


def _attacked_fallen(broken: int, count: int) -> str:
    """Return how many fall of those attacked where there are others."""
    if count == 1:
        if broken:
            return tr(
                "The defence that was attacked falls once the same attack knows it and may change"
                " as much."
            )
        return tr(
            "The defence that was attacked holds once the same attack knows it and may change as"
            " much."
        )
    if broken == count == 2:
        return tr(
            "Both that were attacked fall once the same attack knows them and may change as much."
        )
    if broken == count:
        return tr(
            "All {count} that were attacked fall once the same attack knows them and may change as"
            " much.",
            count=count,
        )
    if not broken:
        return tr(
            "None of {count} that were attacked falls though the same attack knows them and may"
            " change as much.",
            count=count,
        )
    return ntr(
        "{n} of {count} that were attacked falls once the same attack knows them and may change as"
        " much.",
        "{n} of {count} that were attacked fall once the same attack knows them and may change as"
        " much.",
        broken,
        count=count,
    )


def joint(result: DefencesResult) -> str:
    """Return the largest distances of all defences, and what a threshold could do."""
    clean, adversarial = result.joint
    said = tr(
        "Joint detection score, the largest distance of all: {clean:.2f} for the clean and"
        " {adversarial:.2f} for the adversarial image.",
        clean=clean,
        adversarial=adversarial,
    )
    if adversarial > clean:
        more = tr(
            "A threshold between them tells these two apart; from one picture none can be chosen,"
            " for that takes many clean ones."
        )
    else:
        more = tr("No threshold tells these two apart.")
    return f"{said} {more}"


def certified(result: DefencesResult) -> str:
    """Return what a vote of noisy copies is certain of; nothing where no such vote was held."""
    voted = [row.clean for row in result.rows if row.clean.certificate is not None]
    if not voted:
        return ""
    return tr("The vote on the clean image is {certificate}.", certificate=certificate(voted[0]))


def exact(said: DefendedScore) -> str:
    """Return the figures behind a row, a line each."""
    lines = [
        f"{said.score.label}, {said.score.probability:.6g}",
        tr(
            "distance {distance:.4g} of 2 from the answer without the defence",
            distance=said.distance,
        ),
    ]
    if said.views > 1:
        lines.append(tr("{votes} of {views} views say so", votes=said.votes, views=said.views))
    if said.certificate is not None:
        lines.append(certificate(said))
    return "\n".join(lines)


def certificate(said: DefendedScore) -> str:
    """Return what the vote of noisy copies certifies."""
    found = said.certificate
    if found is None or not found.radius:
        return tr("too divided to certify a radius")
    return tr(
        "certified, 99.9 % sure, against changes of up to {radius:.3g} in L2", radius=found.radius
    )


def cost(row: AdaptiveRow) -> str:
    """Return how an attack that knows a defence ended, a line each."""
    if row.moot:
        said = tr(
            "The defence itself changes what the network sees in the clean picture: there an attack"
            " has nothing to do."
        )
        return f"{said}\n{exact(row.clean)}"
    return "\n".join(
        (
            tr("The attack that knows this defence reaches its aim.")
            if row.success
            else tr("The attack that knows this defence fails."),
            tr(
                "{probability:.4g} is left to the class of the clean image",
                probability=row.adversarial.label_probability,
            ),
            tr(
                "without the defence its image is {label}, {probability}",
                label=row.undefended.label,
                probability=fmt.percent(row.undefended.probability),
            ),
            tr(
                "changes of up to {linf}, {l2:.3g} in L2",
                linf=fmt.of255(row.norms.linf * 255),
                l2=row.norms.l2,
            ),
            tr(
                "it asked for {answers} answers and {gradients} gradients, in {duration}",
                answers=fmt.count(row.forwards),
                gradients=fmt.count(row.backwards),
                duration=fmt.duration(row.seconds),
            ),
        )
    )


def verdict(result: MaskingResult) -> str:
    """Return what the checks of the gradients mean; empty until all are there."""
    if len(result.checks) < result.expected:
        return ""
    failed, ran = len(result.failed), sum(check.state != "not run" for check in result.checks)
    if not ran:
        return tr("This attack asks for no gradient, so none can mislead it.")
    if not failed:
        return tr("Nothing speaks for masked gradients.") + f" {_LIMITS}"
    if result.success:
        return ntr(
            "{n} of {ran} checks speaks for masked gradients: a better attack may need less.",
            "{n} of {ran} checks speak for masked gradients: a better attack may need less.",
            failed,
            ran=ran,
        )
    return ntr(
        "{n} of {ran} checks speaks for masked gradients: that the attack fails may say little of"
        " the network.",
        "{n} of {ran} checks speak for masked gradients: that the attack fails may say little of"
        " the network.",
        failed,
        ran=ran,
    )


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
    saturated = cause.name == "softmax"
    if almost:
        said = (
            tr(
                "The attack hardly sees where to go: the softmax is saturated, and its gradient is"
                " zero almost everywhere."
            )
            if saturated
            else tr("The attack hardly sees where to go: its gradient is zero almost everywhere.")
        )
        much = tr("That it fails says little of the network.")
    else:
        said = (
            tr(
                "The attack cannot see where to go: the softmax is saturated, and its gradient is"
                " zero."
            )
            if saturated
            else tr("The attack cannot see where to go: its gradient is zero.")
        )
        much = tr("That it fails says nothing of the network.")
    return f"{said} {much} {cause.advice}"
