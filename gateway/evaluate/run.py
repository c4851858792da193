"""All samples of a corpus through the inspection, several at a time, judged in their order."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from gateway.core.detector import Confidence
from gateway.core.limits import Limits
from gateway.evaluate.judge import Judgement, judge
from gateway.evaluate.sample import Corpus, Sample
from gateway.metrics import Inspected

Inspect = Callable[[bytes, int], Inspected]  # a message and its number; the values found must be revealed


def judgements(
    corpus: Corpus, inspect: Inspect, limits: Limits, least: Confidence = Confidence.LOW, *, jobs: int = 1
) -> Iterator[Judgement]:
    """Judge every sample. `inspect` is called from `jobs` threads; it may hand over to processes."""

    def look(sample: Sample, number: int) -> Judgement:
        return judge(corpus, sample, inspect(sample.raw, number), limits, least)

    executor = ThreadPoolExecutor(jobs, thread_name_prefix="evaluate")
    try:
        waiting: deque[Future[Judgement]] = deque()
        for number, sample in enumerate(corpus):
            waiting.append(executor.submit(look, sample, number))
            if len(waiting) >= 4 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
