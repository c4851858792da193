"""A candidate rule set, brought or in a folder: read in a confined process, never in that of the console."""

from gateway.candidates.loading import CandidateRefused, load, load_folder

__all__ = ["CandidateRefused", "load", "load_folder"]
