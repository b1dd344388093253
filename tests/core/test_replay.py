"""When a recorded pass takes the place of a network's own, and when it must not."""

import itertools
import random

import pytest
import torch
from torch import nn

from cnnviz_gui.core import registry
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.models import replay
from cnnviz_gui.core.models.replay import OFF, Replay
from cnnviz_gui.core.request import ChannelEdit
from tests.core.conftest import small_network

PICTURE = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))


class Device:
    """A device that records: it counts what it does, and what one pass costs is set."""

    def __init__(self, monkeypatch):
        monkeypatch.setattr(replay, "_DEVICES", ("cpu",))
        self.recorded, self.replayed = 0, 0
        self.now, self.price = 0.0, 0.1
        self.alter = lambda logits: logits

    def record(self, once, x):
        self.recorded += 1

        def again(pixels):
            self.replayed += 1
            self.now -= 1 - self.price
            return self.alter(once(pixels))

        return again

    def clock(self):
        return self.now


@pytest.fixture
def device(monkeypatch):
    monkeypatch.delenv(OFF, raising=False)
    return Device(monkeypatch)


@pytest.fixture
def network(device):
    made = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5)).eval()

    def once(x):
        device.now += 1
        return made(x)

    return once


def asked(kept, network, x=PICTURE, times=20):
    return [kept.of(network, x, NullContext()) for _ in range(times)][-1]


def test_a_shape_that_comes_again_is_recorded_once(device, network):
    kept = Replay(device.record, device.clock)
    assert asked(kept, network, times=replay._AFTER) is None and not device.recorded
    found = asked(kept, network)
    assert found is not None and device.recorded == 1
    assert torch.equal(found(PICTURE), network(PICTURE))


@pytest.mark.parametrize(
    "alter",
    [
        lambda logits: logits * 1.001,
        lambda logits: logits.detach() + 0 * logits,
        lambda logits: logits * float("nan"),
    ],
    ids=["logits", "gradient", "nan"],
)
def test_what_is_not_equal_is_not_used_nor_recorded_again(device, network, alter):
    device.alter = alter
    kept = Replay(device.record, device.clock)
    assert asked(kept, network, times=40) is None and device.recorded == 1


def test_a_number_that_was_taken_over_from_the_picture_shows(device, network):
    def record(once, x):
        mean = float(x.mean())
        return lambda pixels: once(pixels) + mean * pixels.sum()

    def looks(x):
        return network(x) + float(x.detach().mean()) * x.sum()

    assert asked(Replay(record, device.clock), looks) is None


def test_a_network_that_rolls_dice_is_not_recorded(device, network):
    dice = random.Random(0)
    assert asked(Replay(device.record, device.clock), lambda x: network(x) * dice.random()) is None


def test_a_network_as_unsteady_as_its_device_may_differ_by_as_much(device, network):
    turns = itertools.cycle((1, 1 + 1e-5))
    kept = Replay(device.record, device.clock)
    assert asked(kept, lambda x: network(x) * next(turns)) is not None


def test_what_saves_no_time_is_not_used(device, network):
    device.price = 0.95
    kept = Replay(device.record, device.clock)
    assert asked(kept, network, times=40) is None and device.recorded == 1


def test_a_network_that_cannot_be_recorded_goes_on_as_before(device, network):
    def record(once, x):
        device.recorded += 1
        raise RuntimeError("operation not permitted when stream is capturing")

    assert asked(Replay(record, device.clock), network, times=40) is None and device.recorded == 1


def test_nothing_is_replayed_of_a_network_that_is_altered(device, network):
    kept = Replay(device.record, device.clock)
    assert asked(kept, network) is not None
    with kept.altered():
        assert asked(kept, network) is None
    assert asked(kept, network, times=1) is not None


def test_only_the_latest_shape_is_kept(device, network):
    kept = Replay(device.record, device.clock)
    asked(kept, network)
    two = torch.cat((PICTURE, PICTURE))
    assert asked(kept, network, two) is not None and device.recorded == 2
    assert asked(kept, network, times=1) is None, "it has to be asked for as often again"


def test_large_batches_and_other_devices_are_left_alone(device, network, monkeypatch):
    kept = Replay(device.record, device.clock)
    assert asked(kept, network, PICTURE.expand(5, -1, -1, -1)) is None
    monkeypatch.setattr(replay, "_DEVICES", ("cuda",))
    assert asked(kept, network) is None
    monkeypatch.setattr(replay, "_DEVICES", ("cpu",))
    monkeypatch.setenv(OFF, "0")
    assert asked(kept, network) is None and not device.recorded


def test_recording_is_left_when_the_job_is_cancelled(device, network):
    class Stopped(BaseException):
        pass

    class Cancelled(NullContext):
        def check(self):
            raise Stopped

    kept = Replay(device.record, device.clock)
    asked(kept, network, times=replay._AFTER)
    with pytest.raises(Stopped):
        kept.of(network, PICTURE, Cancelled())
    assert asked(kept, network, times=1) is not None, "the next job records it"


def in_place(once, x):
    """Record as CUDA does: each pass writes where the one before wrote."""
    with torch.no_grad():
        logits = once(x).clone()
    gradient = torch.empty_like(x)

    class Pass(torch.autograd.Function):
        @staticmethod
        def forward(ctx, pixels):
            ctx.save_for_backward(pixels)
            logits.copy_(once(pixels))
            return logits.detach()

        @staticmethod
        def backward(ctx, back):
            leaf = ctx.saved_tensors[0].detach().requires_grad_()
            with torch.enable_grad():
                gradient.copy_(torch.autograd.grad(once(leaf), leaf, back)[0])
            return gradient.detach()

    return Pass.apply


@pytest.fixture
def pair(device, make_classifier, monkeypatch):
    """A network whose passes are never recorded, and one that replays them."""
    passes = itertools.count()
    used = []

    def record(once, x):
        made = in_place(once, x)

        def again(pixels):
            used.append(pixels.shape)
            return made(pixels)

        return again

    monkeypatch.setattr(replay, "_recorded", record)
    # The first five times are those of the network, the next five those of the recorded pass.
    monkeypatch.setattr(replay, "_seconds", lambda: (n := next(passes)) * (2 if n < 10 else 1))
    replaying = make_classifier(small_network())
    plain = make_classifier(small_network())
    monkeypatch.setattr(plain.fast.replay, "of", lambda *_: None)
    return plain, replaying, used


@pytest.mark.parametrize("method", ["pgd", "mi-fgsm", "deepfool", "apgd"])
def test_attacks_give_the_same_bits_either_way(pair, method):
    plain, replaying, used = pair
    picture = PICTURE.repeat(1, 1, 4, 4)
    label = plain.logits(picture).argmax(1)
    known = registry.method("attack", method)
    found = [
        known.run(one, picture, label, None, known.params(), NullContext())
        for one in (plain, replaying, replaying)
    ]
    assert torch.equal(found[0], found[1]) and torch.equal(found[0], found[2])
    assert used or method == "deepfool"


def test_a_result_is_not_overwritten_by_the_next_pass(pair):
    plain, replaying, used = pair
    pictures = [PICTURE.repeat(1, 1, 4, 4) * share for share in (1, 0.5)]
    for _ in range(replay._AFTER + 1):
        replaying.gradient(pictures[0], lambda logits: logits[:, 0])
    used.clear()
    kept = [replaying.gradient(one, lambda logits: logits[:, 1]) for one in pictures]
    assert len(used) == 2
    for one, (gradient, logits) in zip(pictures, kept, strict=True):
        expected = plain.gradient(one, lambda logits: logits[:, 1])
        assert torch.equal(gradient, expected[0]) and torch.equal(logits, expected[1])


def test_silenced_channels_are_not_replayed_away(pair):
    _, replaying, used = pair
    picture = PICTURE.repeat(1, 1, 4, 4)
    for _ in range(replay._AFTER + 1):
        whole, _ = replaying.gradient(picture, lambda logits: logits[:, 0])
    used.clear()
    layer = next(row.name for row in replaying.facts.layers if row.role == "conv")
    with replaying.edited([ChannelEdit(layer=layer, channel=0, factor=0.0)]):
        edited, _ = replaying.gradient(picture, lambda logits: logits[:, 0])
    assert not used and not torch.equal(whole, edited)
    again, _ = replaying.gradient(picture, lambda logits: logits[:, 0])
    assert used and torch.equal(whole, again)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_recorded_pass_on_the_device_is_the_networks_own(make_classifier):
    network = make_classifier(small_network()).fast.to("cuda")
    picture = PICTURE.repeat(1, 1, 4, 4).to("cuda")
    made = replay._recorded(network, picture)
    assert replay._same(network, made, picture, NullContext())
