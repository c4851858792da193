"""What detecting keeps so that the same rules are ready at once a second time: for a process that hands them on."""

import re2

from gateway.detect import lexicon
from gateway.detect.care import classifier, taught


def forget() -> None:
    """Word lists, classifiers, networks and expressions that nobody uses any more; Hyperscan's databases stay."""
    lexicon.forget()
    classifier.forget()
    taught.forget()
    re2.purge()
