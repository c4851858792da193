"""What the network makes of a passage, and which files it is not read from."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gateway.core.errors import SetupError
from gateway.detect.care.network import Network
from gateway.detect.care.reading import LONGEST, signs_of
from gateway.detect.care.taught import digest_of_network, network_at

SHIPPED = Path(__file__).parents[4] / "models" / "care-classifier" / "network.npz"


@pytest.fixture(scope="module")
def network() -> Network:
    return network_at(SHIPPED, digest_of_network(SHIPPED))


def test_words_stand_as_written_and_numbers_by_their_shape() -> None:
    """Labels of identifiers and what mail programs write say nothing; a gap between paragraphs is one sign."""
    read = signs_of(b"Mrs Ames (MRN 1234567890) on 3/14/2026, isn't\n  \nbetter!\n\nSent from my phone")

    assert read == [
        b"Mrs", b"Ames", b"(", b"0000000", b")", b"on", b"0/00/0000", b",", b"isn't", b"\n", b"better", b"!", b"\n",
    ]  # fmt: skip


def test_it_reads_words_in_their_order(network: Network) -> None:
    """The same words say another thing in another order, where words by themselves would say the same."""
    told = b"her mother broke her hip on the stairs and is in hospital"
    mixed = b"the hip is in on hospital her and broke her stairs mother"

    assert network.score(told) > 0
    assert network.score(told) > network.score(mixed)


def test_what_is_said_of_nobody_is_not_about_care(network: Network) -> None:
    """A course, an order, a figure of speech."""
    for text in (
        b"the hip replacement course for theatre nurses moves to room 4, bring the slides",
        b"our quote for 40 hip spacers is attached, prices are valid until March",
        b"I'm sick of this printer, it has been on life support for months",
    ):
        assert network.score(text) < 0, text


def test_no_name_counts_for_another(network: Network) -> None:
    """Names have no row of their own: whoever it is, the passage says the same."""
    said = b"%b was discharged yesterday, her potassium is normal again"

    assert network.score(said % b"Wioletta Szczepaniak") == network.score(said % b"Thandiwe Mkhwanazi")


def test_of_a_long_text_the_beginning_is_read(network: Network) -> None:
    """In bounded time; what follows is read as passages of its own."""
    words = b"fever and cough, " * (LONGEST // 4)

    assert network.score(words) == network.score(words + b"the meeting is on Monday, bring the slides. " * 5_000)


def test_what_it_knows_may_be_forgotten_while_it_reads(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several threads ask one network, and each that knows much begins anew."""
    score = network.score(b"his cough is worse")

    def meanwhile(octets: bytes) -> list[bytes]:
        network._known.clear()
        return signs_of(octets)

    monkeypatch.setattr("gateway.detect.care.network.signs_of", meanwhile)

    assert network.scores([b"his cough is worse", b"a text that nobody asked for"])[0] == score


@pytest.mark.parametrize("text", [b"", b"\n\n", b"...", b"\xff\x00", b"mrn"])
def test_a_text_of_nothing_has_a_score(network: Network, text: bytes) -> None:
    """Nothing in it speaks for care."""
    assert network.score(text) < 0


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    """Missing, cut, broken within, of other arrays or of parts that do not fit: each with the file's name."""
    whole = SHIPPED.read_bytes()
    with np.load(io.BytesIO(whole)) as arrays:
        parts = dict(arrays)
    short = io.BytesIO()
    np.savez(short, **{**parts, "words": parts["words"][:-1]})
    narrow = io.BytesIO()
    np.savez(narrow, **{**parts, "w0": parts["w0"][:, :-1]})
    deep = io.BytesIO()  # each layer sees one word further, and between texts are rows of nothing for two
    np.savez(deep, **parts, **{f"{name}2": parts[f"{name}1"] for name in "wbgn"})
    broken = bytearray(whole)
    broken[200_000:200_400] = bytes(400)
    other = io.BytesIO()
    np.savez(other, words=parts["words"])
    files = {
        "cut": whole[:5_000],
        "broken": bytes(broken),
        "short": short.getvalue(),
        "narrow": narrow.getvalue(),
        "deep": deep.getvalue(),
        "other": other.getvalue(),
        "empty": b"",
    }
    for name, octets in files.items():
        path = tmp_path / name
        path.write_bytes(octets)
        with pytest.raises(SetupError, match=f"{path}: not a network"):
            network_at(path, digest_of_network(path))
    with pytest.raises(SetupError, match="cannot be read"):
        digest_of_network(tmp_path / "missing")


def test_a_file_that_was_changed_since_the_rules_were_read_is_refused(tmp_path: Path) -> None:
    """Its digest is one of the rules'."""
    path = tmp_path / "network.npz"
    path.write_bytes(SHIPPED.read_bytes())
    digest = digest_of_network(path)
    path.write_bytes(SHIPPED.read_bytes() + b"\x00")

    with pytest.raises(SetupError, match="not the file that it was"):
        network_at(path, "0" * 64)
    assert digest_of_network(path) != digest


def test_numpy_multiplies_in_one_thread() -> None:
    """A worker has one core, and its sandbox no threads to give; what is set outside for others stays."""
    code = (
        "import os, threading\n"
        "import gateway.detect.care.network as n\n"
        "a = n.np.ones((600, 600), dtype='float32'); a @ a\n"
        "print(len(os.listdir('/proc/self/task')), os.environ.get('OPENBLAS_NUM_THREADS'))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)

    assert done.stdout.split() == ["1", "None"]
