"""What Postfix's log tells: whether it took a message, and how each copy left."""

from gateway.follow.tail import FileTail, JournalTail, Tail
from gateway.follow.watch import MailLog, Undecided, Way

__all__ = ["FileTail", "JournalTail", "MailLog", "Tail", "Undecided", "Way"]
