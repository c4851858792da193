"""YAML with positions: what it means, what is refused, and in which words."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import Fault
from gateway.documents import MAX_BYTES, MAX_NODES, Node, load, load_document, nearest, parse_document


def parsed(text: str) -> Node:
    faults: list[Fault] = []
    node = parse_document(text, "f.yaml", faults)
    assert faults == []
    assert node is not None
    return node


def faults_of(text: str) -> list[str]:
    faults: list[Fault] = []
    parse_document(text, "f.yaml", faults, subject="a-rule")
    return [str(fault) for fault in faults]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("off", "off"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("0o17", 15),
        ("0x1F", 31),
        ("012", 12),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2030-12-31", "2030-12-31"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("1.2.3", "1.2.3"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("=", "="),
        (".inf", ".inf"),
    ],
)
def test_scalars_mean_what_the_core_schema_of_yaml_1_2_says(written: str, meant: object) -> None:
    """Only true and false are booleans: Norway, times and dates stay text."""
    node = parsed(f"key: {written}\n").get("key")

    assert node is not None
    assert node.plain == meant
    assert type(node.plain) is type(meant)


def test_block_text_is_text_even_if_it_looks_like_a_number() -> None:
    """A literal block is never turned into a number."""
    assert parsed("key: |\n  12\n").plain == {"key": "12\n"}


def test_nodes_know_where_they_stand() -> None:
    """Line and column count from 1, and the path reads like the file."""
    node = parsed("when:\n  all:\n    - finds: {entity: US_SSN}\n").at(["when", "all", 0, "finds", "entity"])

    assert (node.line, node.column, node.path) == (3, 23, "when.all[0].finds.entity")
    assert node.text == "US_SSN"


def test_at_stops_at_the_nearest_node_that_exists() -> None:
    """A place for the error about a setting that is missing."""
    root = parsed("milter:\n  socket: x\n")

    assert root.at(["milter", "timeout", "seconds"]) is root.get("milter")
    assert root.at([3]) is root


def test_items_give_key_and_value_nodes_in_order() -> None:
    """The key's node is the place for an unknown key."""
    (first, key, value), (second, _, _) = parsed("a: 1\nb: [x]\n").items()

    assert (first, key.column, value.column, second) == ("a", 1, 4, "b")
    assert [member.plain for member in parsed("b: [x, y]\n").at(["b"]).elements()] == ["x", "y"]


def test_a_fault_carries_the_place_of_its_node() -> None:
    """file:line:column: subject: what is wrong: how to mend it."""
    fault = parsed("a:\n  b: 1\n").at(["a", "b"]).fault("rule", "it is wrong", "mend it")

    assert str(fault) == "f.yaml:2:6: rule: it is wrong: mend it"


MISTAKES = [
    ("tab", "a:\n\tb: 1\n", "2:1: a-rule: a tab at the start of the line: indent with ordinary spaces"),
    (
        "non-breaking space",
        "a:\n \u00a0b: 1\n",
        "2:2: a-rule: a non-breaking space at the start of the line: indent with ordinary spaces",
    ),
    (
        "control character",
        "a: x\x07\n",
        "1:5: a-rule: an invisible control character (U+0007): delete it; save the file as plain text",
    ),
    (
        "indentation",
        "a:\n  b: 1\n c: 2\n",
        (
            "3:2: a-rule: this line is not indented like the lines it belongs to, or text follows a closing quote or "
            "bracket: "
            "give lines that belong together the same number of spaces in front; quote the whole text"
        ),
    ),
    (
        "unclosed single quote",
        "a: 'x\nb: 2\n",
        "1:4: a-rule: a quotation mark is opened here and never closed: close it with the same kind of mark",
    ),
    (
        "unclosed double quote",
        'a: 1\nb: "x\n',
        "2:4: a-rule: a quotation mark is opened here and never closed: close it with the same kind of mark",
    ),
    (
        "curly quotes",
        "a: “x”\n",
        "1:4: a-rule: curly quotation marks around the text: use straight quotation marks: ' or \"",
    ),
    (
        "pattern in double quotes",
        'a: "\\d+"\n',
        "1:6: a-rule: a backslash inside double quotes: put patterns in single quotes: '...'",
    ),
    (
        "escaped control character",
        'a: "\\ud800"\n',
        (
            "1:4: a-rule: a backslash sequence that means a control character (U+D800): "
            "put patterns in single quotes: '...'"
        ),
    ),
    ("duplicate key", "a: 1\nb: 2\na: 3\n", '3:1: a-rule: "a" is given twice; first on line 1: keep one of the two'),
    (
        "glob without quotes",
        "a: *.zip\n",
        '1:5: a-rule: a text that starts with "*" or "&": put the text in single quotes',
    ),
    (
        "alias",
        "a: *x\n",
        '1:4: a-rule: "*x" is an alias: write the value out; to start a text with "*", put it in single quotes',
    ),
    (
        "anchor",
        "a: &x 1\n",
        '1:4: a-rule: "&x" is an anchor: leave it out; to start a text with "&", put it in single quotes',
    ),
    (
        "tag that would execute",
        "a: !!python/object/apply:os.system [x]\n",
        (
            '1:4: a-rule: "!!python/object/apply:os.system" is a tag: leave it out; to start a text with "!", put it '
            "in single quotes"
        ),
    ),
    (
        "colon in a text",
        "a: b: c\n",
        (
            "1:5: a-rule: a colon where no new name may begin: put a text that has a colon in it in single quotes, "
            "or mend the indentation of this line and the one above"
        ),
    ),
    (
        "name without colon",
        "a: x\nfoo\nbar: 1\n",
        (
            "2:1: a-rule: a name without a colon, or a text that runs over into the next line: "
            'write "name: value" on one line, or put a long text in quotes'
        ),
    ),
    (
        "unclosed bracket",
        "a: [1, 2\nb: 3\n",
        (
            "1:4: a-rule: a square bracket is opened here and never closed, or a comma is missing: "
            "close it with ], and put commas between the entries"
        ),
    ),
    (
        "unclosed brace",
        "a: {b: 1\nc: 2\n",
        (
            "1:4: a-rule: a curly bracket is opened here and never closed, or a comma is missing: "
            "close it with }, and put commas between the entries"
        ),
    ),
    (
        "list on the line of its name",
        "a: - b\n",
        '1:4: a-rule: a list entry ("- ") where none may begin: begin the list on the line after the name, indented',
    ),
    ("at sign", "a: @x\n", '1:4: a-rule: a text that starts with "@": put the text in single quotes'),
    (
        "text beside the block sign",
        "a: |x\n  y\n",
        '1:5: a-rule: text on the same line as "|" or ">": begin the text on the next line, indented',
    ),
    (
        "several documents",
        "a: 1\n---\nb: 2\n",
        '2:1: a-rule: a second document begins here ("---"): one document a file: split the file',
    ),
    (
        "too deep",
        "[" * 30,
        "1:21: a-rule: nested deeper than 20 levels: close the brackets, or mend the indentation",
    ),
    (
        "number too large",
        "a: 1e999\n",
        "1:4: a-rule: the number is too large: if it is meant as text, put it in single quotes",
    ),
    (
        "number too long",
        f"a: {'9' * 5000}\n",
        "1:4: a-rule: the number is too long: if it is meant as text, put it in single quotes",
    ),
    (
        "list as a name",
        "? [a]\n: b\n",
        '1:3: a-rule: the name before the colon is missing or is a list: write it as "name: value"',
    ),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_explained_in_plain_words(text: str, expected: str) -> None:
    """Each has its place and a remedy that needs no knowledge of YAML."""
    assert faults_of(text) == [f"f.yaml:{expected}"]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "~\n"])
def test_an_empty_file_is_a_fault(text: str) -> None:
    """An editor that saved nothing must not make an empty policy."""
    assert faults_of(text) == ["f.yaml: a-rule: the file is empty: write it, or delete it"]


def test_several_mistakes_are_all_reported() -> None:
    """Duplicate keys, tags and anchors in one file come together."""
    assert len(faults_of("a: &x 1\na: !!str 2\nb: *x\n")) == 4


def test_very_many_values_are_refused_early() -> None:
    """A megabyte of tiny values must not keep the loader busy for a minute."""
    (fault,) = faults_of("- a\n" * (MAX_NODES + 10))

    assert "more than 20,000 values in one file" in fault


@pytest.mark.parametrize("text", ['a: "\\UFFFFFFFF"\n', f"%YAML {'9' * 5000}.1\n---\na: 1\n"])
def test_what_makes_the_parser_itself_stumble_is_a_fault(text: str) -> None:
    """PyYAML answers these with a ValueError."""
    assert faults_of(text) == ["f.yaml: a-rule: this is not YAML: compare it with a rule that works"]


def test_a_file_is_read_with_its_byte_order_mark(tmp_path: Path) -> None:
    """Notepad writes one."""
    file = tmp_path / "rule.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\n")
    faults: list[Fault] = []

    node = load_document(file, faults)

    assert faults == []
    assert node is not None
    assert node.plain == {"a": 1}


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"a: 1\nb: caf\xe9\n", ":2:7: the file is not UTF-8 text: save it with encoding UTF-8"),
        ("a: 1\n".encode("utf-16"), ":1:1: the file is not UTF-8 text: save it with encoding UTF-8"),
        (
            b"#" * (MAX_BYTES + 1),
            ": the file is larger than 1024 KiB: move long lists into a list file, one entry a line",
        ),
    ],
    ids=["latin-1", "utf-16", "large"],
)
def test_a_file_that_is_no_fit_text_is_a_fault(tmp_path: Path, octets: bytes, expected: str) -> None:
    """Wrong encodings and pasted megabytes are named as such."""
    file = tmp_path / "rule.yaml"
    file.write_bytes(octets)
    faults: list[Fault] = []

    assert load_document(file, faults) is None
    assert [str(fault) for fault in faults] == [f"{file}{expected}"]


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    """No exception: the loader goes on to the other files."""
    faults: list[Fault] = []

    assert load_document(tmp_path / "none.yaml", faults) is None
    assert "cannot be read (no such file or directory)" in str(faults[0])


def test_nearest_finds_the_word_that_was_meant() -> None:
    """Letter case does not matter; what is far from everything has no neighbour."""
    known = ["quarantine", "block", "US_SSN"]

    assert nearest("quarrantine", known) == "quarantine"
    assert nearest("us_ssn", known) == "US_SSN"
    assert nearest("xyz", known) is None


@given(st.text(alphabet=st.sampled_from("ab:-[]{}'\"\n\t #&*!|>%@,?\\\x00u0é~.1"), max_size=60))
def test_no_text_makes_the_parser_raise(text: str) -> None:
    """A node, or at least one fault; never an exception."""
    faults: list[Fault] = []

    node = parse_document(text, "f.yaml", faults)

    assert node is not None or faults


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-999, 999) | st.text(st.characters(codec="ascii"), max_size=9),
        lambda below: (
            st.lists(below, max_size=3)
            | st.dictionaries(st.text(st.sampled_from("abc"), min_size=1, max_size=3), below, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_what_a_yaml_writer_writes_is_read_back(value: object) -> None:
    """Quoting and nesting as any writer of YAML does it, control characters aside."""
    text = yaml.safe_dump({"key": value}, allow_unicode=True)
    faults: list[Fault] = []

    node = parse_document(text, "f.yaml", faults)

    if not faults:
        assert node is not None
        assert node.plain == {"key": value}
    else:
        assert all("control character" in str(fault) for fault in faults)


@pytest.mark.parametrize(
    ("word", "meant"),
    [("patient", "patient-identifier"), ("identifier", "patient-identifier"), ("paymnet", "payment"), ("zzz", None)],
)
def test_a_shortened_name_means_the_name_it_is_part_of(word: str, meant: str | None) -> None:
    """Rather than another one that merely has similar letters."""
    assert nearest(word, ["health", "patient-identifier", "payment", "person"]) == meant


@pytest.mark.parametrize("path", sorted(Path("rules").glob("p*/**/*.yaml")), ids=lambda path: path.stem)
def test_both_readers_of_yaml_read_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """libyaml for what has no mistake, PyYAML for words and places: the same values at the same places."""
    quick = load_document(path, [])
    monkeypatch.setattr(load, "_QUICK", None)

    assert quick == load_document(path, [])


@pytest.mark.parametrize(
    "text", ["a:\tb", "a: {b: }", "a: |#\n  b", "a: 'b", "a: *b", "? a\n: b", "a: \x85b", "- {a: 1, a: 2}"]
)
def test_a_mistake_is_told_as_before(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the quick reader makes of it."""
    told = faults_of(text)
    monkeypatch.setattr(load, "_QUICK", None)

    assert told == faults_of(text)
