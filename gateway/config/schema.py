"""The schema of `gatepost.yaml`: every setting with its meaning, default, unit and range.

Keys are kebab-case in the file and snake_case here. Lists nothing that a policy decides: rules live in `rules/`.
"""

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationInfo, model_validator

from gateway.config import checks
from gateway.config.places import against
from gateway.config.sections.base import Section, kebab
from gateway.config.sections.console import Console, OpenId
from gateway.config.sections.encryption import Encryption, Ldap
from gateway.config.sections.inspection import Limits, Policy, Workers
from gateway.config.sections.keeping import Audit, Objects, Retention, Store
from gateway.config.sections.mail import Milter, Postfix
from gateway.config.sections.portal import Portal
from gateway.config.sections.telling import Notices, Reports, Webhooks
from gateway.config.sections.watching import Log, Status, Traces


class Config(Section):
    """All settings, with defaults filled in. What is derived from `store.folder` is filled in before the check."""

    milter: Milter = Field(default_factory=Milter)
    workers: Workers = Field(default_factory=Workers)
    limits: Limits = Field(default_factory=Limits)
    policy: Policy = Field(default_factory=Policy)
    store: Store = Field(default_factory=Store)
    objects: Objects = Field(default_factory=Objects)
    audit: Audit = Field(default_factory=Audit)
    postfix: Postfix = Field(default_factory=Postfix)
    encryption: Encryption = Field(default_factory=Encryption)
    ldap: Ldap = Field(default_factory=Ldap)
    status: Status = Field(default_factory=Status)
    console: Console = Field(default_factory=Console)
    openid: OpenId = Field(default_factory=OpenId)
    portal: Portal = Field(default_factory=Portal)
    retention: Retention = Field(default_factory=Retention)
    webhooks: Webhooks = Field(default_factory=Webhooks)
    notices: Notices = Field(default_factory=Notices)
    reports: Reports = Field(default_factory=Reports)
    traces: Traces = Field(default_factory=Traces)
    log: Log = Field(default_factory=Log)

    @model_validator(mode="before")
    @classmethod
    def _follow_store_folder(cls, plain: Any, info: ValidationInfo) -> Any:
        if not isinstance(plain, dict):
            return plain
        store = plain.get("store")
        folder = store.get("folder") if isinstance(store, dict) else None
        if not isinstance(folder, str | Path):
            return plain
        return _with_derived(plain, against(checks.base_of(info), Path(folder)))


def _with_derived(plain: dict[Any, Any], folder: Path) -> dict[Any, Any]:
    derived = {
        ("milter", "spool_folder"): folder / "spool",
        ("store", "database"): f"sqlite:///{folder}/gatepost.db",
        ("store", "keyring"): folder / "keyring.json",
        ("audit", "folder"): folder / "audit",
        ("reports", "folder"): folder / "reports",
        ("webhooks", "folder"): folder / "webhooks",
        ("portal", "keyring"): folder / "portal-keyring.json",
        ("encryption", "anchors"): folder / "anchors.pem",
        ("encryption", "gnupg_home"): folder / "gnupg",
    }
    for (section, name), value in derived.items():
        settings = plain.get(section, {})
        if isinstance(settings, dict) and not {name, kebab(name)} & settings.keys():
            plain = {**plain, section: {**settings, kebab(name): value}}
    return plain
