"""People, streets, places and health facilities found by a language model, with rules on top.

The model runs only where a finding or a cue word makes names matter. Nothing here imports the model's library but
`nlp.py`, which is imported when an engine is built, never by the front process.
"""

from gateway.detect.names.base import Elsewhere, Mark, Names, Tagger

__all__ = ["Elsewhere", "Mark", "Names", "Tagger"]
