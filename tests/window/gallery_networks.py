"""Stops of the gallery's tour: the window of networks, the checkpoint window, the settings."""

from __future__ import annotations

import dataclasses
from typing import Any

from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.state.downloads import DownloadState
from cnnviz_gui.state.finding import Problem

SERVER = "The server broke off after 10.0 of 241.7 MB."
BIRDS = ("barn swallow", "blue tit", "heron", "kingfisher", "robin", "wren")


def choosing(guide: Any) -> None:
    """Show the chooser in every state that a network can be in."""
    state, networks = guide.state, guide.explorer.networks
    networks.show_chooser()
    chooser = networks.chooser
    chooser.resize(min(1220, guide.window.width() - 40), min(740, guide.window.height() - 40))
    chooser.move(guide.window.pos() + guide.window.rect().center() - chooser.rect().center())
    guide.picture("networks")
    networks.show_network("resnet50")
    guide.picture("networks-download")
    chooser.list.header().sort_by(6)
    chooser.list.verticalScrollBar().setValue(0)
    guide.picture("networks-sorted")
    chooser.list.header().setSortIndicator(-1, chooser.list.header().sortIndicatorOrder())
    running = DownloadState("resnet50", "ResNet-50", "running", opens=True)
    failed = DownloadState("resnet152", "ResNet-152", "failed", 10_000_000, 241_700_000)
    problem = Problem(SERVER, "Try again: what is here is kept, and the rest follows.")
    state.share(
        downloads=(
            running.advanced(46_300_000, 102_500_000, 4.1e6),
            DownloadState("vgg16", "VGG-16"),
            dataclasses.replace(failed, problem=problem),
        )
    )
    for name, title in (
        ("resnet50", "running"),
        ("vgg16", "waiting"),
        ("resnet152", "failed"),
        ("lenet5", "here"),
    ):
        networks.show_network(name)
        guide.picture(f"networks-{title}")
    state.share(downloads=())
    chooser.search.setText("resnet 2016")
    guide.picture("networks-search")
    chooser.search.setText("qqq")
    guide.picture("networks-none")
    chooser.search.clear()
    state.share(offline=True)
    networks.show_network("vit_b_16")
    guide.picture("networks-offline")
    state.share(offline=False)
    chooser.reject()


def untrained(guide: Any) -> None:
    """Show what marks a network without training."""
    commands, state = guide.commands, guide.state
    commands.choose_network(ModelRef(name="squeezenet1_1", untrained=True))
    guide.until(lambda: state.selection.model.name == "squeezenet1_1")
    for stage, lanes in (
        ("heatmaps", ("predict", "heatmap")),
        ("layers", ("layer",)),
    ):
        state.select(stage=stage)
        guide.done(*lanes)
        guide.picture(f"untrained-{stage}")
    state.choose_method("attack", "fgsm")
    state.select(stage="attack")
    commands.on_start_attack()
    guide.done("attack", "heatmap-attacked")
    guide.picture("untrained-attack")
    guide.explorer.networks.show_network("squeezenet1_1")
    guide.picture("untrained-chooser")
    guide.explorer.networks.chooser.reject()
    _back(guide)


def checkpoints(guide: Any) -> None:
    """Show the checkpoint window with files of every kind, and a network without a classifier."""
    state, networks = guide.state, guide.explorer.networks
    birds, headless, evil = _files(guide)
    networks.open_checkpoint(str(birds))
    assistant = networks.assistant
    assistant.resize(min(1000, guide.window.width() - 60), min(720, guide.window.height() - 40))
    assistant.move(guide.window.pos() + guide.window.rect().center() - assistant.rect().center())
    guide.until(lambda: assistant.model() is not None)
    guide.picture("checkpoint")
    assistant.names._editor.setPlainText("\n".join(BIRDS[:4]))
    guide.picture("checkpoint-names")
    assistant.names._editor.setPlainText("\n".join(BIRDS))
    assistant.scale.probe.click()
    guide.until(lambda: bool(assistant.scale.guesses.rows))
    guide.picture("checkpoint-probed")
    if assistant.candidates.list.model().rowCount() > 1:
        assistant.candidates.list.setCurrentIndex(assistant.candidates.list.model().index(1, 0))
        assistant.candidates.fold.setChecked(True)
        guide.picture("checkpoint-misfits")
        assistant.candidates.list.setCurrentIndex(assistant.candidates.list.model().index(0, 0))
        assistant.candidates.fold.setChecked(False)
    assistant.foot.open.click()
    guide.until(lambda: state.shared.facts.labels == BIRDS)
    guide.done("predict", "heatmap")
    guide.picture("checkpoint-opened")
    networks.open_checkpoint(str(headless))
    guide.until(lambda: assistant.model() is not None)
    guide.picture("checkpoint-headless")
    assistant.foot.open.click()
    guide.until(lambda: state.shared.facts.headless)
    guide.done("predict", "heatmap")
    guide.picture("headless-heatmap")
    state.choose_method("attack", "fgsm")
    state.select(stage="attack")
    guide.commands.on_start_attack()
    guide.done("attack", "heatmap-attacked")
    guide.picture("headless-attack")
    networks.open_checkpoint(str(evil))
    guide.until(lambda: assistant._reading.failure.isVisible())
    guide.picture("checkpoint-refused")
    assistant.reject()
    _back(guide)


def settings(guide: Any) -> None:
    """Show the settings."""
    guide.explorer.preferences.show()
    window = guide.explorer.preferences.window
    window.move(guide.window.pos() + guide.window.rect().center() - window.rect().center())
    guide.picture("settings")
    window.accept()


def _back(guide: Any) -> None:
    guide.commands.choose_network(ModelRef(name="efficientnet_lite0"))
    guide.until(lambda: guide.state.selection.model.name == "efficientnet_lite0")
    guide.state.select(stage="heatmaps", attack_started=False)
    guide.done("predict", "heatmap")


def _files(guide: Any) -> tuple[Any, Any, Any]:
    """Write weights of a network for six birds, of one without a classifier, and code."""
    import torch
    from torchvision import models

    torch.manual_seed(0)
    state = models.squeezenet1_1(num_classes=len(BIRDS)).state_dict()
    birds = guide.home / "birds, epoch 40.pth"
    torch.save({"state_dict": {f"module.{k}": v for k, v in state.items()}, "epoch": 40}, birds)
    headless = guide.home / "backbone.pth"
    torch.save({k: v for k, v in state.items() if not k.startswith("classifier")}, headless)
    evil = guide.home / "from the web.pth"

    class Harm:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return print, ("harm",)

    torch.save({"weight": torch.zeros(1), "harm": Harm()}, evil)
    return birds, headless, evil
