"""A rule set that a stranger brings: unpacked and read in a confined process, never in that of the console."""

from gateway.candidates.loading import CandidateRefused, load

__all__ = ["CandidateRefused", "load"]
