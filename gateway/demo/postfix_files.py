"""main.cf and master.cf of the private Postfix (postconf(5), master(5)): a relay of loopback mail to one next hop.

No DNS, TLS only on the lanes, no rewriting: what a test sends is what the milter sees, and what the milter leaves is
what arrives.
"""

from collections.abc import Sequence

MAIN_CF = """\
compatibility_level = 3.6
mail_owner = postfix
setgid_group = postdrop
daemon_directory = {daemons}
command_directory = {postfix_bin}
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}

myhostname = mail.clinic.example
mydomain = clinic.example
myorigin = clinic.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
local_recipient_maps =
local_transport = error:no local mail
alias_maps =
alias_database =
relayhost = {next_hop}
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no
notify_classes =

smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/auth
smtpd_sasl_security_options = noanonymous
smtpd_tls_security_level = none
smtpd_relay_restrictions = permit_sasl_authenticated, permit_mynetworks, reject
smtpd_recipient_limit = 2000
smtpd_client_connection_count_limit = 0
smtpd_timeout = 300s
smtputf8_enable = yes

message_size_limit = {message_size_limit}
header_size_limit = 4194304
smtp_line_length_limit = 0
local_header_rewrite_clients =
message_drop_headers =
enable_original_recipient = no
disable_vrfy_command = yes

milter_protocol = 6
milter_default_action = tempfail
milter_connect_timeout = 30s
milter_command_timeout = 30s
milter_content_timeout = 300s
smtpd_milters = {milter}
non_smtpd_milters = {milter}
milter_header_checks = regexp:{folder}/etc/lanes
smtp_tls_loglevel = 1

minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
"""

LISTENER = """\
127.0.0.1:{loopback} inet n - n - - smtpd
  -o syslog_name=postfix/loopback
  -o milter_macro_daemon_name=gatepost-loopback
  -o smtpd_milters={signer}
  -o smtpd_sasl_auth_enable=no
  -o smtpd_client_restrictions=permit_mynetworks,reject
  -o cleanup_service_name=cleanup-lanes
  -o smtpd_authorized_xforward_hosts=127.0.0.0/8
"""

MASTER_CF = """\
127.0.0.1:{submission} inet n - n - - smtpd
  -o syslog_name=postfix/submission
  -o milter_macro_daemon_name=submission
pickup    unix  n  -  n  60  1  pickup
cleanup   unix  n  -  n  -  0  cleanup
cleanup-lanes unix n - n - 0 cleanup
  -o header_checks=regexp:{folder}/etc/lanes
  -o mime_header_checks=
  -o nested_header_checks=
  -o non_smtpd_milters=
smtp-tls-encrypt unix - - n - - smtp
  -o syslog_name=postfix/tls-encrypt
  -o smtp_tls_security_level=encrypt
  -o smtp_tls_mandatory_protocols=>=TLSv1.2
  -o smtp_tls_policy_maps=
  -o smtp_tls_per_site=
  -o smtp_fallback_relay=
  -o smtp_header_checks=regexp:{folder}/etc/lanes-off
smtp-tls-secure unix - - n - - smtp
  -o syslog_name=postfix/tls-secure
  -o smtp_tls_security_level=secure
  -o smtp_tls_mandatory_protocols=>=TLSv1.2
  -o smtp_tls_policy_maps=
  -o smtp_tls_per_site=
  -o smtp_fallback_relay=
  -o smtp_header_checks=regexp:{folder}/etc/lanes-off
smtp-tls-dane-only unix - - n - - smtp
  -o syslog_name=postfix/tls-dane-only
  -o smtp_tls_security_level=dane-only
  -o smtp_tls_mandatory_protocols=>=TLSv1.2
  -o smtp_dns_support_level=dnssec
  -o smtp_tls_policy_maps=
  -o smtp_tls_per_site=
  -o smtp_fallback_relay=
  -o smtp_header_checks=regexp:{folder}/etc/lanes-off
qmgr      unix  n  -  n  1  1  qmgr
tlsmgr    unix  -  -  n  1000?  1  tlsmgr
rewrite   unix  -  -  n  -  -  trivial-rewrite
bounce    unix  -  -  n  -  0  bounce
defer     unix  -  -  n  -  0  bounce
trace     unix  -  -  n  -  0  bounce
verify    unix  -  -  n  -  1  verify
flush     unix  n  -  n  1000?  0  flush
proxymap  unix  -  -  n  -  -  proxymap
proxywrite unix -  -  n  -  1  proxymap
smtp      unix  -  -  n  -  -  smtp
relay     unix  -  -  n  -  -  smtp
showq     unix  n  -  n  -  -  showq
error     unix  -  -  n  -  -  error
retry     unix  -  -  n  -  -  error
discard   unix  -  -  n  -  -  discard
anvil     unix  -  -  n  -  1  anvil
scache    unix  -  -  n  -  1  scache
postlog   unix-dgram n - n - 1 postlogd
"""

# By which transport a copy goes (header_checks(5)). Without a hop behind the colon: to the recipient's own servers.
LANES = """\
/^X-Gatepost-Lane: *encrypt$/ FILTER smtp-tls-encrypt:{hop}
/^X-Gatepost-Lane: *secure$/ FILTER smtp-tls-secure:{hop}
/^X-Gatepost-Lane: *dane-only$/ FILTER smtp-tls-dane-only:{hop}
"""

LANES_OFF = """\
/^X-Gatepost-Lane:/ IGNORE
"""


def overridden(main_cf: str, lines: Sequence[str]) -> str:
    """`main_cf` with these lines ("name = value") in place of what it says of the same settings, and behind it.

    Each process of Postfix warns of a setting that stands twice.
    """
    ours = {line.partition("=")[0].strip() for line in lines}
    kept = [line for line in main_cf.splitlines() if line.partition("=")[0].strip() not in ours]
    return "".join(f"{line}\n" for line in (*kept, *lines))
