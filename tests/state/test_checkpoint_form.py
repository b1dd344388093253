import dataclasses

import pytest

from cnnviz_gui.core.facts import CatalogueEntry
from cnnviz_gui.core.request import CheckpointRef
from cnnviz_gui.core.result import Candidate, CheckpointReport, Misfit
from cnnviz_gui.state import checkpoint_form as form

ENTRY = CatalogueEntry("net", "Net", "Nets", 10, "here", 224, None, None, None)
WHOLE = Candidate("net", "Net", 320, 320, ())
OTHER = Candidate(
    "other",
    "Other",
    318,
    320,
    (Misfit("fc.bias", "shape", (1000,), (3,)), Misfit("ema", "unexpected", (), (1,))),
)


def report(**changes):
    made = CheckpointReport(
        path="/weights/birds.pth",
        sha256="ab" * 32,
        format="PyTorch state dict",
        tensors=320,
        parameters=23_500_000,
        classes=3,
        channels=3,
        candidates=(WHOLE, OTHER),
        notes=(),
        problems=(),
    )
    return dataclasses.replace(made, **changes)


def test_the_best_candidate_is_chosen_first():
    assert form.begin(report()).architecture == "net"
    assert form.begin(report(candidates=())).architecture == ""


def test_answers_of_last_time_come_back():
    before = CheckpointRef(
        path="elsewhere.pth",
        labels=("a", "b", "c"),
        mean=(0.1, 0.2, 0.3),
        std=(0.4, 0.5, 0.6),
        input_size=96,
    )
    made = form.begin(report(remembered=before, architecture="other"))
    assert made.path == "/weights/birds.pth"
    assert made.architecture == "other"
    assert (made.labels, made.mean, made.std, made.input_size) == (
        before.labels,
        before.mean,
        before.std,
        96,
    )


def test_an_architecture_of_last_time_that_no_longer_fits_gives_way():
    assert form.begin(report(architecture="gone")).architecture == "net"


def test_the_network_that_is_opened_carries_all_answers():
    made = dataclasses.replace(
        form.begin(report()), labels=("a", "b", "c"), input_size=64, architecture="net"
    )
    made = form.with_preset(made, "half")
    model = form.model(made, report())
    assert model.name == "net"
    assert model.checkpoint == CheckpointRef(
        path="/weights/birds.pth",
        sha256="ab" * 32,
        labels=("a", "b", "c"),
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
        input_size=64,
    )


def test_what_was_not_answered_is_left_to_the_architecture():
    checkpoint = form.model(form.begin(report()), report()).checkpoint
    assert (checkpoint.labels, checkpoint.mean, checkpoint.std) == ((), None, None)
    assert checkpoint.input_size is None
    assert not checkpoint.damaged


def test_too_few_names_are_made_up_by_numbers_and_too_many_are_cut():
    assert form.completed(("a", "b"), 4) == ("a", "b", "2", "3")
    assert form.completed(("a", "b", "c"), 2) == ("a", "b")
    assert form.completed((), 4) == ()
    assert form.completed(("a",), None) == ("a",)


@pytest.mark.parametrize(
    ("labels", "classes", "said", "tone"),
    [
        (("a", "b", "c"), 3, "3 names for 3 classes.", "success"),
        (("a", "b"), 3, "2 names for 3 classes: the others are shown by their numbers.", "warning"),
        (("a",), 3, "1 name for 3 classes: the others are shown by their numbers.", "warning"),
        (tuple("abcde"), 3, "5 names for 3 classes: the last 2 are not used.", "warning"),
        (("a", "a", "b"), 3, "3 names for 3 classes, only 2 of them different.", "warning"),
        ((), 3, "3 classes without names: they are shown by their numbers.", "warning"),
        ((), 1000, "1000 classes: the names are those of ImageNet.", "text2"),
        ((), None, "The file has no classifier, so there are no classes to name.", "text2"),
    ],
)
def test_names_are_counted_against_the_classes(labels, classes, said, tone):
    check = form.check_labels(labels, classes, ENTRY)
    assert check.words.replace("\N{THIN SPACE}", "") == said
    assert check.tone == tone


def test_typed_names_are_trimmed_and_blank_ends_do_not_count():
    assert form.typed_labels(" cat \ndog\n\n") == ("cat", "dog")
    assert form.typed_labels("\n \n") == ()
    assert form.typed_labels("cat\n\ndog") == ("cat", "", "dog")


def test_missing_weights_and_problems_stand_in_the_way():
    assert form.hindrances(form.begin(report()), report()) == ()
    other = dataclasses.replace(form.begin(report()), architecture="other")
    assert form.hindrances(other, report()) == ("1 tensor of Other would keep random values.",)
    assert form.model(other, report()).checkpoint.damaged
    headless = report(problems=("The classifier is missing.",))
    assert form.hindrances(form.begin(headless), headless) == ("The classifier is missing.",)
    assert form.model(form.begin(headless), headless).checkpoint.damaged


def test_only_what_fits_or_is_a_program_can_be_opened():
    assert form.openable(report())
    assert not form.openable(report(candidates=()))
    assert form.openable(report(candidates=(), format="exported program"))


def test_a_preset_is_recognised_by_its_numbers():
    made = form.begin(report())
    assert made.preset == form.ARCHITECTURE
    for preset in form.PRESETS:
        assert form.with_preset(made, preset.key).preset == preset.key
    mine = dataclasses.replace(made, mean=(0.1,) * 3, std=(0.2,) * 3)
    assert mine.preset == form.OWN
    assert form.with_preset(mine, form.ARCHITECTURE).mean is None


def test_the_presets_are_those_the_probe_tries():
    from cnnviz_gui.core.models.normalisation import USUAL

    assert [(p.title, p.mean, p.std) for p in form.PRESETS] == list(USUAL)


def test_what_a_misfit_is_stands_in_words():
    assert form.misfit_row(OTHER.misfits[0]) == ("fc.bias", "1000", "3")
    assert form.misfit_row(OTHER.misfits[1]) == ("ema", "no place", "1")
    assert form.misfit_row(Misfit("w", "missing", (8, 4))) == ("w", "8 × 4", "missing")
    assert form.misfit_row(Misfit("n", "unexpected")) == ("n", "no place", "a number")
    assert form.fitting(WHOLE) == "all 320 tensors fit"
    assert form.fitting(OTHER) == "318 of 320 tensors fit"


def test_headline_and_hash_are_short():
    assert form.headline(report()) == "PyTorch state dict · 320 tensors · 23.5 M parameters"
    assert form.short_hash("ab" * 32) == "abababab…abab"
    assert form.file_name("/weights/birds.pth") == "birds.pth"
