"""The classifier as it is shipped."""

from pathlib import Path

import pytest

from gateway.detect.care.classifier import Classifier, classifier_of
from gateway.detect.care.taught import digest_of_network, network_at

FOLDER = Path(__file__).parents[4] / "models" / "care-classifier"


@pytest.fixture(scope="session")
def shipped() -> Classifier:
    """Its weights, and the network that settles what they leave open."""
    lines = (FOLDER / "weights.txt").read_text(encoding="utf-8").splitlines()
    network = FOLDER / "network.npz"
    return classifier_of(
        (line for line in lines if not line.startswith("# ")), network_at(network, digest_of_network(network))
    )
