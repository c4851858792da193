"""The tables. Plain SQL types only: the same on SQLite and PostgreSQL."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
    func,
)

from gateway.store.times import UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# One message kept, sealed, in the blob of the same id. `state`: held, releasing, released, discarded.
items = Table(
    "quarantine_items",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("incident", String(64), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("mail_from", Text, nullable=False),
    Column("size", BigInteger, nullable=False),  # plain bytes
    Column("severity", String(32), nullable=False),
    Column("policy_digest", String(80), nullable=False),
    Column("message_id_hash", String(128), nullable=False),
    Column("findings", JSON, nullable=False),  # [{"entity", "count", "samples": [masked]}]
    Column("release_id", String(64)),  # of the attempt under way, or that was cut off
    Column("release_started", UtcTime),
    Column("changed_at", UtcTime),
    Column("changed_by", Text),
    Column("reason", Text),
    Column("assignee", Text, nullable=False, server_default=""),
    Column("legal_hold", Boolean, nullable=False, server_default=false()),
    Column("purged", UtcTime),  # since when there is no sealed message any more
    Column("tombstone", String(128), nullable=False, server_default=""),  # digest of what was destroyed
    Column("wishes", JSON(none_as_null=True)),  # {"mail": [parameter], "recipients": {address: [parameter]}}
    Column("follow_up", String(8), nullable=False, server_default=""),  # due: the sender waits to hear of it; told
    Index("ix_quarantine_items_state_created", "state", "created", "id"),
    Index("ix_quarantine_items_created", "created", "id"),
    Index("ix_quarantine_items_size", "size", "id"),
    Index("ix_quarantine_items_incident", "incident"),
    Index("ix_quarantine_items_follow_up", "follow_up", "created", "id"),
)
Index("ix_quarantine_items_mail_from", func.lower(items.c.mail_from))

recipients = Table(
    "quarantine_recipients",
    metadata,
    Column("item_id", ForeignKey("quarantine_items.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("address", Text, nullable=False),
    Column("state", String(16), nullable=False),  # held, releasing, released, discarded
    Column("queue_id", Text),
    Column("changed_at", UtcTime),
    Column("changed_by", Text),
)
Index("ix_quarantine_recipients_address", func.lower(recipients.c.address))

# Why it was kept: kind "rule" or "area".
labels = Table(
    "quarantine_labels",
    metadata,
    Column("item_id", ForeignKey("quarantine_items.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("name", String(128), primary_key=True),
    Index("ix_quarantine_labels_name", "kind", "name"),
)

# `open_key` is the key while the attempt is open and NULL after, so that one attempt of a key can be open.
attempts = Table(
    "journal_attempts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("key", String(128), nullable=False),
    Column("open_key", String(128), unique=True),
    Column("incident", String(64), nullable=False),
    Column("begun", UtcTime, nullable=False),
    Column("closed", UtcTime),
    Column("gateway", String(255), nullable=False),
    Column("lease_until", UtcTime, nullable=False),
    Index("ix_journal_attempts_begun", "begun"),
)

steps = Table(
    "journal_steps",
    metadata,
    Column("attempt_id", ForeignKey("journal_attempts.id", ondelete="CASCADE"), primary_key=True),
    Column("step", String(255), primary_key=True),
    Column("reference", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

# What a recipient can read: certificates and OpenPGP keys. `state`: active, pending, refused, retired.
recipient_keys = Table(
    "recipient_keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("address", Text, nullable=False),
    Column("kind", String(8), nullable=False),  # smime, pgp
    Column("fingerprint", String(128), nullable=False),
    Column("source", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),  # why it is not used
    Column("material", Text, nullable=False),  # PEM with its chain, or armored
    Column("manner", String(16), nullable=False),
    Column("not_before", UtcTime),
    Column("not_after", UtcTime),
    Column("added", UtcTime, nullable=False),
    Column("checked", UtcTime, nullable=False),
    Column("changed_by", Text, nullable=False),
    Index("ix_recipient_keys_address", "address", "kind", "fingerprint", unique=True),
)

# By which TLS lane a domain is reached. `lane`: encrypt, secure, dane-only, none.
recipient_lanes = Table(
    "recipient_lanes",
    metadata,
    Column("domain", String(255), primary_key=True),  # "*.x.example": everything below it
    Column("source", String(16), primary_key=True),
    Column("lane", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("checked", UtcTime, nullable=False),
    Column("expires", UtcTime),
)

# When a source was asked last about an address or a domain, and until when its answer holds.
recipient_lookups = Table(
    "recipient_lookups",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("source", String(16), primary_key=True),
    Column("found", String(16), nullable=False),  # yes, no, failed
    Column("reason", Text, nullable=False),
    Column("checked", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
)

# Certificates and keys of the organization. `sealed`: the private half under the keyring.
own_keys = Table(
    "own_keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),  # smime, pgp
    Column("fingerprint", String(128), nullable=False),
    Column("state", String(16), nullable=False),  # active, retired
    Column("public", Text, nullable=False),  # PEM with its chain, or armored
    Column("sealed", LargeBinary, nullable=False),
    Column("not_after", UtcTime),
    Column("added", UtcTime, nullable=False),
    Column("changed_by", Text, nullable=False),
    Index("ix_own_keys_kind", "kind", "fingerprint", unique=True),
)

# Copies whose way is followed in Postfix's log. `done`: Postfix has no more to do with them.
followed = Table(
    "followed_copies",
    metadata,
    Column("queue_id", String(64), primary_key=True),
    Column("postfix", String(64), primary_key=True, server_default=""),  # "": there is one alone
    Column("incident", String(64), nullable=False),
    Column("method", String(16), nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("handed", UtcTime, nullable=False),
    Column("done", UtcTime),
    Index("ix_followed_copies_handed", "handed"),
)

# What the log said of a copy, once for each recipient and status.
proofs = Table(
    "delivery_proofs",
    metadata,
    Column("queue_id", String(64), primary_key=True),
    Column("postfix", String(64), primary_key=True, server_default=""),
    Column("digest", String(64), primary_key=True),  # of recipient, status and relay
    Column("at", UtcTime, nullable=False),
)

# What reviewers said about an item. Never a value of its message.
comments = Table(
    "quarantine_comments",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("item_id", ForeignKey("quarantine_items.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_quarantine_comments_item_id", "item_id", "at"),
)

# Whether a rule was right about an item, or a finding is what it is said to be. `kind`: rule, finding.
marks = Table(
    "quarantine_marks",
    metadata,
    Column("item_id", ForeignKey("quarantine_items.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("place", String(128), primary_key=True),  # of a finding in its message; "" of a rule
    Column("name", String(128), primary_key=True),  # rule or entity
    Column("is_true", Boolean, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False),
    Index("ix_quarantine_marks_name", "kind", "name"),
)

# Who may use the console. `state`: new (password of the administrator, no second factor yet), active, disabled.
people = Table(
    "people",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),  # lower case
    Column("display", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("emergency", Boolean, nullable=False),
    Column("password", Text, nullable=False),  # Argon2id
    Column("second_factor", LargeBinary),  # TOTP secret under the keyring
    Column("last_step", BigInteger, nullable=False),  # of TOTP: no code is good twice
    Column("failures", Integer, nullable=False),
    Column("rests_until", UtcTime),
    Column("created", UtcTime, nullable=False),
    Column("changed", UtcTime, nullable=False),
    Column("expires", UtcTime),  # of the first password
    Column("standing", UtcTime),  # since when it has its role and second factor
    Column("issuer", String(255)),  # of those who sign in at a provider, with their name there
    Column("subject", String(255)),
    Index("ix_people_issuer", "issuer", "subject", unique=True),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("used", UtcTime),
)

# Keys and passkeys of people. `sign_count`: of the last answer, where the key counts.
security_keys = Table(
    "security_keys",
    metadata,
    Column("id", String(64), primary_key=True),  # SHA-256 of the credential's id
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("site", String(255), nullable=False),
    Column("credential", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),  # COSE
    Column("sign_count", BigInteger, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("used", UtcTime),
    Index("ix_security_keys_person_id", "person_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),  # of the cookie
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("seen", UtcTime, nullable=False),
    Column("confirmed", UtcTime, nullable=False),  # when its person proved once more who it is
    Column("client", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Index("ix_sessions_person_id", "person_id"),
)

# For programs. `scopes`: names of acts.
tokens = Table(
    "tokens",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
    Column("used", UtcTime),
    Column("revoked", UtcTime),
)

# Comparisons of rule sets under way: one of a person, in whatever process of the console.
replays = Table(
    "replays",
    metadata,
    Column("person", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),  # this run, and no other
    Column("lease_until", UtcTime, nullable=False),
    Column("stop", Boolean, nullable=False),  # its person wants it to end
)

# The gateways that use this database, and how far the audit log of each had come: what was signed is kept here too, so
# that a log that was cut, or put back to an older state, is found out.
gateways = Table(
    "gateways",
    metadata,
    Column("id", String(255), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("version", String(64), nullable=False),
    Column("policy_digest", String(80), nullable=False),
    Column("started", UtcTime, nullable=False),
    Column("seen", UtcTime, nullable=False),
    Column("stopped", UtcTime),  # it ended in order
    Column("audit_seq", BigInteger, nullable=False),  # 0: nothing signed yet
    Column("audit_hash", String(64), nullable=False),
)

# What all gateways of this database have to agree on, and when their common work was done last.
common = Table(
    "common",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

# One message for one recipient that waits at the portal, sealed, in the blob of the same id. `state`: waiting, expired,
# revoked. Of its link there is a digest alone.
pickups = Table(
    "pickups",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("link", String(64), nullable=False, unique=True),
    Column("recipient", Text, nullable=False),
    Column("mail_from", Text, nullable=False),
    Column("incident", String(64), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
    Column("size", BigInteger, nullable=False),  # plain bytes
    Column("state", String(16), nullable=False),
    Column("opened", UtcTime),  # for the first time
    Column("ended", UtcTime),
    Column("ended_by", Text, nullable=False),
    Column("told", String(8), nullable=False, server_default=""),  # unread, expired: the sender heard of it
    Index("ix_pickups_state_expires", "state", "expires"),
)

# Codes that were mailed; kept for a day, so that they can be counted. `browser`: digest of the cookie that asked.
pickup_codes = Table(
    "pickup_codes",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("pickup_id", ForeignKey("pickups.id", ondelete="CASCADE"), nullable=False),
    Column("recipient", Text, nullable=False),  # lower case
    Column("created", UtcTime, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("browser", String(64), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("spent", Boolean, nullable=False),
    Index("ix_pickup_codes_pickup_id", "pickup_id", "created"),
    Index("ix_pickup_codes_recipient", "recipient", "created"),
)

# Who showed the code of a message, and may see that one.
pickup_sessions = Table(
    "pickup_sessions",
    metadata,
    Column("digest", String(64), primary_key=True),  # of the cookie
    Column("pickup_id", ForeignKey("pickups.id", ondelete="CASCADE"), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("seen", UtcTime, nullable=False),
)
