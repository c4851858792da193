"""The Postfix that Gatepost is put in front of: what it is set to, what must change, and the way back."""

from gateway.postfix.change import AddService, Change, SetOverride, SetParameter, WriteFile
from gateway.postfix.errors import PostfixRefused, PostfixUnusable
from gateway.postfix.insertion import Insertion, Outcome
from gateway.postfix.plan import Proposal, propose
from gateway.postfix.survey import Service, Survey
from gateway.postfix.tools import PostfixTools
from gateway.postfix.wish import Wish, wish_of

__all__ = [
    "AddService",
    "Change",
    "Insertion",
    "Outcome",
    "PostfixRefused",
    "PostfixTools",
    "PostfixUnusable",
    "Proposal",
    "Service",
    "SetOverride",
    "SetParameter",
    "Survey",
    "Wish",
    "WriteFile",
    "propose",
    "wish_of",
]
