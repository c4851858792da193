"""Cases: messages on which a rule proves itself, matched both ways, and clean mail on which all rules stay silent."""

from gateway.casework.case import Case, CaseFaulty, case_files, read_case
from gateway.casework.inline import read_clean, read_inline
from gateway.casework.trial import Casework, Result, clean_files, kinds_of_cases

__all__ = [
    "Case",
    "CaseFaulty",
    "Casework",
    "Result",
    "case_files",
    "clean_files",
    "kinds_of_cases",
    "read_case",
    "read_clean",
    "read_inline",
]
