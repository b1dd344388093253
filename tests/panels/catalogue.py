"""A small catalogue for the tests of the network window."""

from cnnviz_gui.core.facts import CatalogueEntry


def entry(name, title, family="Nets", **other):
    known = {
        "parameters": 10_000_000,
        "weights": "download",
        "input_size": 224,
        "accuracy": 70.0,
        "macs": 1e9,
        "size": 100.0,
        "year": 2015,
        "licence": "BSD",
    }
    return CatalogueEntry(name=name, title=title, family=family, **(known | other))


CATALOGUE = (
    entry("net", "Net", weights="embedded", accuracy=75.1, macs=0.4e9, size=None),
    entry("resnet152", "ResNet-152", "ResNet", parameters=60_192_808, accuracy=82.3, macs=11.5e9),
    entry("resnet18", "ResNet-18", "ResNet", parameters=11_689_512, accuracy=69.8, macs=1.8e9),
    entry("resnet50", "ResNet-50", "ResNet", weights="here", accuracy=80.9, macs=4.1e9),
    entry("wide_resnet50_2", "Wide ResNet-50-2", "ResNet", year=2016, accuracy=81.6, macs=11.4e9),
    entry("packed", "Packed", weights="none", install="python -m pip install packed"),
    entry("lenet5", "LeNet-5", weights="none", accuracy=None, macs=None, size=None, year=1998),
)
