"""The card of a network of the catalogue, as it is published."""

from __future__ import annotations

from typing import Any

from cnnviz_gui.core.models import catalogue, imagenet, names, own
from cnnviz_gui.core.models.pixels import Card


def published(
    name: str, *, weights: str = "", trained: bool = True, member: Any | None = None
) -> Card:
    """Return the card of a network with its own classes, size and normalisation.

    Parameters
    ----------
    weights
        Where the weights come from, one phrase.
    trained
        False for random weights.
    member
        torchvision's entry for the weights; by default the one it recommends, so that what does
        not use these weights does not depend on which of them are on this machine.
    """
    ours = own.find(name)
    if ours is not None:
        return Card(
            name=ours.name,
            title=ours.title,
            family=ours.family,
            trained=trained,
            weights=weights,
            input_size=ours.input_size,
            resize_size=ours.resize_size,
            interpolation=ours.interpolation,
            mean=ours.mean,
            std=ours.std,
            labels=ours.labels(),
            channels=ours.channels,
        )
    member = member or catalogue.recommended_weights(name)
    size, resize, interpolation, mean, std = catalogue.transform_numbers(member)
    labels = imagenet.labels() if member is None else tuple(member.meta["categories"])
    return Card(
        name=name,
        title=names.title(name),
        family=names.family(catalogue.builder(name).__module__),
        trained=trained,
        weights=weights,
        input_size=size,
        resize_size=resize,
        interpolation=interpolation,
        mean=(mean[0], mean[1], mean[2]),
        std=(std[0], std[1], std[2]),
        labels=labels,
    )
