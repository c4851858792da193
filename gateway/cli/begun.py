"""What a command with one message begins before it reads its configuration, a key or the message.

A process loads a language model while this one loads the rules; then another, forked with the rules and nothing else,
makes the engine while this one reads the configuration. What is begun is a guess: where the configuration names other
rules, it is of no use, and nothing comes of it.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.core.errors import GatepostError

if TYPE_CHECKING:
    from gateway.cli.apart import Apart
    from gateway.processes.cradle import Cradle
    from gateway.ruleset import RuleSet

_POLICY_FILE = re.compile(
    rb"""^policy:[ \t]*(?:\#.*)?\r?\n(?:(?:[ \t]+.*|\#.*|[ \t]*)\r?\n)*?[ \t]+file:[ \t]+["']?([^\s"'#]+)""",
    re.MULTILINE,
)
_POLICY_VARIABLE = "GATEPOST_POLICY_FILE"
_MODEL = re.compile(rb"^model: *([\w./-]+) *\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Begun:
    """A nursery, and what it has made an engine of; None where it has to be told everything."""

    cradle: "Cradle"
    models: "Apart | None"
    policy_file: Path
    ruleset: "RuleSet | None"

    def ruleset_of(self, policy_file: Path) -> "RuleSet | None":
        """The rules, if they are those of this file."""
        return self.ruleset if policy_file == self.policy_file else None


@contextmanager
def begun(policy_file: Path | None, config_file: Path | None) -> Iterator[Begun | None]:
    """Both processes; they end with the block. None where there is a second thread. Raises OSError."""
    from gateway.processes.cradle import can_fork, forked

    if not can_fork():
        yield None
        return
    policy_file = policy_file or likely_policy(config_file, os.environ)
    with ExitStack() as ends:
        models = _models(policy_file, ends)
        from gateway.detect.database import compiled
        from gateway.workers import nursery  # a third of a second, in which the model is on its way

        ruleset = _rules(policy_file)
        draft = None if ruleset is None else nursery.draft_for_one(ruleset)
        ahead = nursery.Ahead((ruleset, *compiled().values()), draft, models)
        cradle = forked(lambda channel: nursery.main(channel.detach(), ahead), ahead.known)
        ends.callback(cradle.give_up)
        yield Begun(cradle, models, policy_file, ruleset)


def _models(policy_file: Path, ends: ExitStack) -> "Apart | None":
    """A process with the models that the detectors beside a policy seem to name; None where they name none."""
    named = models_near(policy_file)
    if not named:
        return None
    from gateway.cli import apart
    from gateway.processes.cradle import forked

    process = forked(apart.main)
    ends.callback(process.give_up)
    models = apart.Apart(process.control)
    models.load(named)
    return models


def _rules(policy_file: Path) -> "RuleSet | None":
    """What is wrong with them is told when they are wanted."""
    from gateway.cli.ruleset import rules_of

    with suppress(GatepostError, OSError):
        return rules_of(policy_file)
    return None


def models_near(policy_file: Path) -> list[Path]:
    """What the detectors beside a policy seem to name."""
    named: dict[Path, None] = {}
    for file in sorted((policy_file.parent / "detectors").glob("*.yaml")):
        with suppress(OSError):
            for found in _MODEL.finditer(file.read_bytes()):
                named[(file.parent / os.fsdecode(found[1])).resolve()] = None
    return list(named)


def likely_policy(config_file: Path | None, environ: Mapping[str, str]) -> Path:
    """The policy that the configuration seems to name, without reading it: what is forked next must not have it.

    A password may stand in it, so the memory that it is looked through in is overwritten.
    """
    from gateway.config import configuration_file, shipped

    file = configuration_file(config_file, environ)
    base = file.absolute().parent if file else Path.cwd()
    if named := environ.get(_POLICY_VARIABLE):
        return base / named
    found = None
    if file is not None:
        with suppress(OSError), file.open("rb", buffering=0) as stream:
            octets = bytearray(file.stat().st_size)
            stream.readinto(octets)
            if match := _POLICY_FILE.search(octets):
                found = os.fsdecode(bytes(match[1]))
            del match
            octets[:] = bytes(len(octets))
    return base / found if found else shipped("rules") / "policy.yaml"
