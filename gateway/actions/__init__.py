"""Verdict to plan, and the renderers that edit a message. Pure: what is planned is carried out in `gateway.act`."""

from gateway.actions.apply import apply_edits
from gateway.actions.notices import Notices
from gateway.actions.plan import plan
from gateway.actions.replies import ReplyKey, reply

__all__ = ["Notices", "ReplyKey", "apply_edits", "plan", "reply"]
