"""Heat maps are remembered: what was computed once is not computed again while its file stays."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
from PIL import Image

from cnnviz_gui.core import run_heatmap
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import Attack, ChannelEdit, Forget, Heatmap, ImageRef, ModelRef
from cnnviz_gui.core.session import Session

QUIET = NullContext()


@pytest.fixture
def heatmap(network: ModelRef, picture: ImageRef, make_params: Callable) -> Heatmap:
    parameters = make_params("heatmap", "grad-cam")
    return Heatmap(model=network, image=picture, method="grad-cam", parameters=parameters)


def test_a_map_is_remembered_with_the_seconds_it_took(
    session: Session, heatmap: Heatmap, small: Classifier
) -> None:
    assert run_heatmap.remembered(heatmap, session, QUIET) is None
    first = execute(heatmap, session, QUIET)
    counts = small.forwards, small.backwards
    again = execute(heatmap, session, QUIET)
    assert again is first and again.seconds > 0
    assert run_heatmap.remembered(heatmap, session, QUIET) is first
    assert (small.forwards, small.backwards) == counts
    execute(Forget(), session, QUIET)
    anew = execute(heatmap, session, QUIET)
    assert anew is not first and np.array_equal(anew.map, first.map)


def test_what_differs_is_another_map(
    session: Session, heatmap: Heatmap, make_params: Callable
) -> None:
    attack = Attack(
        model=heatmap.model,
        image=heatmap.image,
        method="fgsm",
        parameters=make_params("attack", "fgsm", epsilon=8.0),
    )
    others = [
        dataclasses.replace(heatmap, target=3),
        dataclasses.replace(heatmap, target=3, against=4),
        dataclasses.replace(heatmap, layer="stem"),
        dataclasses.replace(
            heatmap, parameters=make_params("heatmap", "grad-cam", upsampling="nearest")
        ),
        dataclasses.replace(heatmap, edits=(ChannelEdit(layer="conv", channel=1),)),
        dataclasses.replace(heatmap, attack=attack),
    ]
    maps = [execute(asked, session, QUIET).map for asked in (heatmap, *others)]
    assert len({one.tobytes() for one in maps}) == len(maps)
    again = [execute(asked, session, QUIET).map for asked in (heatmap, *others)]
    assert all(a is b for a, b in zip(again, maps, strict=True))


def test_a_file_that_has_changed_is_another_picture(session: Session, heatmap: Heatmap) -> None:
    first = execute(heatmap, session, QUIET)
    Image.new("RGB", (32, 32), "teal").save(heatmap.image.path)
    assert run_heatmap.remembered(heatmap, session, QUIET) is None
    assert not np.array_equal(execute(heatmap, session, QUIET).map, first.map)


def test_what_was_stopped_is_not_remembered(
    session: Session, heatmap: Heatmap, recorder: type
) -> None:
    execute(heatmap, session, QUIET)  # what is read of files is not read again
    execute(Forget(), session, QUIET)
    counting = recorder()
    execute(heatmap, session, counting)
    execute(Forget(), session, QUIET)
    with pytest.raises(Cancelled):
        execute(heatmap, session, recorder(cancel_at=counting.checks))
    assert run_heatmap.remembered(heatmap, session, QUIET) is None


def test_the_map_of_an_attack_is_compared_with_that_of_the_picture(
    session: Session, heatmap: Heatmap, make_params: Callable
) -> None:
    def attacked(epsilon: float) -> HeatmapResult:
        attack = Attack(
            model=heatmap.model,
            image=heatmap.image,
            method="fgsm",
            parameters=make_params("attack", "fgsm", epsilon=epsilon),
        )
        return execute(dataclasses.replace(heatmap, attack=attack), session, QUIET)

    assert attacked(4.0).likeness is None, "nothing to compare it with yet"
    clean = execute(heatmap, session, QUIET)
    found = attacked(8.0)
    wanted = scipy.stats.spearmanr(clean.map.ravel(), found.map.ravel()).statistic
    assert found.likeness == pytest.approx(wanted, abs=1e-6)
    assert attacked(0.0).likeness == pytest.approx(1.0) and clean.likeness is None
