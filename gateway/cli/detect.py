"""`gatepost detect`: how well is protected data found?"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.exits import Exit
from gateway.cli.inspecting import Bench, bench
from gateway.cli.output import ConfigOption, Form, FormOption, progress, say, write, write_json, write_table
from gateway.cli.scan import PolicyOption
from gateway.config import Config, load_config
from gateway.core.detector import Confidence
from gateway.core.errors import SetupError
from gateway.evaluate.layout import Layout

if TYPE_CHECKING:
    from gateway.evaluate.figures import Figures, Score
    from gateway.evaluate.measure import Ratio
    from gateway.evaluate.page import Chapter
    from gateway.evaluate.sample import Corpus
    from gateway.metrics import Inspected

SUMMARY = (
    "corpus", "names", "n", "recall", "95 %", "any name", "whole", "precision", "F2", "messages", "flagged", "exact",
)  # fmt: skip
ENTITIES = ("label", "n", "recall", "95 %", "any name", "whole", "findings", "precision", "F1", "F2")
app = typer.Typer(help="Measure detection.", no_args_is_help=True)


class Names(StrEnum):
    """Where names, places and facilities are looked for."""

    AUTO = "auto"
    ANYWHERE = "anywhere"
    AS_MAIL = "as-mail"


class Least(StrEnum):
    """From which confidence on a finding counts."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@app.callback()
def detect() -> None:
    """Measure detection."""


@app.command("eval")
def evaluate(
    paths: Annotated[list[Path], typer.Argument(help="Labelled data, or folders with such data below them.")],
    policy: PolicyOption = None,
    form: FormOption = Form.TEXT,
    layout: Annotated[Layout, typer.Option("--as", help="What the data is. Default: seen from its files.")] = (
        Layout.AUTO
    ),
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page with every miss and false alarm.", show_default=False)
    ] = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show values on the page. They may be protected.")] = False,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", help="Figures to compare with; end with 8 if one is worse.")
    ] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Write these figures to the baseline instead.")
    ] = False,
    least: Annotated[Least, typer.Option("--min-confidence", help="Findings below do not count.")] = Least.LOW,
    names: Annotated[
        Names,
        typer.Option(
            "--names",
            help="Where names are looked for: anywhere, or as in mail, where the policy needs them. "
            "Default: anywhere in data that labels values and says nothing about messages.",
        ),
    ] = Names.AUTO,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=512, help="Processes at work.")] = 1,
    config_file: ConfigOption = None,
) -> None:
    """Measure recall and precision on labelled texts, by entity and by message, through the inspection of `serve`.

    What is measured and how: docs/detection-figures.md.
    """
    if update_baseline and baseline is None:
        raise SetupError("--update-baseline: say with --baseline which file")
    before = _baseline(baseline, may_miss=update_baseline)
    config = _with_jobs(load_config(config_file, os.environ), jobs)
    with ExitStack() as running:
        looking = _Benches(config, policy, names, running)
        chapters = list(_measured(paths, layout, looking, config, least, reveal=reveal))
        digest = looking.policy
    _show([chapter.figures for chapter in chapters], digest, least, form)
    if html is not None:
        _write_page(html, chapters, f"Policy {digest}; findings of confidence {least} and above", reveal=reveal)
    if baseline is not None:
        _compare([chapter.figures for chapter in chapters], before, baseline, update=update_baseline)


class _Benches:
    """The workers that show mail to the language model as `serve` does, and those that show it all; made when asked."""

    def __init__(self, config: Config, policy: Path | None, names: Names, running: ExitStack) -> None:
        self._config = config
        self._file = policy
        self._names = names
        self._running = running
        self._made: dict[bool, Bench] = {}
        self.policy = ""

    def reads_all(self, corpus: "Corpus") -> bool:
        """Whether names are looked for anywhere in this corpus."""
        values_alone = bool(corpus.kinds) and all(sample.protected is None for sample in corpus)
        return values_alone if self._names is Names.AUTO else self._names is Names.ANYWHERE

    def of(self, *, read_all: bool) -> Bench:
        if read_all not in self._made:
            made = bench(self._config, self._file, None, [], reveal=True, read_all=read_all)
            self._made[read_all] = self._running.enter_context(made)
            self.policy = self._made[read_all].policy
        return self._made[read_all]


def _with_jobs(config: Config, jobs: int) -> Config:
    return config.model_copy(update={"workers": config.workers.model_copy(update={"count": jobs})})


def _baseline(path: Path | None, *, may_miss: bool) -> dict[str, Any]:
    """An earlier baseline; an empty one where there is none yet."""
    if path is None or (may_miss and not path.exists()):
        return {}
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise SetupError(f"{path}: is not JSON") from None
    if not isinstance(read, dict) or not isinstance(read.get("corpora"), dict):
        raise SetupError(f"{path}: is no baseline; write one with --update-baseline")
    return read


def _measured(
    paths: Sequence[Path], layout: Layout, looking: _Benches, config: Config, least: Least, *, reveal: bool
) -> Iterator["Chapter"]:
    from gateway.evaluate.figures import figures_of
    from gateway.evaluate.mistakes import mistakes
    from gateway.evaluate.page import Chapter
    from gateway.evaluate.readers import read_corpora
    from gateway.evaluate.run import judgements

    for path in paths:
        for corpus in read_corpora(path, layout):
            read_all = looking.reads_all(corpus)
            inspect = _inspects(looking.of(read_all=read_all))
            judged = []
            with progress(f"{corpus.name} ({len(corpus.samples)} samples)") as advance:
                lowest = Confidence.of(least.value)
                for judgement in judgements(corpus, inspect, config.limits.core(), lowest, jobs=config.workers.count):
                    judged.append(judgement)
                    advance()
            figures = figures_of(corpus, judged, names_anywhere=read_all)
            yield Chapter(figures, tuple(mistakes(judged, reveal=reveal)))


def _inspects(looking: Bench) -> "Callable[[bytes, int], Inspected]":
    return lambda raw, number: looking.workers.inspect(looking.transaction(raw, number))


def _show(all_figures: Sequence["Figures"], digest: str, least: Least, form: Form) -> None:
    if form is Form.JSON:
        corpora = [figures.plain() for figures in all_figures]
        write_json({"policy": digest, "min_confidence": least.value, "corpora": corpora})
        return
    write_table(SUMMARY, [_summary(figures) for figures in all_figures], "Identifiers of a person, and messages")
    for figures in all_figures:
        if figures.kinds:
            write("")
            rows = [_row(kind, score) for kind, score in figures.kinds.items()]
            write_table(ENTITIES, [*rows, _row("all", figures.all_kinds)], figures.corpus)
        for line in _flagged(figures):
            write(line)


def _summary(figures: "Figures") -> tuple[object, ...]:
    score, messages = figures.identifiers, figures.messages
    return (
        figures.corpus,
        figures.names,
        figures.samples,
        *_recalls(score),
        _rate(score.precision),
        _number(score.f(2)),
        _counts(messages.recall),
        _counts(messages.flagged),
        _rate(figures.exact),
    )


def _row(name: str, score: "Score") -> tuple[object, ...]:
    findings = score.precision.n
    return (
        name,
        score.recall.n,
        *_recalls(score),
        findings,
        _rate(score.precision),
        _number(score.f(1)),
        _number(score.f(2)),
    )


def _recalls(score: "Score") -> tuple[str, str, str, str]:
    from gateway.evaluate.page import interval

    return _rate(score.recall), interval(score.recall), _rate(score.seen), _rate(score.whole)


def _flagged(figures: "Figures") -> Iterator[str]:
    """Why clear messages were acted on, and what could not be measured."""
    for rule, count in figures.messages.rules.items():
        yield f"{figures.corpus}: {count} clear messages met {rule}"
    if figures.held_otherwise:
        yield f"{figures.corpus}: {figures.held_otherwise} held only because something could not be read"
    if figures.failed:
        yield f"{figures.corpus}: {figures.failed} with a detector that did not finish"


def _rate(ratio: "Ratio") -> str:
    return _number(ratio.rate)


def _counts(ratio: "Ratio") -> str:
    return f"{ratio.hits}/{ratio.n}" if ratio.n else "-"


def _number(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.3f}"


def _write_page(path: Path, chapters: Sequence["Chapter"], heading: str, *, reveal: bool) -> None:
    from gateway.evaluate.page import page

    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it may show values
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        os.fchmod(descriptor, 0o600)
        out.write(page(chapters, heading, reveal=reveal))


def _compare(all_figures: Sequence["Figures"], before: dict[str, Any], path: Path, *, update: bool) -> None:
    from gateway.evaluate.baseline import baseline_of, drops

    if update:
        path.write_text(json.dumps(baseline_of(all_figures, before), indent=1) + "\n", encoding="utf-8")
        return
    worse = drops(all_figures, before)
    for drop in worse:
        say(f"worse: {drop}")
    if worse:
        raise typer.Exit(Exit.WORSE)
