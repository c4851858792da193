"""Who "we" are."""

from dataclasses import dataclass, field

from gateway.policy.lists import AddressList


@dataclass(frozen=True, slots=True)
class Organization:
    """The organisation whose mail this is.

    A domain means itself alone; `*.clinic.example` means all below it. `notices_from` is the sender of notices.
    """

    name: str
    domains: tuple[str, ...]
    officers: tuple[str, ...] = ()
    notices_from: str = ""
    inside: AddressList = field(default=AddressList("organization"), repr=False)
    partners: AddressList = field(default=AddressList("partners"), repr=False)
    marketing: AddressList = field(default=AddressList("marketing"), repr=False)  # senders of it, whatever headers say
    transactional: AddressList = field(default=AddressList("transactional"), repr=False)
