"""The list of all that was told."""

import threading

from cnnviz_gui.state import chronicle_view
from cnnviz_gui.state.chronicle import Chronicle


def times():
    now = 0.0
    while True:
        now += 1.0
        yield now


def made(**more):
    clock = times()
    return Chronicle(clock=lambda: next(clock), **more)


def test_what_is_told_again_counts_and_comes_first():
    chronicle = made()
    chronicle.note("error", "It  failed.\n", "Notice")
    chronicle.note("warning", "It failed.", "Notice")
    chronicle.note("error", "It failed.", "Notice", "why")
    again, other = chronicle.entries()
    assert (again.text, again.level, again.count, again.details) == (
        "It failed.",
        "error",
        2,
        "why",
    )
    assert (again.number, again.last, again.at) == (1, 3, 3.0)
    assert (other.count, chronicle.told) == (1, 3)
    assert chronicle.details_of("error", "It failed.") == "why"


def test_what_another_tells_too_is_no_second_time_but_may_add_to_it():
    chronicle = made()
    chronicle.note("error", "It failed.", "Grad-CAM", "traceback")
    chronicle.note("error", "It failed.", "Notice", remedy="Open what is there", remedy_ref=7)
    (entry,) = chronicle.entries()
    assert (entry.count, entry.source, entry.details) == (1, "Grad-CAM", "traceback")
    assert (entry.remedy, entry.remedy_ref, entry.last) == ("Open what is there", 7, 1)


def test_what_the_window_tells_itself_is_called_what_it_is():
    chronicle = made()
    chronicle.note("error", "It failed.", "")
    chronicle.note("warning", "Doubtful.", "")
    chronicle.note("info", "Saved.", "")
    chronicle.note("error", "No memory.", "Grad-CAM")
    entries = chronicle.entries()
    assert [chronicle_view.origin(one) for one in entries] == [
        *("Grad-CAM", "Note", "Warning", "Error")
    ]
    job, *_, own = entries
    assert chronicle_view.as_text(own).split(" ", 2)[2] == "error\nIt failed."
    assert chronicle_view.spoken(own) == "error" and chronicle_view.spoken(job) == "error, Grad-CAM"
    chronicle.note("error", "It failed.", "Open cat.png", "Traceback")
    told = next(one for one in chronicle.entries() if one.text == "It failed.")
    assert (told.source, told.count) == ("Open cat.png", 1), "who did it is known better later"


def test_the_oldest_are_forgotten():
    chronicle = made(most=3)
    for n in range(5):
        chronicle.note("info", f"{n}", "Notice")
    assert [entry.text for entry in chronicle.entries()] == ["4", "3", "2"]


def test_who_listens_hears_once_until_somebody_has_looked():
    chronicle, heard = made(), []
    chronicle.listen(lambda: heard.append(chronicle.told))
    for n in range(1000):
        chronicle.note("info", f"{n}", "Notice")
    assert heard == [1]
    chronicle.entries()
    chronicle.clear()
    assert len(heard) == 2
    assert chronicle.entries() == ()


def test_a_remedy_that_was_pressed_is_offered_no_more():
    chronicle = made()
    chronicle.note("error", "One.", "Notice", "", "Write again", "a file")
    chronicle.note("error", "Two.", "Notice", "", "Write again", "another")
    chronicle.use_up("a file")
    assert [entry.remedy for entry in chronicle.entries()] == ["Write again", ""]


def test_threads_may_tell_at_the_same_time():
    chronicle = Chronicle()

    def tell(name):
        for n in range(200):
            chronicle.note("info", f"{n % 50}", name)
            chronicle.entries()

    threads = [threading.Thread(target=tell, args=(f"{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = chronicle.entries()
    assert len(entries) == 50
    assert all(entry.count == 4 for entry in entries)
