"""The one door: work goes in, a result comes out. Engine, command line and tests use it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from cnnviz_gui.core import (
    activation_statistics,
    channel_classes,
    device,
    fetch,
    flipping_set,
    images,
    listing,
    microscope,
    preprocess,
    run_attack,
    run_attack_folder,
    run_attack_steps,
    run_borders,
    run_defences,
    run_feature,
    run_figure,
    run_filters,
    run_grid,
    run_heatmap,
    run_layers,
    run_map_folder,
    run_maps,
    run_masking,
    run_nearest,
    run_place,
    run_plane,
    run_plane_figure,
    run_race,
    run_restore,
    run_sanity,
    run_save,
    run_sheet,
    run_steps,
    run_sweep,
    run_transfer,
    run_trust,
    scores,
    shortage,
    subject,
    top_patches,
)
from cnnviz_gui.core.attack_folder_requests import AttackFolder
from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.border_requests import AttackBorders, Borders
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.defence_requests import AdaptiveAttacks, Defences
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.feature_requests import Feature, FeatureSheet, OpenSpectrum
from cnnviz_gui.core.features import spectrum_file
from cnnviz_gui.core.figure_requests import SaveFigure
from cnnviz_gui.core.grid_requests import HeatmapGrid
from cnnviz_gui.core.layer_requests import (
    ActivationStatistics,
    ChannelClasses,
    Contributions,
    ExamineCell,
    FlippingSet,
    InspectFilters,
    TopPatches,
)
from cnnviz_gui.core.layer_results import EditedPrediction
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.masking_requests import Masking
from cnnviz_gui.core.models import (
    catalogue,
    checkpoint_report,
    class_names,
    download,
    normalisation,
)
from cnnviz_gui.core.place_requests import Locate
from cnnviz_gui.core.plane_requests import Plane, PlanePicture, SavePlane
from cnnviz_gui.core.race_requests import AttackRace
from cnnviz_gui.core.request import (
    Attack,
    DownloadWeights,
    Embed,
    FetchImage,
    Forget,
    Heatmap,
    HeatmapLayers,
    InspectCheckpoint,
    InspectLayer,
    ListImages,
    ListNetworks,
    Nearest,
    OpenImage,
    OpenModel,
    Predict,
    ProbeNormalisation,
    ReadLabels,
    SaveAdversarial,
    Sweep,
    Thumbnails,
    UseDevice,
    Work,
)
from cnnviz_gui.core.restore_work import CompareWeights, FindFiles, OpenRequest
from cnnviz_gui.core.result import (
    DeviceInUse,
    FetchedImage,
    Forgotten,
    ListedImages,
    OpenedImage,
    OpenedModel,
    Prediction,
    Result,
    ThumbnailSheet,
    frozen,
)
from cnnviz_gui.core.save_work import CopyDrawing, SaveDrawing, SaveFilm, SaveNumbers, SaveStep
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.step_requests import GradCamSteps
from cnnviz_gui.core.trust_requests import Sanity, Trust
from cnnviz_gui.texts import tr

Handler = Callable[[Any, Session, Context], Result]


def execute(
    request: Work, session: Session, ctx: Context, handler: Handler | None = None
) -> Result:
    """Compute what is asked for; ``handler`` is to do it in place of the usual one, if given.

    Arrays of the result are read-only and on the CPU; the session, its networks and the global
    random state are left as they were but for what is remembered. A remembered result bears the
    seconds that it once took.

    Raises
    ------
    CnnvizError
        What is asked for cannot be computed; the message says why and what to do.
    Cancelled
        ``ctx`` said so; nothing is left behind.
    """
    with session.stopwatch.job() as own_seconds:
        ctx.check()
        handler = handler or _HANDLERS.get(type(request))
        if handler is None:
            raise RequestError(f"Nothing can execute {type(request).__name__}.")
        result = _guarded(handler, request, session, ctx)
        if result.seconds:
            return result
        return dataclasses.replace(result, seconds=own_seconds())


def _guarded(handler: Handler, request: Work, session: Session, ctx: Context) -> Result:
    """Run a handler; what a device could not do becomes a sentence, and the next job has room."""
    try:
        return handler(request, session, ctx)
    except (MemoryError, RuntimeError) as error:
        failure = shortage.explain(error, session.device)
        if failure is None:
            raise
    # The exception has gone, and with its traceback every tensor of the failed job.
    session.recover()
    raise failure


def _open_model(request: OpenModel, session: Session, ctx: Context) -> OpenedModel:
    return OpenedModel(facts=session.open(request.model, request.beside, ctx).facts)


def _open_image(request: OpenImage, session: Session, ctx: Context) -> OpenedImage:
    picture = session.picture(request.image, ctx)
    return OpenedImage(
        path=picture.path,
        sha256=picture.sha256,
        width=picture.width,
        height=picture.height,
        frames=picture.frames,
        format=picture.format,
        thumbnail=frozen(images.thumbnail(picture)),
        notes=picture.notes,
        carried=picture.carried,
        carried_problem=picture.carried_problem,
    )


def _list_images(request: ListImages, session: Session, ctx: Context) -> ListedImages:
    return listing.list_images(request.paths, ctx)


def _fetch_image(request: FetchImage, session: Session, ctx: Context) -> FetchedImage:
    return FetchedImage(path=str(fetch.fetch_image(request.url, request.folder, ctx)))


def _thumbnails(request: Thumbnails, session: Session, ctx: Context) -> ThumbnailSheet:
    return listing.make_thumbnails(request.images, ctx, session.kept_picture)


def _predict(request: Predict, session: Session, ctx: Context) -> Prediction:
    if request.top < 1:
        raise RequestError(
            tr("{top} classes cannot be listed.", top=request.top),
            tr("Choose a number of at least 1."),
        )
    if request.attack is not None:
        return run_transfer.run(request, request.attack, session, ctx)
    seen = subject.of_picture(session, request.model, request.image, ctx, forward_only=True)
    facts = seen.network.facts
    pixels = frozen(session.seen(request.model, request.image, ctx))
    enlarged = preprocess.enlargement(session.picture(request.image, ctx), facts)
    best = scores.best(seen.logits, request.top)
    if not request.edits:
        listed = scores.scores(seen.logits, best, facts.labels)
        return Prediction(scores=listed, seen=pixels, enlarged=enlarged)
    edited = subject.of_picture(
        session, request.model, request.image, ctx, request.edits, forward_only=True
    )
    classes = {*scores.best(edited.logits, request.top), best[0]}
    return EditedPrediction(
        scores=scores.scores(edited.logits, classes, facts.labels),
        before=scores.scores(seen.logits, classes, facts.labels),
        seen=pixels,
        enlarged=enlarged,
    )


def _forget(request: Forget, session: Session, ctx: Context) -> Forgotten:
    session.forget_results()
    return Forgotten()


def _use_device(request: UseDevice, session: Session, ctx: Context) -> DeviceInUse:
    chosen, note = device.choose(request.device)
    session.use(chosen, half=request.half)
    return session.device_in_use(note)


_HANDLERS: dict[type[Work], Handler] = {
    OpenModel: _open_model,
    ListNetworks: catalogue.run,
    InspectCheckpoint: checkpoint_report.inspect,
    ReadLabels: class_names.run,
    ProbeNormalisation: normalisation.run,
    DownloadWeights: download.run,
    OpenImage: _open_image,
    OpenRequest: run_restore.open_request,
    FindFiles: run_restore.find,
    CompareWeights: run_restore.compare_weights,
    ListImages: _list_images,
    FetchImage: _fetch_image,
    Thumbnails: _thumbnails,
    Predict: _predict,
    InspectLayer: run_maps.run,
    Contributions: run_maps.contributions,
    InspectFilters: run_filters.run,
    ActivationStatistics: activation_statistics.run,
    ExamineCell: microscope.run,
    ChannelClasses: channel_classes.run,
    FlippingSet: flipping_set.run,
    TopPatches: top_patches.run,
    Heatmap: run_heatmap.run,
    HeatmapLayers: run_layers.run,
    Trust: run_trust.run,
    Sanity: run_sanity.run,
    HeatmapGrid: run_grid.run,
    HeatmapFolder: run_map_folder.run,
    GradCamSteps: run_steps.run,
    Locate: run_place.run,
    Attack: run_attack.run,
    AttackFolder: run_attack_folder.run,
    AttackSteps: run_attack_steps.run,
    Sweep: run_sweep.run,
    Defences: run_defences.run,
    AdaptiveAttacks: run_defences.attack_knowing,
    Masking: run_masking.run,
    Plane: run_plane.run,
    PlanePicture: run_plane.picture,
    Borders: run_borders.run,
    AttackBorders: run_borders.by_attack,
    AttackRace: run_race.run,
    OpenSpectrum: spectrum_file.run,
    Feature: run_feature.run,
    FeatureSheet: run_sheet.run,
    SaveAdversarial: run_save.adversarial,
    SaveStep: run_save.step,
    SaveFigure: run_figure.run,
    SavePlane: run_plane_figure.run,
    SaveFilm: run_save.film,
    SaveDrawing: run_save.drawing,
    SaveNumbers: run_save.numbers,
    CopyDrawing: run_save.copy,
    Embed: run_nearest.embed,
    Nearest: run_nearest.run,
    Forget: _forget,
    UseDevice: _use_device,
}
