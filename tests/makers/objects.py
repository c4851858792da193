"""An S3-compatible store on a loopback port (moto's server), with buckets of its own. It keeps all in memory."""

import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

from gateway.demo.guard import Guard
from gateway.demo.lasting import Lasting
from gateway.demo.ports import LOOPBACK, PortHold, answers, wait_until
from gateway.store.objects import Access, _session

KEY, SECRET = "AKIAEXAMPLE", "not-a-secret"


class ObjectServer(Lasting):
    def __init__(self) -> None:
        self._hold = PortHold()
        self.port = self._hold.port
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._guard = Guard(self._process.pid)
        wait_until(lambda: answers(self.port), 30, "the object store answers")

    def close(self) -> None:
        if self._process is not None and self._guard is not None:
            self._guard.dismiss()
            self._process.kill()
            self._process.wait()
        self._hold.close()

    def bucket(self, *, versioned: bool = False) -> Access:
        """A new one."""
        name = f"gp-{secrets.token_hex(6)}"
        client = self.client()
        client.create_bucket(Bucket=name)
        if versioned:
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return self.access(name)

    def access(self, bucket: str, port: int | None = None, seconds: float = 20.0) -> Access:
        """`port`: of whoever stands in between."""
        endpoint = f"http://{LOOPBACK}:{port or self.port}"
        return Access(bucket, "sealed", endpoint, key=KEY, secret=SECRET, seconds=seconds)

    def client(self) -> Any:
        return _session().create_client(
            "s3",
            region_name="us-east-1",
            endpoint_url=f"http://{LOOPBACK}:{self.port}",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
        )

    def settings(self, access: Access, folder: Path) -> dict[str, dict[str, object]]:
        """Of gatepost.yaml; the credentials go to a file in the folder."""
        file = folder / "credentials"
        file.touch(mode=0o600)
        file.write_text(f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
        return {
            "store": {"blobs": f"s3://{access.bucket}/{access.prefix}"},
            "objects": {"endpoint": access.endpoint, "credentials-file": str(file), "seconds": access.seconds},
        }
