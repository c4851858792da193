"""The condition about what detecting found."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.core.message import Place
from gateway.policy.conditions.base import Condition, Names, Seen, Situation, count_of, one_of
from gateway.policy.kinds import Choice, Entity, Group, Level, Whole
from gateway.policy.settings import Form, Known, Many, Notes, Readings, Setting

_PLACES = tuple(place.value for place in Place)
_TOGETHER = ("row", "paragraph")
_MANY = 5


@dataclass(frozen=True, slots=True)
class Finds(Condition):
    """Values found: of which entities or groups, how sure, how many, where, how near to those of the `finds` before.

    Counting: a value that stands several times in one text counts each time; the same value in another part or another
    view of the message (plain text and HTML of one mail) adds nothing. `min-distinct` counts different values. A number
    that is nearly as likely of another kind is found by either entity, by the second with less confidence, and counts
    once where both are asked for.

    `within: N`: only values count that stand in the same text as, and at most N characters away from, another value
    that the `finds` before it in the same list counted. The distance is the number of characters between the end of
    the one and the start of the other; overlapping values are 0 apart. A value is never near itself.

    `together: row` or `paragraph`: only values count that begin in the same row or paragraph of a text as another one
    that the `finds` before it counted.
    """

    word: ClassVar[str] = "finds"
    of_content: ClassVar[bool] = True
    counts: ClassVar[bool] = True
    of_detection: ClassVar[bool] = True
    form: ClassVar[Form] = Form(
        "finds",
        (
            Setting("entity", Many(Entity())),
            Setting("group", Many(Group())),
            Setting("min-confidence", Level()),
            Setting("min-count", Whole()),
            Setting("min-distinct", Whole()),
            Setting("within", Whole(least=0, most=100_000)),
            Setting("together", Choice(_TOGETHER, "a part of a text")),
            Setting("place", Many(Choice(_PLACES, "a place in a message"))),
        ),
        one_of=("entity", "group"),
    )
    entity: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    min_confidence: Confidence = Confidence.LOW
    min_count: int = 1
    min_distinct: int = 1
    within: int | None = None
    together: str = ""
    place: tuple[str, ...] = ()

    @classmethod
    def examine(cls, readings: Readings, known: Known, notes: Notes) -> None:
        cls.form.check(readings, known, notes)
        if "within" in readings and "together" in readings:
            remedy = "leave one of the two out, or write two finds"
            notes.add(readings["together"].node, "within and together measure twice", remedy)
        if "min-count" in readings and "min-distinct" in readings:
            count, distinct = readings["min-count"], readings["min-distinct"]
            if count.value <= distinct.value:
                remedy = "leave min-count out, or make it larger than min-distinct"
                notes.add(count.node, f"min-count {count.value} says no more than min-distinct", remedy)

    @property
    def goes_on(self) -> bool:
        return self.within is not None or bool(self.together)

    @property
    def needs(self) -> Names | None:
        """It counts at least one value, by its entities where it names some, else by its groups."""
        return (frozenset(self.entity), frozenset()) if self.entity else (frozenset(), frozenset(self.group))

    @property
    def english(self) -> str:
        number = "a value"
        if self.min_distinct > 1:
            number = f"at least {self.min_distinct} different values"
        if self.min_count > self.min_distinct:
            number = f"at least {self.min_count} values" + (
                f" ({self.min_distinct} of them different)" if self.min_distinct > 1 else ""
            )
        said = [number, f"of {one_of(self.entity or self.group)}"]
        if self.min_confidence > Confidence.LOW:
            said.append(f"with {self.min_confidence.word} confidence or more")
        if self.place:
            said.append(f"in the {one_of(self.place)}")
        verb = "are" if number.startswith("at") else "is"
        near = f", within {self.within} characters of one found before" if self.within is not None else ""
        near += f", in the same {self.together} as one found before" if self.together else ""
        return f"{' '.join(said)} {verb} found{near}"

    def evaluate(self, situation: Situation) -> Seen:
        fitting = self._fitting(situation.facts.findings)
        if not fitting:
            return _NOTHING
        near = fitting
        if self.within is not None:
            near = _near(fitting, situation.previous or (), self.within)
        elif self.together:
            near = _together(fitting, situation.previous or (), self.together)
        count, distinct = _count(near, self.entity)
        words = _summary(near, count, distinct)
        if self.goes_on and len(near) < len(fitting):
            words += f"; {len(fitting) - len(near)} more {'too far away' if not self.together else 'elsewhere'}"
        return Seen(count >= self.min_count and distinct >= self.min_distinct, words, tuple(near))

    def has_enough(self, findings: Iterable[Finding]) -> bool:
        """Whether there are as many values as it asks for, however far apart."""
        fitting = self._fitting(findings)
        if not fitting:
            return False
        count, distinct = _count(fitting, self.entity)
        return count >= self.min_count and distinct >= self.min_distinct

    def sees(self, findings: Iterable[Finding]) -> bool:
        """Whether there is any value of the kinds it asks for, however unsure, and wherever it stands."""
        return replace(self, min_confidence=Confidence.LOW, place=(), min_count=1, min_distinct=1).has_enough(findings)

    def _fitting(self, findings: Iterable[Finding]) -> list[Finding]:
        """The commonest reason not to fit first: every rule asks about every finding."""
        entity, group = self.entity, self.group
        if entity:
            wanted = [finding for finding in findings if finding.entity in entity or finding.also]
        else:
            wanted = [finding for finding in findings if not finding.groups.isdisjoint(group)]
        return [f for f in wanted if self._sure(f) and (not self.place or f.place.value in self.place)]

    def _sure(self, finding: Finding) -> bool:
        """Whether it is as sure as it has to be under the name that is asked for."""
        if not self.entity or finding.entity in self.entity:
            return finding.confidence >= self.min_confidence
        return any(also.entity in self.entity and also.confidence >= self.min_confidence for also in finding.also)


_NOTHING = Seen(False, "found none", ())


def _identity(finding: Finding, entities: Collection[str]) -> object:
    """Equal for equal values: by fingerprint, by value where there is none, by place where there is neither.

    A value that is asked for by its second name is the same as one of that name.
    """
    digest = finding.fingerprint
    if entities and finding.entity not in entities:
        digest = next((other.fingerprint for other in finding.also if other.entity in entities), "")
    if digest or finding.value:
        return digest or finding.value
    return finding.part_path, finding.segment, finding.span.start, finding.span.end


def _count(findings: Iterable[Finding], entities: Collection[str]) -> tuple[int, int]:
    """Occurrences and different values, each value counted in the text that has it most often."""
    places = {(_identity(f, entities), f.segment, f.span.start, f.span.end) for f in findings}
    in_segment = Counter((identity, segment) for identity, segment, _, _ in places)
    most: dict[object, int] = {}
    for (identity, _), number in in_segment.items():
        most[identity] = max(number, most.get(identity, 0))
    return sum(most.values()), len(most)


def _summary(findings: list[Finding], count: int, distinct: int) -> str:
    if not findings:
        return "found none"
    entities = sorted({finding.entity for finding in findings})
    names = ", ".join(entities[:_MANY]) + (f" and {len(entities) - _MANY} more" if len(entities) > _MANY else "")
    surest = max(finding.confidence for finding in findings).word
    different = f", {distinct} different" if distinct != count else ""
    return f"found {count_of(count, 'value')}{different}, surest {surest} ({names})"


def _together(findings: list[Finding], others: tuple[Finding, ...], what: str) -> list[Finding]:
    """Those findings that begin in the same row or paragraph as another one."""

    def place(finding: Finding) -> tuple[int, int]:
        return finding.segment, finding.row if what == "row" else finding.paragraph

    there: dict[tuple[int, int], set[tuple[int, int, str]]] = defaultdict(set)
    for other in others:
        there[place(other)].add((other.span.start, other.span.end, other.entity))
    return [
        finding
        for finding in findings
        if there.get(place(finding), set()) - {(finding.span.start, finding.span.end, finding.entity)}
    ]


class _Ends:
    """Where values of one segment stand, for one question: does another one end at or after x, starting up to y?"""

    def __init__(self, spans: Iterable[tuple[int, int, str]]) -> None:
        self._starts: list[int] = []
        self._best: list[tuple[tuple[int, int, str], ...]] = []  # the two that end last, up to each start
        best: tuple[tuple[int, int, str], ...] = ()
        for start, end, entity in sorted(set(spans)):
            best = tuple(sorted((*best, (end, start, entity)), reverse=True)[:2])
            self._starts.append(start)
            self._best.append(best)

    def near(self, start: int, end: int, entity: str, distance: int) -> bool:
        index = bisect_right(self._starts, end + distance)
        if not index:
            return False
        itself = (end, start, entity)
        return any(other[0] >= start - distance for other in self._best[index - 1] if other != itself)


def _near(findings: list[Finding], others: tuple[Finding, ...], distance: int) -> list[Finding]:
    """Those findings that have another one near. Sorting once keeps it n log n for hostile numbers of findings."""
    spans: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for other in others:
        spans[other.segment].append((other.span.start, other.span.end, other.entity))
    ends = {segment: _Ends(below) for segment, below in spans.items()}
    return [
        finding
        for finding in findings
        if finding.segment in ends
        and ends[finding.segment].near(finding.span.start, finding.span.end, finding.entity, distance)
    ]
