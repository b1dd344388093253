"""Show every control and save pictures of them: ``python gallery_kit_a.py FOLDER``.

Both schemes, at device pixel ratios 1 and 2. Not a test: for the eye.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QStandardItem, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QMenuBar,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cnnviz_gui.core.params import Scale, Spec
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.class_picker import ClassPicker
from cnnviz_gui.panels.controls import (
    BusyArc,
    Button,
    Card,
    Chip,
    ComboBox,
    DockHeader,
    EmptyState,
    FailureCard,
    IconButton,
    KeyValueRows,
    Label,
    Notice,
    ProbabilityBar,
    SearchBox,
    SectionHeader,
    Segmented,
    Slider,
    TabBar,
    Toggle,
    Tree,
)
from cnnviz_gui.panels.param_form import ParamForm

LABELS = tuple(f"class number {index}" for index in range(1000))
ATTACK = (
    Spec(
        "norm",
        "Norm",
        "choice",
        "linf",
        "How the size of the perturbation is measured.",
        choices=(("linf", "L∞"), ("l2", "L2"), ("l1", "L1")),
    ),
    Spec(
        "epsilon",
        "Epsilon",
        "float",
        1.0,
        "Largest change.",
        0.0,
        64.0,
        0.25,
        "/ 255",
        role="epsilon",
        depends_on="norm",
        scales=(("l2", Scale(0.5, 0.0, 20.0, 0.1)), ("l1", Scale(20.0, 0.0, 1000.0, 1.0))),
    ),
    Spec("steps", "Steps", "int", 10, "Gradient steps.", 1, 1000),
    Spec("step_size", "Step size", "float", 2.5, "Relative.", 0.01, 10, 0.1, "· ε / steps"),
    Spec("restarts", "Restarts", "int", 1, "Random starts.", 1, 20),
    Spec("seed", "Seed", "int", 0, "Of the random start.", 0, 2**31 - 1, role="seed"),
    Spec(
        "loss",
        "Objective",
        "choice",
        "ce",
        "What is raised.",
        choices=(("ce", "Cross-entropy"), ("margin", "Logit margin"), ("dlr", "DLR")),
    ),
    Spec("keep", "Keep negative", "bool", False, "Keep negative values."),
    Spec("early", "Stop early", "bool", True, "Stop at the first flip."),
)


def page(token: str, width: int) -> tuple[QWidget, QVBoxLayout]:
    widget = QWidget()
    theme.surface(widget, token)
    widget.setFixedWidth(width)
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    return widget, column


def padded(*widgets: QWidget, spacing: int = 8) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(16, 12, 16, 12)
    column.setSpacing(spacing)
    for widget in widgets:
        column.addWidget(widget)
    return holder


def beside(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    return holder


def labelled(text: str, control: QWidget) -> QWidget:
    label = Label(text, "body", "text2")
    label.setFixedWidth(theme.LABEL_COLUMN)
    return beside(label, control)


def clean_dock() -> QWidget:
    widget, column = page("panel", 296)
    column.addWidget(DockHeader("Prediction", "19 ms"))
    bars = []
    rows = (("tiger cat", 0.383), ("Egyptian cat", 0.37), ("tabby", 0.161), ("lynx", 0.021))
    for place, (label, share) in enumerate((*rows, ("window screen", 0.0004))):
        bar = ProbabilityBar()
        bar.set_row(282 + place, label, share, winner=not place, target=not place)
        bars.append(bar)
    picker = ClassPicker()
    picker.set_labels(LABELS)
    picker.set_current(None, "tiger cat")
    column.addWidget(padded(*bars, labelled("Target", picker), spacing=0))
    column.addWidget(SectionHeader("Parameters", top_line=True))
    layer = ComboBox("Layer")
    for name in ("stem", "blocks.0", "head"):
        layer.addItem(icons.icon("stack"), name)
    layer.setCurrentText("head")
    score = Segmented((("logit", "Logit"), ("probability", "Probability")), "Score")
    score.set_value("logit")
    column.addWidget(padded(labelled("Layer", layer), labelled("Score", score)))
    column.addWidget(SectionHeader("Display", level=2))
    opacity = Slider("Opacity")
    opacity.setRange(0, 100)
    opacity.setValue(62)
    readout = Label("62 %", "body")
    low, high = QLineEdit("0"), QLineEdit("0.191")
    column.addWidget(
        padded(
            labelled("Opacity", beside(opacity, readout)),
            labelled("Range", beside(low, high)),
            beside(Button("Crop to map", "crop"), Button("Save figure", "export", "primary")),
            Notice(
                "Weights each feature map by its mean gradient, sums them and keeps what speaks "
                "for the class.",
                "Selvaraju et al. 2017",
            ),
        )
    )
    column.addStretch(1)
    return widget


def attack_dock() -> QWidget:
    widget, column = page("panel", 296)
    column.addWidget(DockHeader("Prediction"))
    rows = (
        ("ladybug", 0.0001, 0.992, True),
        ("espresso", 0.957, 0.0003, True),
        ("cup", 0.014, 0.0002, False),
        ("a class whose name is far too long for one line", 0.007, 0.0001, False),
    )
    bars = []
    for place, (label, clean, adversarial, winner) in enumerate(rows):
        bar = ProbabilityBar()
        bar.set_row(place, label, clean, adversarial, winner=winner, target=place in (0, 3))
        bars.append(bar)
    column.addWidget(padded(*bars, spacing=0))
    form = ParamForm("Parameters")
    form.set_specs(ATTACK, {"epsilon": 1.25, "seed": 7})
    column.addWidget(form)
    facts = KeyValueRows()
    facts.set_rows(
        [
            ("Perturbation", "L∞ 1.25 / 255  ·  L2 1.41"),
            ("Cost of this point", "10 forward, 10 backward"),
            ("First flip", "0.69 / 255", "0.6875 / 255"),
        ]
    )
    column.addWidget(padded(facts))
    column.addStretch(1)
    return widget


def tree() -> Tree:
    model = QStandardItemModel()
    for name, shape in (("stem", "32 × 112 × 112"), ("blocks.0", "16 × 112 × 112")):
        item = QStandardItem(icons.icon("stack"), name)
        item.appendRow([QStandardItem(icons.icon("grid-four"), "conv_pw"), QStandardItem("1")])
        model.appendRow([item, QStandardItem(shape)])
    for name in ("head", "pool", "classifier"):
        model.appendRow([QStandardItem(icons.icon("grid-four"), name), QStandardItem("1280")])
    view = Tree("Layers")
    model.setParent(view)
    view.setModel(model)
    view.setColumnWidth(0, 150)
    view.expand(model.index(1, 0))
    view.setCurrentIndex(model.index(2, 0))
    view.setFixedHeight(190)
    return view


def left_dock() -> QWidget:
    widget, column = page("panel", 280)
    menu = QMenuBar()
    for name in ("File", "Edit", "View", "Network"):
        menu.addMenu(name)
    column.addWidget(menu)
    header = DockHeader("Layers")
    header.add_tool(IconButton("tree-structure", "Show all modules"))
    header.add_tool(IconButton("dots-three", "More"))
    column.addWidget(header)
    column.addWidget(padded(SearchBox("Search 51 layers"), SearchBox("Find an action", "Ctrl K")))
    column.addWidget(tree())
    checks = QCheckBox("A plain check box")
    checks.setChecked(True)
    whole, real = QSpinBox(), QDoubleSpinBox()
    toggle = Toggle("On")
    toggle.setChecked(True)
    off = Toggle("Off")
    still = Toggle("Disabled")
    still.setEnabled(False)
    gone = Button("Disabled", "export", "primary")
    gone.setEnabled(False)
    column.addWidget(
        padded(
            beside(checks, toggle, off, still),
            beside(whole, real),
            beside(QPushButton("Plain"), Button("Quiet", "x", "quiet"), gone),
            beside(IconButton("dice-five", "Seed", boxed=True), IconButton("gear", "Settings")),
        )
    )
    column.addStretch(1)
    return widget


def stage() -> QWidget:
    widget, column = page("stage", 460)
    tabs = TabBar("Views")
    for name in ("Layers", "Features", "Heat maps", "Attack"):
        tabs.addTab(name)
    tabs.setCurrentIndex(2)
    column.addWidget(tabs)
    chips = beside(
        Chip("crosshair", "tiger cat", "target"),
        Chip("stack", "head"),
        Chip("tag", "espresso", "clean"),
        Chip("flag-banner", "first flip  0.69 / 255", "warning"),
    )
    card = Card("Deletion", "lower is better")
    progress = QProgressBar()
    progress.setValue(60)
    arc, part = BusyArc(), BusyArc()
    arc.start()
    part.set_fraction(0.3)
    card.body.addWidget(beside(arc, part, progress, Label("6 of 18 layers", "caption", "text2")))
    failure = FailureCard()
    failure.set_failure(
        "This network has no layer whose output is still a stack of maps.",
        "Choose another network, or a heat map that works on the input: Gradient.",
        "LayerError: no spatial layer\n  in resolve_layer",
        "Use Gradient",
    )
    failure.fold.setChecked(True)
    empty = EmptyState("image", "Drop a photograph here, or paste one.", "Open a photograph")
    column.addWidget(
        padded(
            chips,
            card,
            failure,
            Notice("Memory is short; maps are kept for 3 layers.", kind="warning", closable=True),
            Notice("Still fools after rounding to 8 bits.", kind="success", action="Show"),
            spacing=12,
        )
    )
    column.addWidget(empty, 1)
    return widget


def window() -> QWidget:
    shown = QWidget()
    theme.surface(shown, "window")
    row = QHBoxLayout(shown)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(1)
    for part in (left_dock(), stage(), clean_dock(), attack_dock()):
        row.addWidget(part)
    shown.resize(1340, 900)
    return shown


def extras(folder: Path, name: str) -> None:
    picker = ClassPicker()
    picker.set_labels(LABELS, [1 / 1000] * 1000)
    picker.resize(176, 28)
    picker.show()
    picker.open()
    picker.popup.search.setText("class number 28")
    picker.popup.grab().save(str(folder / f"popup-{name}.png"))
    picker.popup.hide()
    menu = QMenu()
    menu.addAction(icons.icon("export"), "Save figure").setShortcut("Ctrl+S")
    checked = menu.addAction("Link the cursors")
    checked.setCheckable(True)
    checked.setChecked(True)
    menu.addSeparator()
    menu.addMenu("Colour map").addAction("x")
    menu.addAction("Not now").setEnabled(False)
    menu.ensurePolished()
    menu.resize(menu.sizeHint())
    menu.setActiveAction(menu.actions()[0])
    menu.grab().save(str(folder / f"menu-{name}.png"))


def focused(folder: Path, name: str) -> None:
    """Save what the keyboard focus looks like, control by control."""
    segments = Segmented((("a", "Logit"), ("b", "Probability")), "Score")
    segments.set_value("a")
    edit, combo, slider, bar = QLineEdit("0.191"), ComboBox("Layer"), Slider("Opacity"), None
    combo.addItem("head")
    slider.setValue(40)
    bar = ProbabilityBar()
    bar.set_row(1, "tiger cat", 0.4, winner=True)
    controls = [
        Button("Crop"),
        Button("Save figure", "export", "primary"),
        IconButton("gear", "Settings"),
        Toggle("Switch"),
        segments,
        edit,
        combo,
        slider,
        ClassPicker(),
        bar,
    ]
    form = ParamForm()
    form.set_specs(ATTACK[1:2])
    pictures = []
    for control in [*controls, form]:
        holder = QWidget()
        theme.surface(holder, "panel")
        holder.setFixedWidth(220)
        QVBoxLayout(holder).addWidget(control)
        holder.show()
        holder.activateWindow()
        QTest.qWaitForWindowActive(holder)
        target = control
        if control is segments:
            target = segments.buttons()[0]
        elif control is form:
            target = form.control("epsilon")
        target.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.sendPostedEvents()
        pictures.append(holder.grab())
        holder.hide()
        control.setParent(None)
    sheet = QWidget()
    theme.surface(sheet, "panel")
    height = sum(picture.deviceIndependentSize().toSize().height() for picture in pictures)
    sheet.resize(220, height)
    drawn = sheet.grab()
    painter = QPainter(drawn)
    top = 0
    for picture in pictures:
        size = picture.deviceIndependentSize().toSize()
        painter.drawPixmap(QRect(0, top, size.width(), size.height()), picture)
        top += size.height()
    painter.end()
    drawn.save(str(folder / f"focus-{name}.png"))


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if "--one" not in sys.argv:
        for ratio in ("1", "2"):
            environment = os.environ | {"QT_SCALE_FACTOR": ratio}
            command = [sys.executable, __file__, str(folder), "--one"]
            subprocess.run(command, env=environment, check=True)
        return
    app = QApplication(sys.argv[:1])
    theme.set_reduced_motion(True)
    theme.apply(app, "dark")
    shown = window()
    shown.show()
    ratio = f"{shown.devicePixelRatio():g}"
    for scheme in ("dark", "light"):
        theme.apply(app, scheme)
        QApplication.sendPostedEvents()
        shown.grab().save(str(folder / f"kit-{scheme}-{ratio}x.png"))
        extras(folder, f"{scheme}-{ratio}x")
        focused(folder, f"{scheme}-{ratio}x")


if __name__ == "__main__":
    main()
