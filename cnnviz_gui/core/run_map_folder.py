"""Heat maps of all pictures of a folder: in figures, each with a small picture."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cnnviz_gui.core import contrast, map_figures, run_heatmap, scores, shortage
from cnnviz_gui.core import edits as editing
from cnnviz_gui.core.asked import Asked
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import ModelError, RequestError, TargetError
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.faithfulness import Examination
from cnnviz_gui.core.folder import passage, walk
from cnnviz_gui.core.folder.walk import Seen
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.heatmaps.gathering import in_passes
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.map_folder_results import HeatmapFolderResult, MapRow
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.result import ByteArray, ListedImages
from cnnviz_gui.core.result_files import overlay
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.side_by_side import SideBySide
from cnnviz_gui.core.subject import Subject, require, require_class
from cnnviz_gui.core.together import Together
from cnnviz_gui.core.trust_requests import TrustParams
from cnnviz_gui.texts import tr

_ROOM = 256 << 20
"""Bytes of the graphs of the pictures that pass together."""
_SHARED = ("layer", "gradient")
"""Families whose methods ask of a picture but functions of its logits."""
_CURVES = TrustParams(random_draws=1)
Keep = Callable[[str, ByteArray], None]


def run(
    request: HeatmapFolder, session: Session, ctx: Context, keep: Keep | None = None
) -> HeatmapFolderResult:
    """Return a row for each picture; those of before cost nothing where the file is as it was.

    No map is kept, only its figures and its small picture. Rows stream as they come. ``keep`` is
    given path and overlay, uint8 (S, S, 3), of each map that is made.

    Raises
    ------
    CnnvizError
        The folder holds no picture, or the method cannot be done on this network or layer.
    """
    maker = _Maker(request, session, ctx, keep)
    # A module given from Python has no name that another process would know it by.
    rows = name_of(request, maker.facts), MapRow, not request.model.given
    return passage.go_through(request.folder, maker, rows, session, ctx)


def name_of(request: HeatmapFolder, facts: ModelFacts) -> str:
    """Return what names the rows of a question.

    How deep the folder is looked into is no part of it: a picture's row is the same.
    """
    plain = dataclasses.replace(
        request,
        layer=run_heatmap.layer_of(request.layer, method("heatmap", request.method), facts),
        folder=dataclasses.replace(request.folder, nested=False),
        edits=editing.effective(request.edits),
    )
    return passage.name_of(plain, facts)


class _Maker:
    """Makes rows of pictures."""

    def __init__(
        self, request: HeatmapFolder, session: Session, ctx: Context, keep: Keep | None
    ) -> None:
        if not 0 < request.share <= 1:
            raise RequestError(
                tr("A share of {share:g} marks nothing.", share=request.share),
                tr("Choose one above 0, up to 1."),
            )
        self._request = request
        self._keep = keep
        self._chosen = method("heatmap", request.method)
        self._classifier: Classifier = session.classifier(request.model, ctx)
        self.facts = self._classifier.facts
        require(self.facts, self._chosen, request.parameters, request.target)
        require_class(self.facts, request.against)
        if request.against is not None and request.against == request.target:
            label = self.facts.labels[request.against]
            raise TargetError(
                tr("Nothing tells {label} from itself.", label=label), tr("Choose another class.")
            )
        self._layer = run_heatmap.layer_of(request.layer, self._chosen, self.facts)
        self._edits = editing.effective(request.edits)
        self._shared = self._chosen.family in _SHARED and not self._chosen.gathers

    def together(self) -> Together:
        """Return how many pass at once: one where a method takes many passes for each anyhow."""
        each = max(1, shortage.graph_bytes(self.facts.layers))
        return Together(self._classifier.device, _ROOM // each if self._shared else 1)

    def result(self, rows: tuple[MapRow, ...], listed: ListedImages) -> HeatmapFolderResult:
        """Return what is shown of rows."""
        return HeatmapFolderResult(
            folder=self._request.folder,
            rows=rows,
            total=len(listed.paths),
            truncated=listed.truncated,
            method=self._request.method,
            layer=self._layer,
        )

    def rows(self, pictures: Sequence[Seen], ctx: Context) -> list[MapRow]:
        """Return the rows of pictures that pass together."""
        x = passage.batch(pictures, self._classifier.device)
        side_by_side = SideBySide(
            self._classifier, x, self._layer, self._edits, ctx, shared=self._shared
        )
        part = Part(ctx)
        made = side_by_side.each(lambda number: self._map(side_by_side, number, part), ctx)
        return [self._row(one, found, part) for one, found in zip(pictures, made, strict=True)]

    def _map(
        self, among: SideBySide, number: int, ctx: Context
    ) -> tuple[Subject, HeatmapResult] | str:
        """Return a picture and its map, or why there is none."""
        try:
            logits = scores.as_list(among.logits[number])
        except ModelError as error:
            return error.message
        network: Asked = among.networks[number]
        seen = Subject(among.image(number), logits, network)
        target = seen.winner if self._request.target is None else self._request.target
        against = self._request.against
        if against == target:  # nothing tells the predicted class from itself
            against = None
        asked, place = contrast.about(network, target, against)
        parameters = self._request.parameters
        value = self._chosen.run(asked, seen.image, place, self._layer, parameters, ctx)
        return seen, run_heatmap.as_result(value, self._chosen, seen, target, against)

    def _row(
        self, picture: Seen, made: tuple[Subject, HeatmapResult] | str, ctx: Context
    ) -> MapRow:
        row = MapRow(path=picture.path, width=picture.width, height=picture.height)
        if isinstance(made, str):
            return dataclasses.replace(row, problem=made)
        seen, found = made
        drawn = overlay(found, picture.view)
        if self._keep is not None:
            self._keep(picture.path, drawn)
        row = dataclasses.replace(
            row,
            thumbnail=walk.thumbnail(drawn),
            predicted=seen.score(seen.winner),
            target=found.target,
            note=found.reason,
        )
        figures = map_figures.of_map(found.map, self._request.share)
        if figures is not None:
            told = {one.name: getattr(figures, one.name) for one in dataclasses.fields(figures)}
            row = dataclasses.replace(row, **told)
        if self._request.curves and found.map.min() < found.map.max():
            deletion, insertion = _areas(seen, found, ctx)
            row = dataclasses.replace(row, deletion=deletion, insertion=insertion)
        return row


def _areas(seen: Subject, found: HeatmapResult, ctx: Context) -> tuple[float | None, float | None]:
    """Return the areas under the curves of deletion and insertion of a map."""
    network, target = seen.network, found.target
    whole = target.probability
    examination = Examination(seen.image, found.map, whole, network, _CURVES)
    questions = [one for one in examination.questions() if one.order == 0]

    def passed(numbers: Sequence[int]) -> npt.NDArray[np.float64]:
        pictures: Tensor = examination.pictures([questions[number] for number in numbers])
        exact = torch.stack([scores.as_list(row) for row in network.logits(pictures, ctx)])
        return exact.softmax(1)[:, target.index].numpy()

    for numbers, probabilities in in_passes(network, range(len(questions)), passed, ctx):
        examination.answer([questions[number] for number in numbers], probabilities)
    areas = examination.of_map.deletion_area, examination.of_map.insertion_area
    first, second = (None if math.isnan(area) else area for area in areas)
    return first, second
