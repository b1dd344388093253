"""The commands: each opens what it needs, executes one request and prints what came back."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cnnviz_gui.cli import (
    attack_folders,
    attacks,
    borders,
    checkpoints,
    defences,
    features,
    folder_work,
    grids,
    map_folders,
    map_pictures,
    planes,
    races,
    reports,
    request_files,
    tables,
)
from cnnviz_gui.cli import trust as trusting
from cnnviz_gui.cli.desk import (
    Desk,
    execute,
    model_of,
    open_network,
    write_array,
    write_request,
)
from cnnviz_gui.cli.output import check_destinations, print_json, print_lines
from cnnviz_gui.cli.progress import TerminalContext, stopped_by_ctrl_c
from cnnviz_gui.core import layer_table
from cnnviz_gui.core.grid_requests import HeatmapGrid
from cnnviz_gui.core.grid_results import HeatmapGridResult
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.labels import resolve
from cnnviz_gui.core.numbers import file_size
from cnnviz_gui.core.plane_results import PlaneResult
from cnnviz_gui.core.request import (
    Attack,
    DownloadWeights,
    Embed,
    Heatmap,
    ImageRef,
    InspectCheckpoint,
    ModelRef,
    Nearest,
    OpenModel,
    Predict,
)
from cnnviz_gui.core.result import (
    CheckpointReport,
    Downloaded,
    Embedding,
    NearestImages,
    OpenedModel,
    Prediction,
    Result,
    Transfer,
)
from cnnviz_gui.core.result_files import save_result
from cnnviz_gui.core.trust_requests import Sanity, SanityParams, Trust
from cnnviz_gui.core.trust_results import SanityResult, TrustResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz_gui.core.models.classifier import Classifier
    from cnnviz_gui.core.session import Session

R = TypeVar("R", bound=Result)


def open_session() -> Session:
    """Set torch up and return an empty worker's memory."""
    from cnnviz_gui.core.device import prepare_torch
    from cnnviz_gui.core.session import Session

    prepare_torch()
    return Session()


@contextmanager
def desk() -> Iterator[Desk]:
    """Lend a desk; inside, Ctrl+C stops the computation at its next step."""
    context = TerminalContext(sys.stderr)
    session = open_session()
    with stopped_by_ctrl_c(context):
        yield Desk(session, context)


def models(arguments: argparse.Namespace) -> None:
    """Print the catalogue."""
    from cnnviz_gui.core.models import catalogue

    entries = catalogue.entries()
    if arguments.json:
        print_json({"models": [dataclasses.asdict(entry) for entry in entries]})
    else:
        print_lines(tables.catalogue_lines(entries))


def download(arguments: argparse.Namespace) -> None:
    """Fetch the published weights of a network."""
    with desk() as at:
        asked = DownloadWeights(name=arguments.name)
        result = execute(at, asked, Downloaded, f"Fetching {arguments.name}", fetches=True)
    if arguments.json:
        print_json(reports.download_report(result))
    else:
        print_lines([f"{result.name}: {file_size(result.size)} in {result.path}"])


def inspect(arguments: argparse.Namespace) -> None:
    """Print what a file of weights holds."""
    checkpoints.refuse_name(arguments.file)
    with desk() as at:
        asked = InspectCheckpoint(path=arguments.file)
        report = execute(at, asked, CheckpointReport, f"Reading {Path(arguments.file).name}")
    if arguments.json:
        print_json(checkpoints.report_json(report))
    else:
        print_lines(checkpoints.report_lines(report))


def layers(arguments: argparse.Namespace) -> None:
    """Print the layer table of a network."""
    with desk() as at:
        model = model_of(arguments, at)
        facts = execute(at, OpenModel(model=model), OpenedModel, f"Opening {model}").facts
    if arguments.json:
        print_json(reports.layers_report(model, facts))
    elif arguments.form:
        print_lines(layer_table.text(facts, arguments.form).splitlines())
    else:
        print_lines(tables.layer_lines(facts))


def predict(arguments: argparse.Namespace) -> None:
    """Print the best classes of a picture."""
    check_destinations(arguments)
    with desk() as at:
        network = open_network(arguments, at)
        asked = Predict(
            model=model_of(arguments, at), image=ImageRef(path=arguments.image), top=arguments.top
        )
        result = execute(at, asked, Prediction, "Predicting")
        write_request(arguments, asked, at)
    if arguments.json:
        print_json(reports.prediction_report(asked, result))
    else:
        print_lines(tables.prediction_lines(result, facts=network.facts))


def heatmap(arguments: argparse.Namespace) -> None:
    """Compute a heat map; print, save and write what was asked for."""
    check_destinations(arguments)
    with desk() as at:
        network = open_network(arguments, at)
        asked = _heatmap(arguments, network, at)
        result = execute(at, asked, HeatmapResult, arguments.method)
        map_pictures.check(arguments, result)
        report = reports.heatmap_report(asked, result)
        map_pictures.write(arguments, asked, result, at, report)
        write_request(arguments, asked, at)
    if arguments.json:
        print_json(report)
    else:
        print_lines(tables.heatmap_lines(result, report, facts=network.facts))


def trust(arguments: argparse.Namespace) -> None:
    """Put a heat map to the test, with random weights too where that is asked for."""
    check_destinations(arguments)
    with desk() as at:
        network = open_network(arguments, at)
        asked = Trust(heatmap=_heatmap(arguments, network, at), parameters=arguments.settings)
        result = execute(at, asked, TrustResult, f"Testing {arguments.method}")
        report, told = trusting.report(asked, result), trusting.lines(asked, result)
        if arguments.sanity:
            given = SanityParams(seed=asked.parameters.seed)
            question = Sanity(heatmap=asked.heatmap, parameters=given)
            checked = execute(at, question, SanityResult, "Making weights random")
            report["sanity"] = trusting.sanity_report(checked)
            told += trusting.sanity_lines(checked)
        write_request(arguments, asked, at)
    if arguments.json:
        print_json(report)
    else:
        print_lines(tables.marked(network.facts, told))


def heatmaps(arguments: argparse.Namespace) -> None:
    """Compute the maps of several methods and classes; print, save and write what was asked for."""
    check_destinations(arguments)
    with desk() as at:
        network = open_network(arguments, at)
        asked = grids.request(arguments, model_of(arguments, at), network.facts)
        result = execute(at, asked, HeatmapGridResult, "Heat maps")
        seen = at.session.seen(asked.model, asked.image, at.context)
        report = grids.report(asked, result)
        grids.write(arguments, asked, result, seen, at, report)
        write_request(arguments, asked, at)
    if arguments.json:
        print_json(report)
    else:
        print_lines(tables.marked(network.facts, grids.lines(result, report)))


def folder(arguments: argparse.Namespace) -> None:
    """Map or attack every picture of a folder; print and write what was asked for."""
    about = _FOLDERS[arguments.command]
    folder_work.check_destinations(arguments)
    with desk() as at:
        network = open_network(arguments, at)
        asked = about.request(arguments, model_of(arguments, at), network.facts)
        passage = about.passage(asked, at.session, at.context)
        result, written = folder_work.compute(arguments, passage, at.session, at.context)
    if arguments.json:
        print_json(about.report(passage, result, written))
    else:
        print_lines(tables.marked(network.facts, about.lines(result, written)))


def attack(arguments: argparse.Namespace) -> None:
    """Attack a picture; print, save and write what was asked for."""
    check_destinations(arguments)
    with desk() as at:
        network = open_network(arguments, at)
        asked = Attack(
            model=model_of(arguments, at),
            image=ImageRef(path=arguments.image),
            method=arguments.method,
            parameters=arguments.parameters,
            target=_class(arguments.target, network),
            scale=arguments.scale,
        )
        other = _open_other(arguments, asked.model, at)
        written: dict[str, Any] = {}
        result = attacks.compute(arguments, asked, at, written)
        report = reports.attack_report(asked, result) | written
        told: list[str] = []
        if other is not None:
            question = Predict(model=other, image=asked.image, attack=asked)
            transfer = execute(at, question, Transfer, f"Asking {other}")
            report["transfer"] = reports.transfer_report(question, transfer)
            told = tables.transfer_lines(transfer, at.session.classifier(other).facts)
        attacks.write(arguments, asked, result, network, at, report)
        write_array(arguments, result.adversarial_image, report)
        write_request(arguments, asked, at)
    if arguments.json:
        print_json(report)
    else:
        saved = attacks.lines(report, repaired=arguments.repair)
        print_lines(tables.attack_lines(result, report, saved, facts=network.facts) + told)


def plane(arguments: argparse.Namespace) -> None:
    """Classify the pictures of a plane; print, save and write what was asked for."""
    check_destinations(arguments)
    with desk() as at:
        network = open_network(arguments, at)
        asked = planes.request(arguments, model_of(arguments, at), network.facts)
        result = execute(at, asked, PlaneResult, f"Plane along {arguments.method}")
        report = planes.report(asked, result)
        planes.write(arguments, asked, result, at, report)
        write_request(arguments, asked, at)
    if arguments.json:
        print_json(report)
    else:
        print_lines(tables.marked(network.facts, planes.lines(asked, result, report)))


def try_defences(arguments: argparse.Namespace) -> None:
    """Try defences on an attack, and perhaps let it know them."""
    with desk() as at:
        defences.run(arguments, at)


def embed(arguments: argparse.Namespace) -> None:
    """Compute the vector before the classifier, and perhaps what in a folder is most like it."""
    check_destinations(arguments)
    with desk() as at:
        network = open_network(arguments, at)
        model, image = model_of(arguments, at), ImageRef(path=arguments.image)
        asked: Embed | Nearest = Embed(model=model, image=image)
        result = execute(at, asked, Embedding, "Embedding")
        report = reports.embedding_report(model, result)
        write_array(arguments, result.vector, report)
        if arguments.nearest:
            folder = Path(arguments.nearest).absolute()
            asked = Nearest(model=model, image=image, folder=str(folder), count=arguments.count)
            found = execute(at, asked, NearestImages, f"Looking through {folder.name}")
            report["nearest"] = reports.nearest_report(found, str(folder))
        write_request(arguments, asked, at)
    if arguments.json:
        print_json(report)
    else:
        print_lines(tables.embedding_lines(report, facts=network.facts))


def of_picture(arguments: argparse.Namespace) -> None:
    """Do what a module of its own asks for; print, save and write what was asked for."""
    about, title = _ABOUT[arguments.command]
    check_destinations(arguments)
    with desk() as at:
        network = open_network(arguments, at)
        asked = about.request(arguments, model_of(arguments, at), network.facts)
        result = execute(at, asked, Result, title)
        report = about.report(asked, result)
        about.write(arguments, asked, result, at, report)
        write_request(arguments, asked, at)
    if arguments.json:
        print_json(report)
    else:
        print_lines(tables.marked(network.facts, about.lines(result, report)))


def run(arguments: argparse.Namespace) -> None:
    """Replay a request and write all of its result."""
    with desk() as at:
        asked = request_files.read(Path(arguments.request_file), at.context)
        result = execute(at, asked, Result, asked.task)
        seen = None
        if isinstance(asked, Heatmap | HeatmapGrid) and getattr(asked, "attack", None) is None:
            seen = at.session.seen(asked.model, asked.image, at.context)
        told = at.told(asked)
        paths = save_result(result, asked, Path(arguments.out), seen=seen, carried=told)
    if arguments.json:
        print_json(reports.run_report(asked, result, paths))
    else:
        print_lines(tables.run_lines(asked, result, paths))


_ABOUT: dict[str, tuple[Any, str]] = {
    "feature": (features, "Climbing"),
    "borders": (borders, "Looking for the borders"),
    "race": (races, "Racing"),
}
"""What knows of one picture and what it does, by command."""
_FOLDERS: dict[str, Any] = {"heatmap-folder": map_folders, "attack-folder": attack_folders}
"""What knows of the pictures of a folder, by command."""
COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "models": models,
    "download": download,
    "inspect": inspect,
    "layers": layers,
    "predict": predict,
    "heatmap": heatmap,
    "heatmaps": heatmaps,
    "heatmap-folder": folder,
    "attack": attack,
    "attack-folder": folder,
    "plane": plane,
    "defences": try_defences,
    "trust": trust,
    "embed": embed,
    "borders": of_picture,
    "race": of_picture,
    "feature": of_picture,
    "run": run,
}


def _heatmap(arguments: argparse.Namespace, network: Classifier, at: Desk) -> Heatmap:
    return Heatmap(
        model=model_of(arguments, at),
        image=ImageRef(path=arguments.image),
        method=arguments.method,
        parameters=arguments.parameters,
        target=_class(arguments.target, network),
        against=_class(arguments.against, network),
        layer=arguments.layer,
    )


def _open_other(arguments: argparse.Namespace, model: ModelRef, at: Desk) -> ModelRef | None:
    """Open the network of --transfer, before minutes are spent on what it shall be shown."""
    if arguments.transfer is None:
        return None
    other = checkpoints.other_network(arguments.transfer, arguments.seed, at.context)
    execute(at, OpenModel(model=other, beside=model), OpenedModel, f"Opening {other}")
    return other


def _class(given: str | None, network: Classifier) -> int | None:
    return None if given is None else resolve(network.facts.labels, given)
