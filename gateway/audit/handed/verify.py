"""Checks an export of Gatepost's audit log: python3 -I verify.py. Needs Python 3.8 and openssl, nothing of Gatepost."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

OPENSSL = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "audit-key.pub.pem", "-rawin"]


def check(holds: object, why: str) -> None:
    if not holds:
        sys.exit("NOT PROVED: " + why)


def signed(lines: "list[str]", signature: str, what: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        text, sealed = os.path.join(scratch, "text"), os.path.join(scratch, "signature")
        with open(text, "w", newline="") as words, open(sealed, "wb") as file:
            words.write("".join(line + "\n" for line in lines))
            file.write(base64.b64decode(signature))
        done = subprocess.run([*OPENSSL, "-in", text, "-sigfile", sealed], capture_output=True)
    check(done.returncode == 0, what + " is not signed by the key")


def asked(event: Any, question: Any) -> bool:
    described = event.get("metadata", {})
    named = all(described.get(name) == wanted for name, wanted in question["metadata"].items())
    return bool(named and question["from"] <= event["time"] < question["until"])


def end_of_run(event: Any, own_hash: Any, head: Any) -> None:
    """The last line of an unbroken run must be the signed head, or have a signature in it."""
    if event["seq"] == head["seq"] and own_hash == head["hash"]:
        return
    checkpoint = event.get("checkpoint") or event.get("unmapped", {}).get("checkpoint")
    check(checkpoint and not asked(event, question), "behind event %d lines are missing" % event["seq"])
    lines = ["gatepost audit checkpoint", "seq %d" % event["seq"], "prev " + event["prev"]]
    signed(lines, checkpoint["signature"], "checkpoint %d" % event["seq"])


os.chdir(os.path.dirname(os.path.abspath(__file__)))
with open("question.json") as file:
    question = json.load(file)
with open("head.json") as file:
    head = json.load(file)
values = ["%s %s" % (name, head[name]) for name in ("segment", "size", "seq", "hash", "checkpoint", "time")]
signed(["gatepost audit head", *values], head["signature"], "head.json")
first: Any = None
last: Any = None
own_hash = ""
runs = found = 0
is_over = False  # a line that is vouched for was written behind the period
with open("proof.jsonl", "rb") as proof, open("events.jsonl", "rb") as events:
    for line in proof:
        event = json.loads(line)
        if last is not None and event["seq"] == last["seq"] + 1:
            check(event["prev"] == own_hash, "event %d or %d was changed" % (last["seq"], event["seq"]))
        else:
            check(last is None or event["seq"] > last["seq"], "event %d is out of order" % event["seq"])
            if last is not None:
                end_of_run(last, own_hash, head)
            runs += 1
        is_over = is_over or (last is not None and last["time"] >= question["until"])
        if asked(event, question):
            check(events.readline() == line, "event %d is not in its place in events.jsonl" % event["seq"])
            found += 1
        first, last, own_hash = first or event, event, hashlib.sha256(line).hexdigest()
    check(not events.readline(), "events.jsonl has a line that is not in the proof")
if last is not None:
    end_of_run(last, own_hash, head)
check(found == question["events"], "%d events were exported, %d are here" % (question["events"], found))
if question["whole-period"]:
    check(runs == 1 or (runs == 0 and head["seq"] == 0), "the period has a gap, or lines of it are missing")
    check(not first or first["seq"] == 1 or first["time"] < question["from"], "the beginning of the period is missing")
    check(is_over or not last or last["seq"] == head["seq"], "the end of the period is missing")
runs_of = "1 unbroken run" if runs == 1 else "%d unbroken runs, each" % runs
end = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(head["time"] // 1000))
as_far = "" if is_over or not question["whole-period"] else "; the log ended then, at %s UTC" % end
print("PROVED: %d events, in %s of the log up to a signature%s" % (found, runs_of, as_far))
