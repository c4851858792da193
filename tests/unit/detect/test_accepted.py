"""What RE2 took once is not asked again; what it refused is refused every time."""

import pytest

from gateway.detect import accepted
from gateway.detect.accepted import Accepted, Refused


class Shelf(dict[str, bytes]):
    """A shelf in memory."""

    def put(self, key: str, octets: bytes) -> None:
        self[key] = octets


def checked(shelf: Shelf, *regexes: str) -> None:
    """One start of a command."""
    asked = Accepted(shelf)
    for regex in regexes:
        asked.check(regex)
    asked.keep()


def test_what_was_accepted_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another regex is, and then both are known."""
    shelf, asked = Shelf(), list[str]()
    monkeypatch.setattr(accepted, "_check", asked.append)

    checked(shelf, r"a\d")
    checked(shelf, r"a\d", "b")
    checked(shelf, "b", r"a\d")

    assert asked == [r"a\d", "b"]


@pytest.mark.parametrize(("regex", "said"), [("(?=x)", "RE2 refuses"), ("x*", "fits an empty text"), ("\udc80", "RE2")])
def test_a_refused_regex_is_refused_at_every_start(regex: str, said: str) -> None:
    """Also beside one that is accepted, whose file is kept."""
    shelf = Shelf()
    for _ in range(2):
        asked = Accepted(shelf)
        asked.check("good")
        with pytest.raises(Refused) as refused:
            asked.check(regex)
        asked.keep()
        assert said in refused.value.problem
        assert refused.value.remedy


def test_under_other_code_everything_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """An RE2 of another version may refuse what this one takes."""
    shelf, asked = Shelf(), list[str]()
    monkeypatch.setattr(accepted, "_check", asked.append)

    checked(shelf, "a")
    monkeypatch.setattr(accepted, "made_of", lambda: "other")
    checked(shelf, "a")

    assert asked == ["a", "a"]


def test_what_is_not_understood_is_no_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rubbish on the shelf accepts nothing; no more than so much is kept."""
    shelf, asked = Shelf(), list[str]()
    monkeypatch.setattr(accepted, "_check", asked.append)
    monkeypatch.setattr(accepted, "_MOST", 2)
    checked(shelf, "a")
    (name,) = shelf
    shelf[name] = b"\xff\x00 *"

    checked(shelf, "a", "b")
    checked(shelf, "c")

    assert asked == ["a", "a", "b", "c"]
    assert len(shelf[name].split()) == 1
