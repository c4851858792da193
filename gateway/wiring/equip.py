"""What the workers are given, from the configuration and one rule set: for the gateway and for commands alike."""

from dataclasses import replace

from gateway.config import Config
from gateway.detect.database import compiled
from gateway.detect.listed import check_lists
from gateway.notices.voice import notices_of
from gateway.ruleset import RuleSet
from gateway.workers.nursery import Setup
from gateway.workers.pool import Pace


def worker_setup(
    config: Config,
    ruleset: RuleSet,
    fingerprint_key: bytes = b"",
    *,
    exact_key: bytes = b"",
    reveal: bool = False,
    explain: bool = False,
    show: bool = False,
    read_all: bool = False,
    later: bool = False,
    passages: bool = False,
    single: bool = False,
) -> Setup:
    """What the workers need, from the configuration and one rule set. SetupError: an index that they could not use."""
    check_lists(ruleset.detectors, exact_key)
    return Setup(
        ruleset=ruleset,
        limits=config.limits.core(),
        notices=notices_of(config, ruleset.policy.organization)[0],
        fingerprint_key=fingerprint_key,
        exact_key=exact_key,
        memory_bytes=config.workers.memory_mib << 20,
        message_bytes=config.milter.max_message_bytes,
        cpu_seconds=config.workers.cpu_seconds,
        reveal=reveal,
        explain=explain,
        show=show,
        read_all=read_all,
        later=later,
        passages=passages,
        single=single,
        databases=compiled(),
    )


def pace_of_commands(config: Config) -> Pace:
    """How a command runs them: nobody waits for one message while another takes long, so none steps aside."""
    return replace(pace_of(config), kept=0, aside=0)


def pace_of(config: Config) -> Pace:
    """How the workers are run."""
    return Pace(
        count=config.workers.count,
        deadline=config.workers.deadline_seconds,
        queue=config.workers.queue_limit,
        recycle_after=config.workers.recycle_after,
        progress=config.milter.progress_seconds,
        kept=1,
        aside=config.workers.aside,
    )
