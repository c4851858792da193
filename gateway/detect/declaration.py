"""One detector file to one DetectorSpec; every mistake with its place and how to mend it."""

from hashlib import sha256
from pathlib import Path

from gateway.core.detector import Confidence, Context, DetectorSpec, Pattern, Samples
from gateway.core.errors import Fault, SetupError
from gateway.detect.accepted import Accepted, Refused
from gateway.detect.care.classifier import classifier_of
from gateway.detect.care.taught import digest_of_network
from gateway.detect.exact.columns import refusals
from gateway.detect.exact.index import IndexRefused, read_header
from gateway.detect.fields import Fields
from gateway.detect.forms.shelf import ShelfRefused, read_forms
from gateway.detect.labelled import SHAPES, Labelled, patterns_of
from gateway.detect.names.card import ModelRefused, digest_of
from gateway.detect.validators import IN_LIST, NAMES
from gateway.documents import Node, nearest

KEYS = (
    "id", "entity", "title", "groups", "patterns", "labelled", "validator", "context", "exclude", "lexicon",
    "classifier", "reads", "network", "confidence", "mask", "engine", "model", "labels", "given", "family", "staff",
    "index", "columns", "within", "forms", "threshold", "samples", "references", "enough",
)  # fmt: skip
SOURCES = ("patterns", "labelled", "lexicon", "classifier")
LEVELS = ("alone", "with-context", "invalid-alone", "invalid-with-context")
PATTERN_KEYS = ("name", "regex", *LEVELS, "case-sensitive", "hint")
LABELLED_KEYS = ("name", "labels", "bare", "value", *LEVELS)
CONTEXT_KEYS = ("words", "list", "groups", "against", "against-list", "not-after", "before", "after")
SAMPLE_KEYS = ("match", "no-match")
ENGINES = ("names", "exact", "forms")
_ENGINE_KEYS = {
    "names": ("model", "labels", "given", "family", "staff"),
    "exact": ("index", "columns", "within"),
    "forms": ("index", "forms", "threshold"),
}
_NOT_FOR_ENGINES = (
    "patterns",
    "labelled",
    "classifier",
    "reads",
    "network",
    "validator",
    "context",
    "exclude",
    "samples",
)
MASKS = ("keep-last-4", "keep-first-1", "all")
READS = ("notes", "sentences")
MOST = 10_000  # findings that "enough" may ask for
LEAST = 20  # percent of a form
FARTHEST = 10_000  # characters between the first and the last value of one row


class Declaration(Fields):
    """Reads one document. What is wrong goes into `faults`; what is missing is read as its default.

    `accepted` knows regexes that were checked before.
    """

    def __init__(self, root: Node, path: Path, faults: list[Fault], accepted: Accepted | None = None) -> None:
        super().__init__(path.stem, faults)
        self._root = root
        self._path = path
        self._accepted = accepted or Accepted()
        self._lists: dict[str, str] = {}

    def spec(self) -> DetectorSpec | None:
        """None where a fault was found."""
        before = len(self._faults)
        if self._root.kind != "mapping":
            self._note(self._root, "the file is not a list of settings", 'begin it with "id: name-of-the-file"')
            return None
        self._known(self._root, KEYS)
        spec = self._read(self._root)
        return spec if len(self._faults) == before else None

    def _read(self, root: Node) -> DetectorSpec:
        default = DetectorSpec("", "", "", frozenset())
        patterns = tuple(p for node in self._members(root, "patterns") if (p := self._pattern(node)) is not None)
        patterns += tuple(p for node in self._members(root, "labelled") for p in self._labelled(node))
        lexicon, terms = self._list(root, "lexicon", may_be_empty=False)
        engine = self._engine(root)
        classifier, weights = self._weights(root, "classifier")
        network, network_digest = self._network(root)
        if not engine and not any(root.get(key) for key in SOURCES):
            self._note(root, "it has no patterns, labelled, lexicon or classifier", "give it one of the four")
        model, digest = self._model(root) if engine == "names" else ("", "")
        index, index_digest, columns = self._index(root) if engine == "exact" else ("", "", ())
        if engine == "forms":
            index, index_digest = self._forms(root)
        given, given_names = self._list(root, "given", may_be_empty=False)
        family, family_names = self._list(root, "family", may_be_empty=False)
        staff, staff_names = self._list(root, "staff", may_be_empty=True)
        return DetectorSpec(
            id=self._id(root),
            entity=self._entity(root),
            title=self._needed(root, "title"),
            groups=frozenset(self._texts(root, "groups")),
            patterns=patterns,
            validator=self._validator(root),
            context=self._context(root),
            exclude=self._excludes(root),
            lexicon=lexicon,
            lexicon_terms=terms,
            classifier=classifier,
            classifier_weights=weights,
            reads=self._reads(root),
            network=network,
            network_digest=network_digest,
            confidence=self._confidence(root, engine),
            mask=self._choice(root, "mask", MASKS, "all" if index else default.mask),
            engine=engine,
            model=model,
            model_digest=digest,
            labels=self._texts(root, "labels"),
            given=given,
            given_names=given_names,
            family=family,
            family_names=family_names,
            staff=staff,
            staff_names=staff_names,
            index=index,
            index_digest=index_digest,
            columns=columns,
            within=self._number(root, "within", default.within, most=FARTHEST),
            forms=self._texts(root, "forms"),
            threshold=self._number(root, "threshold", default.threshold, most=100),
            samples=self._samples(root),
            references=self._texts(root, "references"),
            file=self._root.file,
            line=self._root.line,
            enough=self._number(root, "enough", default.enough, most=MOST),
            lists=tuple(sorted(self._lists.items())),
        )

    def _confidence(self, root: Node, engine: str) -> Confidence:
        default = Confidence.HIGH if engine in {"exact", "forms"} else Confidence.MEDIUM
        return self._level(root, "confidence", default) or default

    def _id(self, root: Node) -> str:
        name = self._needed(root, "id")
        node = root.get("id")
        if name and node and name != self._path.stem:
            problem = f'the id is "{name}" but the file is named "{self._path.name}"'
            self._note(node, problem, f'write "id: {self._path.stem}", or rename the file')
        return name

    def _entity(self, root: Node) -> str:
        name = self._needed(root, "entity")
        node = root.get("entity")
        if name and node and not (name.isascii() and name.isidentifier() and name.isupper()):
            self._note(node, f'"{name}" is no entity name', "write it in capitals with underscores, such as US_SSN")
        return name

    def _pattern(self, node: Node) -> Pattern | None:
        if node.kind != "mapping":
            self._note(node, "a pattern is written with name and regex", 'write "- name: …" and "regex: …" below it')
            return None
        self._known(node, PATTERN_KEYS)
        default = Pattern("", "")
        pattern = Pattern(
            name=self._needed(node, "name"),
            regex=self._needed(node, "regex"),
            alone=self._level(node, "alone", default.alone),
            with_context=self._level(node, "with-context", default.with_context),
            invalid_alone=self._level(node, "invalid-alone", default.invalid_alone),
            invalid_with_context=self._level(node, "invalid-with-context", default.invalid_with_context),
            case_sensitive=self._flag(node, "case-sensitive"),
            hint=self._hint(node),
        )
        regex = node.get("regex")
        if regex and pattern.regex:
            self._check_regex(regex, pattern.regex)
        return pattern

    def _labelled(self, node: Node) -> tuple[Pattern, ...]:
        if node.kind != "mapping":
            self._note(node, "labels are written with name and labels", 'write "- name: …" and "labels: […]" below it')
            return ()
        self._known(node, LABELLED_KEYS)
        default, labels = Labelled("", ()), self._texts(node, "labels")
        if not labels:
            self._note(node, '"labels" is missing', 'add "labels: […]": the words that stand beside the number')
            return ()
        value = node.get("value")
        shape = SHAPES.get(value.text, f"(?:{value.text})") if value else default.value
        if value:
            self._check_regex(value, shape)
        labelled = Labelled(
            name=self._needed(node, "name"),
            labels=labels,
            bare=self._flag(node, "bare"),
            value=shape,
            alone=self._level(node, "alone", default.alone),
            with_context=self._level(node, "with-context", default.with_context),
            invalid_alone=self._level(node, "invalid-alone", default.invalid_alone),
            invalid_with_context=self._level(node, "invalid-with-context", default.invalid_with_context),
        )
        return patterns_of(labelled)

    def _hint(self, node: Node) -> str:
        hint = node.get("hint")
        if hint is None:
            return ""
        self._check_regex(hint, hint.text)
        return hint.text

    def _check_regex(self, node: Node, regex: str) -> None:
        try:
            self._accepted.check(regex)
        except Refused as refused:
            self._note(node, refused.problem, refused.remedy)

    def _context(self, root: Node) -> Context:
        node = root.get("context")
        if node is None:
            return Context()
        self._known(node, CONTEXT_KEYS)
        default = Context()
        before = self._number(node, "before", default.before)
        words = self._texts(node, "words") + self._list(node, "list", may_be_empty=False)[1]
        against = self._texts(node, "against") + self._list(node, "against-list", may_be_empty=False)[1]
        return Context(
            words=tuple(dict.fromkeys(words)),
            before=before,
            after=self._number(node, "after", default.after),
            groups=self._texts(node, "groups"),
            against=tuple(dict.fromkeys(against)),
            not_after=self._texts(node, "not-after"),
        )

    def _samples(self, root: Node) -> Samples:
        node = root.get("samples")
        if node is None:
            return Samples()
        self._known(node, SAMPLE_KEYS)
        return Samples(self._texts(node, "match"), self._texts(node, "no-match"))

    def _excludes(self, root: Node) -> tuple[str, ...]:
        for node in self._members(root, "exclude"):
            self._check_regex(node, node.text)
        return self._texts(root, "exclude")

    def _validator(self, root: Node) -> str:
        name = self._choice(root, "validator", NAMES, "")
        node = root.get("validator")
        if name == IN_LIST and node and not root.get("lexicon"):
            self._note(node, f'"{IN_LIST}" needs a list', 'name it with "lexicon: …"')
        return name

    def _engine(self, root: Node) -> str:
        """One of ENGINES, or "" for a detector of patterns or a word list."""
        engine = self._choice(root, "engine", ENGINES, "")
        for key in _NOT_FOR_ENGINES if engine else ():
            if node := root.get(key):
                self._note(node, f'"{key}" does not go with an engine', "it finds by itself: leave it out")
        for other, keys in _ENGINE_KEYS.items():
            for node in (root.get(key) for key in keys if key not in _ENGINE_KEYS.get(engine, ())):
                if node is not None:
                    problem = "this setting goes only with another engine"
                    self._note(node, problem, f'add "engine: {other}", or leave it out')
        if engine == "names" and not root.get("labels"):
            self._note(root, '"labels" is missing', 'add "labels: […]": the words of the model that mean this entity')
        return engine

    def _index(self, root: Node) -> tuple[str, str, tuple[str, ...]]:
        """Where the index of a list is, its digest, and the columns asked for."""
        name, columns = self._needed(root, "index"), self._texts(root, "columns")
        node, place = root.get("index"), root.get("columns") or root
        if not name or node is None:
            return "", "", ()
        try:
            header = read_header(self._path.parent / name)
        except IndexRefused as refused:
            self._note(node, f'the index "{name}" is refused', str(refused))
            return name, "", columns
        for problem, remedy in refusals(header, columns):
            self._note(place, problem, remedy)
        return name, header.digest, columns

    def _forms(self, root: Node) -> tuple[str, str]:
        """Where the file of known forms is, and its digest."""
        name, node = self._needed(root, "index"), root.get("index")
        if not name or node is None:
            return "", ""
        try:
            forms, digest = read_forms(self._path.parent / name)
        except ShelfRefused as refused:
            self._note(node, f'the forms of "{name}" are refused', str(refused))
            return name, ""
        if (threshold := root.get("threshold")) and self._number(root, "threshold", LEAST, most=100) < LEAST:
            self._note(threshold, "so little of a form stands in any text", f"write {LEAST} percent or more")
        known = [form.name for form in forms]
        for asked in self._members(root, "forms"):
            if asked.text not in known:
                near = nearest(asked.text, known)
                remedy = f'did you mean "{near}"?' if near else f"known are {', '.join(known) or 'none'}"
                self._note(asked, f'there is no form "{asked.text}"', remedy)
        return name, digest

    def _model(self, root: Node) -> tuple[str, str]:
        """Where the model is, and the digest over its files."""
        name = self._needed(root, "model")
        node = root.get("model")
        if not name or node is None:
            return "", ""
        path = self._path.parent / name
        try:
            return name, digest_of(path)
        except ModelRefused as refused:
            remedy = "put back the files that the card lists, or give the folder of another model"
            self._note(node, f"the model is refused: {refused}", remedy)
            return name, ""

    def _weights(self, root: Node, key: str) -> tuple[str, tuple[str, ...]]:
        """Where the weights are, and their lines."""
        name, weights = self._list(root, key, may_be_empty=False)
        node = root.get(key)
        try:
            classifier_of(weights)
        except ValueError:
            if node:
                self._note(node, f'"{name}" holds no weights', "write a number, a space and a word or two a line")
        return name, weights

    def _reads(self, root: Node) -> str:
        node = root.get("reads")
        if node is not None and root.get("classifier") is None:
            self._note(node, "it says what is read, and there is no classifier", "give it the weights to read by")
        return self._choice(root, "reads", READS, READS[0])

    def _network(self, root: Node) -> tuple[str, str]:
        """Where the network is, and the digest of its file."""
        node = root.get("network")
        if node is None:
            return "", ""
        if root.get("classifier") is None:
            self._note(node, "there is a network but no classifier", "give it the weights whose doubts it settles")
        if samples := root.get("samples"):
            self._note(samples, "samples are not tried with a network", "write cases of the rules that use it instead")
        try:
            digest = digest_of_network(self._path.parent / node.text)
        except SetupError as refused:
            self._note(node, f"the network is refused: {refused}", "put back the file as it was shipped, or train it")
            return node.text, ""
        self._lists[node.text] = digest
        return node.text, digest

    def _list(self, root: Node, key: str, *, may_be_empty: bool) -> tuple[str, tuple[str, ...]]:
        node = root.get(key)
        if node is None:
            return "", ()
        try:
            octets = (self._path.parent / node.text).read_bytes()
            text = octets.decode("utf-8")
        except (OSError, ValueError):
            problem = f'the list "{node.text}" cannot be read'
            self._note(node, problem, "give its path relative to this file; it is UTF-8 text, one term a line")
            return node.text, ()
        self._lists[node.text] = sha256(octets).hexdigest()
        terms = tuple([term for term in map(str.strip, text.splitlines()) if term and term[0] != "#"])
        if not terms and not may_be_empty:
            self._note(node, f'the list "{node.text}" is empty', "write one term a line")
        return node.text, terms
