"""A real S3 API on loopback, over a folder."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEY, SECRET = "AKIDTEST", "secret-of-the-test"


@dataclass(frozen=True)
class S3:
    """A store that runs: its buckets are the folders in `folder`."""

    endpoint: str
    folder: Path

    def storage(self, bucket: str) -> dict[str, Any]:
        """Django's storage of that bucket, as STORAGES has it."""
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": bucket,
                "endpoint_url": self.endpoint,
                "access_key": KEY,
                "secret_key": SECRET,
                "region_name": "us-east-1",
                "addressing_style": "path",
                "signature_version": "s3v4",
                "file_overwrite": True,
            },
        }


@contextmanager
def running_s3(folder: Path) -> Iterator[S3]:
    """The store, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    rclone = Path(sys.executable).with_name("rclone")
    server = subprocess.Popen(
        [
            *(rclone, "serve", "s3", folder, "--addr", f"127.0.0.1:{port}"),
            *("--auth-key", f"{KEY},{SECRET}", "--vfs-cache-mode", "off"),
            # A folder made beside it is a bucket at once, whatever was listed before.
            *("--dir-cache-time", "1ms", "--config", os.devnull),
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 20
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield S3(f"http://127.0.0.1:{port}", folder)
    finally:
        server.kill()
        server.wait()
