"""Measures detecting on labelled texts, through the very inspection that mail goes through."""

from gateway.evaluate.baseline import Drop, drops
from gateway.evaluate.figures import Figures, figures_of
from gateway.evaluate.judge import Judgement, judge
from gateway.evaluate.readers import read_corpora
from gateway.evaluate.sample import Corpus, Sample

__all__ = ["Corpus", "Drop", "Figures", "Judgement", "Sample", "drops", "figures_of", "judge", "read_corpora"]
