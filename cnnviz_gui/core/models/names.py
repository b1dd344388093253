"""How networks are called in print."""

from __future__ import annotations

import re
from collections.abc import Callable

_FAMILIES = {
    "alexnet": "AlexNet",
    "convnext": "ConvNeXt",
    "densenet": "DenseNet",
    "efficientnet": "EfficientNet",
    "googlenet": "GoogLeNet",
    "inception": "Inception",
    "maxvit": "MaxViT",
    "mnasnet": "MNASNet",
    "mobilenetv2": "MobileNet",
    "mobilenetv3": "MobileNet",
    "regnet": "RegNet",
    "resnet": "ResNet",
    "shufflenetv2": "ShuffleNet",
    "squeezenet": "SqueezeNet",
    "swin_transformer": "Swin",
    "vgg": "VGG",
    "vision_transformer": "ViT",
}
# What a link to a licence leads to, where it is not a package's own.
_LICENCES = {"https://github.com/facebookresearch/SWAG/blob/main/LICENSE": "CC BY-NC 4.0"}
_RULES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"vit_([a-z])_(\d+)", lambda m: f"ViT-{m[1].upper()}/{m[2]}"),
    (r"swin_(v2_)?([a-z])", lambda m: f"Swin{'V2' if m[1] else ''}-{m[2].upper()}"),
    (r"maxvit_([a-z])", lambda m: f"MaxViT-{m[1].upper()}"),
    (r"convnext_(\w+)", lambda m: f"ConvNeXt-{m[1].title()}"),
    (r"efficientnet_(b\d)", lambda m: f"EfficientNet-{m[1].upper()}"),
    (r"efficientnet_v2_(\w)", lambda m: f"EfficientNetV2-{m[1].upper()}"),
    (r"mobilenet_v2", lambda m: "MobileNetV2"),
    (r"mobilenet_v3_(\w+)", lambda m: f"MobileNetV3-{m[1].title()}"),
    (r"mnasnet(\d)_(\d+)", lambda m: f"MNASNet {m[1]}.{m[2]}"),
    (r"squeezenet(\d)_(\d+)", lambda m: f"SqueezeNet {m[1]}.{m[2]}"),
    (r"shufflenet_v2_x(\d)_(\d)", lambda m: f"ShuffleNetV2 {m[1]}.{m[2]}×"),
    (
        r"regnet_([xy])_(\d+)(?:_(\d))?([mg]f)",
        lambda m: f"RegNet{m[1].upper()}-{m[2]}{'.' + m[3] if m[3] else ''}{m[4].upper()}",
    ),
    (r"resnext(\d+)_(\w+)", lambda m: f"ResNeXt-{m[1]} {m[2]}"),
    (r"wide_resnet(\d+)_(\d)", lambda m: f"Wide ResNet-{m[1]}-{m[2]}"),
    (r"resnet(\d+)", lambda m: f"ResNet-{m[1]}"),
    (r"densenet(\d+)", lambda m: f"DenseNet-{m[1]}"),
    (r"vgg(\d+)(_bn)?", lambda m: f"VGG-{m[1]}{' BN' if m[2] else ''}"),
    (r"inception_v3", lambda m: "Inception v3"),
    (r"googlenet", lambda m: "GoogLeNet"),
    (r"alexnet", lambda m: "AlexNet"),
)


def title(name: str) -> str:
    """Return the name as its authors write it; unknown ones as they are."""
    for pattern, write in _RULES:
        match = re.fullmatch(pattern, name)
        if match is not None:
            return str(write(match))
    return name


def family(module: str) -> str:
    """Return the family of the torchvision module that defines a network."""
    key = module.rpartition(".")[2]
    return _FAMILIES.get(key, key)


def licence(link: str) -> str:
    """Return the name of the licence that a link leads to; an unknown link as it is."""
    return _LICENCES.get(link, link)
