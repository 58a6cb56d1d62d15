"""A real S3 on loopback: `rclone serve s3` over a directory, whose directories are its buckets."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from shared.testing.product import free_port


@contextlib.contextmanager
def s3_server(directory: Path) -> Iterator[str]:
    """Its URL, with the keys to it."""
    port = free_port()
    process = subprocess.Popen(
        [
            Path(sys.executable).with_name("rclone"), "serve", "s3", str(directory), "--addr", f"127.0.0.1:{port}",
            "--auth-key", "an-id,a/secret", "--vfs-cache-mode", "off", "--dir-cache-time", "1ms",
            "--config", "/dev/null",
        ],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(process, port)
        yield f"http://an-id:a%2Fsecret@127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    ends_at = time.monotonic() + 30
    while time.monotonic() < ends_at:
        assert process.poll() is None, "rclone ended"
        with contextlib.suppress(OSError):
            try:
                urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
            except HTTPError:  # it answers: that it refuses is right
                return
            return
        time.sleep(0.02)
    raise AssertionError("rclone does not answer")
