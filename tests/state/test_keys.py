"""Which keys do what, which can, and that no text knows a key by itself."""

import ast
import re
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnviz_gui.state import applying, key_rules
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.keys import KEYS, Keys, Named

PACKAGE = Path(__file__).parents[2] / "cnnviz_gui"
OWN = {
    "app/actions.py": "the usual keys",
    "state/key_rules.py": "the rules",
    "state/keys.py": "the table",
    "panels/controls/key_recorder.py": "what takes keys",
    "panels/manual/manual_window.py": "keys of that window, which no action has",
    "panels/layers/cell_window.py": "a key of that window, which no action has",
}


@pytest.fixture
def keys():
    made = Keys()
    usual = {"open": ("Ctrl+O",), "save": ("Ctrl+S", "F12"), "about": ()}
    made.register({name: Named(f"{name.title()}…", one) for name, one in usual.items()})
    return made


def test_the_usual_keys_hold_until_others_are_chosen(keys):
    assert [keys.of(name) for name in keys.names()] == [("Ctrl+O",), ("Ctrl+S", "F12"), ()]
    keys.assign("about", ["Ctrl+I", "Ctrl+I"])
    assert keys.of("about") == ("Ctrl+I",)
    assert keys.chosen() == {"about": ("Ctrl+I",)}
    keys.assign("about", ())
    assert keys.chosen() == {}


def test_a_key_taken_from_another_action_leaves_it_the_rest(keys):
    keys.assign("open", ["F12"])
    assert keys.of("open") == ("F12",)
    assert keys.of("save") == ("Ctrl+S",)
    assert keys.owner("F12") == "open"
    assert keys.owner("Ctrl+O") == ""
    keys.assign("save", keys.usual("save"))  # reset, while another has one of them
    assert keys.of("save") == ("Ctrl+S", "F12")
    assert keys.of("open") == ()


def test_a_new_usual_key_gives_way_to_one_that_was_chosen_before(keys):
    keys.choose({"about": ["Ctrl+S"], "gone": ["Ctrl+G"]})
    assert keys.of("about") == ("Ctrl+S",)
    assert keys.of("save") == ("F12",)
    assert keys.chosen() == {"about": ("Ctrl+S",)}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(("open", "save", "about")), st.lists(
    st.sampled_from(("Ctrl+O", "Ctrl+S", "F12", "F7")), max_size=3))))  # fmt: skip
def test_no_two_actions_ever_share_a_key_and_what_is_kept_says_all(changes):
    made, again = Keys(), Keys()
    usual = {"open": ("Ctrl+O",), "save": ("Ctrl+S", "F12"), "about": ()}
    for one in (made, again):
        one.register({name: Named(name, keys) for name, keys in usual.items()})
    for name, wanted in changes:
        made.assign(name, wanted)
        assert made.of(name) == tuple(dict.fromkeys(wanted))
        every = [key for action in usual for key in made.of(action)]
        assert len(every) == len(set(every))
    again.choose(made.chosen())
    assert [again.of(name) for name in usual] == [made.of(name) for name in usual]


def test_texts_name_the_key_there_is_or_none(keys):
    assert keys.hint("save") == " (Ctrl+S)"
    assert keys.hint("about") == keys.hint("unknown") == ""
    assert keys.doer("save") == "Ctrl+S"
    assert keys.doer("about") == "“About”"
    keys.native = lambda key: key.replace("Ctrl+", "⌘")
    assert keys.hint("save") == " (⌘S)"


def test_who_watches_is_told_once_a_change_and_not_after_its_end(keys):
    class Watcher:
        told = 0

        def look(self):
            Watcher.told += 1

    one = Watcher()
    keys.observe(one.look)
    keys.assign("open", ["F2"])
    keys.assign("open", ["F2"])
    assert Watcher.told == 1
    del one
    keys.assign("open", ["F3"])
    assert Watcher.told == 1


@pytest.fixture
def linux(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize(
    ("action", "key", "refused"),
    [
        ("fit", "K", True),
        ("fit", "Shift+K", True),
        ("fit", "?", True),
        ("fit", "+", True),
        ("fit", "Ctrl++", False),
        ("fit", "Alt+K", False),
        ("fit", "F4", False),
        ("fit", "Shift+F4", False),
        ("fit", "Esc", True),
        ("fit", "Ctrl+Esc", True),
        ("cancel", "Esc", False),
        ("fit", "Space", True),
        ("fit", "Shift+Tab", True),
        ("fit", "Left", True),
        ("fit", "Ctrl+Left", False),
        ("fit", "Ctrl+Space", False),
        ("fit", "Alt+F4", True),
        ("fit", "Home", False),
        ("fit", "Ctrl+Shift", True),
    ],
)
def test_keys_that_cannot_work_are_refused_with_a_sentence(action, key, refused):
    said = key_rules.refusal(action, key)
    assert bool(said) == refused
    assert not said or said.endswith(".")


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize(
    ("key", "names"),
    [("Alt+F", "File"), ("Home", "plots"), ("Ctrl+A", "text"), ("Ctrl+J", ""), ("Alt+J", "")],
)
def test_what_a_key_does_elsewhere_is_told(key, names):
    said = key_rules.warning(key, {"F": "File"})
    assert names in said
    assert bool(said) == bool(names)


@pytest.fixture
def mac(monkeypatch):
    """A Mac, as Qt writes its keys."""
    monkeypatch.setattr(sys, "platform", "darwin")
    signs = {"Ctrl+": "⌘", "Alt+": "⌥", "Shift+": "⇧", "Meta+": "⌃"}

    def native(key):
        for name, sign in signs.items():
            key = key.replace(name, sign)
        return key

    monkeypatch.setattr(KEYS, "native", native)


def test_what_a_mac_takes_itself_is_refused_by_its_own_name(mac):
    for key, named in {"Ctrl+Tab": "⌘Tab", "Ctrl+H": "⌘H", "Ctrl+Space": "⌘Space"}.items():
        assert key_rules.refusal("fit", key).startswith(f"The system takes {named} before")
    assert key_rules.refusal("fit", "Alt+Tab") == "", "there that is no key of the system"
    assert key_rules.refusal("fit", "K") == "K is typed into fields: hold ⌘ with it."
    assert key_rules.refusal("fit", "Alt+K") == key_rules.refusal("fit", "Ctrl+K") == ""
    assert key_rules.warning("Alt+F", {"F": "File"}).startswith("⌥F types another letter")
    assert key_rules.warning("Ctrl+A", {}).startswith("⌘A edits text")


def test_elsewhere_other_keys_are_the_system_s(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    assert key_rules.refusal("fit", "Ctrl+H") == key_rules.refusal("fit", "Ctrl+Tab") == ""
    assert key_rules.refusal("fit", "Alt+Tab").startswith("The system takes")
    monkeypatch.setattr(KEYS, "native", lambda key: key.replace("Ctrl", "Strg"))
    assert key_rules.refusal("fit", "K") == "K is typed into fields: hold Strg or Alt with it."


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_every_usual_key_can_work(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    pairs = [(name, key) for name in KEYS.names() for key in KEYS.usual(name)]
    assert len(pairs) > 40
    assert [key for name, key in pairs if key_rules.refusal(name, key)] == []


def test_why_an_action_is_grey_names_the_key_as_it_is_now():
    state = AppState()
    try:
        assert applying.why_not(state)["compute_again"] == "There is no network yet (Ctrl+M)."
        KEYS.assign("choose_network", ["F9"])
        assert applying.why_not(state)["compute_again"] == "There is no network yet (F9)."
        KEYS.assign("choose_network", ())
        assert applying.why_not(state)["compute_again"] == "There is no network yet."
    finally:
        KEYS.choose({})


def test_no_text_of_the_window_knows_a_key_by_itself():
    names = re.compile(r"""["'(\s](Ctrl|Alt|Shift)\+\w|\bF(5|6|11|10)\b(?!["':])""")
    knowing = []
    for folder in ("panels", "state", "app"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            where = path.relative_to(PACKAGE).as_posix()
            if where in OWN:
                continue
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                if names.search(line) and "Ctrl+C " not in line and '"""' not in line:
                    knowing.append(f"{where}:{number}: {line.strip()}")
    assert knowing == []


def asked(tree):
    """Yield the actions whose keys a source asks for by name."""
    for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        of_keys = getattr(getattr(call.func, "value", None), "id", "") == "KEYS"
        place = 2 if name == "key_tip" else 0 if of_keys and name in ("hint", "doer", "of") else -1
        if 0 <= place < len(call.args) and isinstance(call.args[place], ast.Constant):
            yield call.args[place].value


def test_every_action_whose_key_is_named_is_one_there_is():
    sources = (
        path for name in ("panels", "state", "app") for path in (PACKAGE / name).rglob("*.py")
    )
    named = {one for path in sources for one in asked(ast.parse(path.read_text("utf-8")))}
    assert {"compute_again", "settings", "save_picture"} <= named
    assert named - set(KEYS.names()) == set()
