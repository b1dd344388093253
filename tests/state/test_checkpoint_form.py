import dataclasses

import pytest

from cnnviz_gui.core.facts import Candidate, CatalogueEntry, Expected, Misfit, Score
from cnnviz_gui.core.request import CheckpointRef
from cnnviz_gui.core.result import CheckpointReport, NormalisationGuess
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
    assert form.misfit_words(OTHER.misfits[0]) == "wanted 1000, in the file 3"
    assert form.misfit_words(OTHER.misfits[1]) == "in the file 1, no place for it"
    assert form.misfit_words(Misfit("w", "missing", (8, 4))) == "wanted 8 × 4, not in the file"
    assert form.misfit_words(Misfit("n", "unexpected")) == "in the file a number, no place for it"
    assert form.fitting(WHOLE) == "all 320 tensors fit"
    assert form.fitting(OTHER) == "318 of 320 tensors fit"


def test_a_program_is_no_failure():
    program = report(candidates=(), format="exported program")
    words, tone = form.without_candidates(program)
    assert words == "An exported program: it brings its own architecture and is ready to open."
    assert tone == "success"
    words, tone = form.without_candidates(report(candidates=(), problems=("It is damaged.",)))
    assert (words, tone) == ("Nothing in the catalogue fits this file.", "text2")
    damaged = dataclasses.replace(program, problems=("It is damaged.",))
    assert "ready" not in form.without_candidates(damaged)[0]


def test_what_is_expected_is_the_candidates_or_the_programs():
    net, own = Expected(224, (0.5,) * 3, (0.2,) * 3), Expected(32, (0.0,) * 3, (1.0,) * 3)
    fitting = report(candidates=(dataclasses.replace(WHOLE, expected=net), OTHER))
    made = form.begin(fitting)
    assert form.expected(made, fitting) == net
    assert form.expected(dataclasses.replace(made, architecture="other"), fitting) is None
    program = report(candidates=(), format="exported program", expected=own)
    assert form.expected(form.begin(program), program) == own
    nothing = report(candidates=())
    assert form.expected(form.begin(nothing), nothing) is None


def test_the_probe_says_why_it_cannot_be():
    assert form.no_probe(report(), picture=True) == ""
    assert form.no_probe(report(candidates=(), format="exported program"), picture=True) == ""
    assert "picture" in form.no_probe(report(), picture=False)
    assert "classifier" in form.no_probe(report(classes=None), picture=True)
    assert "Nothing fits" in form.no_probe(report(candidates=()), picture=True)


def test_a_guess_says_what_it_predicts_and_whether_it_is_saturated():
    def guess(label, probability):
        score = Score(2, label, probability, 1.0)
        return NormalisationGuess("0 to 1", (0.0,) * 3, (1.0,) * 3, score)

    assert form.prediction(guess("heron", 0.5)) == "predicts heron"
    assert form.prediction(guess("2", 0.5)) == "predicts class 2"
    assert form.saturated(guess("heron", 0.99999))
    assert not form.saturated(guess("heron", 0.9984))


def test_headline_and_hash_are_short():
    counted = report(tensors=122, counters=20)
    assert "122 tensors, 20 of them counters · " in form.headline(counted)
    assert form.headline(report()) == "PyTorch state dict · 320 tensors · 23.5 M parameters"
    assert form.short_hash("ab" * 32) == "abababab…abab"
    assert form.file_name("/weights/birds.pth") == "birds.pth"
