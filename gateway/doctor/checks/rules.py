"""The rules: do they load, are they those that were signed, those in force, and do they hold anything?"""

from collections.abc import Iterator

from gateway.app import trusted_rules
from gateway.config import keyring_file
from gateway.core.errors import FaultyFiles, SetupError
from gateway.detect.listed import check_lists
from gateway.doctor.machine import Machine
from gateway.doctor.running import in_force
from gateway.doctor.trouble import Found, critical, warning
from gateway.policy import Status
from gateway.report.document import counted
from gateway.ruleset import RuleSet
from gateway.ruleset.signing import SignatureRefused
from gateway.store.keyring import Keyring

_BUILT_IN = {
    "inspections that did not finish": ("default-failure",),
    "messages that can be read in two ways": ("default-ambiguous",),
    "parts that could not be read": ("default-opaque-quarantine", "default-opaque-block", "default-unsupported-format"),
}


def loadable(machine: Machine) -> Iterator[Found]:
    """A gateway that is restarted takes the rules as they are now."""
    file, error = machine.config.policy.file, _loaded(machine)
    if isinstance(error, SignatureRefused):
        first = str(error).splitlines()[0]
        remedy = "look at what was changed; gatepost rules sign, or put the signed rules back"
        yield critical(str(file), f"these are not the rules that were signed: {first}", remedy)
    elif isinstance(error, FaultyFiles):
        reason = f"{counted(len(error.faults), 'fault')}: a restart would not come up, a reload keeps the old rules"
        yield critical(str(file), f"{reason}. First: {error.faults[0]}", "gatepost policy check lists them all")
    elif isinstance(error, SetupError):
        yield critical(str(file), str(error), "gatepost policy check")


def _loaded(machine: Machine) -> RuleSet | SetupError:
    def load() -> RuleSet | SetupError:
        try:
            return trusted_rules(machine.config, machine.proofs)[0]
        except SetupError as error:
            return error

    return machine.once("rules", load)


def _rules(machine: Machine) -> Iterator[RuleSet]:
    """Where they load; `loadable` tells where not."""
    rules = _loaded(machine)
    if isinstance(rules, RuleSet):
        yield rules


def taken(machine: Machine) -> Iterator[Found]:
    """The running gateway decides by the rules that are in the files."""
    running = in_force(machine)
    for rules in _rules(machine):
        if running and running != rules.digest:
            reason = f"the gateway decides by {running[:19]}, the files hold {rules.digest[:19]}"
            remedy = "systemctl reload gatepost-milter; where that was done, its log says why it keeps the old ones"
            yield warning(str(machine.config.policy.file), reason, remedy)


def enforced(machine: Machine) -> Iterator[Found]:
    """Rules that only watch hold nothing."""
    for rules in _rules(machine):
        active = [a.rule for a in rules.policy.active if not a.rule.id.startswith("default-")]
        if not any(rule.status is Status.ENFORCE for rule in active):
            reason = f"none of {len(active)} rules is enforced: Gatepost only watches"
            yield warning(
                str(machine.config.policy.file), reason, "set status: enforce where a rule was watched long enough"
            )


def unread_is_held(machine: Machine) -> Iterator[Found]:
    """What could not be inspected must not simply leave."""
    for rules in _rules(machine):
        there = {active.rule.id for active in rules.policy.active}
        let_go = [words for words, names in _BUILT_IN.items() if not there & set(names)]
        if let_go:
            reason = f"defaults deliver what could not be inspected ({', '.join(let_go)}): it passes unseen"
            yield warning(str(machine.config.policy.file), reason, "set defaults to quarantine, or leave them out")


def models_and_lists(machine: Machine) -> Iterator[Found]:
    """Indexes of lists and known forms, read to the last byte with this keyring."""
    for rules in _rules(machine):
        key = Keyring.load(keyring_file(machine.config, machine.environ)).derive("exact")
        try:
            check_lists(rules.detectors, key)
        except SetupError as error:
            yield critical("lists", f"{error}", "gatepost exact build, or put the list back as it was")
