"""The port of the site."""

import errno
import os
import socket
import time

from common import Failed


def wanted_port() -> int:
    """Return OPUS_PORT, or 8000."""
    text = os.environ.get("OPUS_PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Failed(f"OPUS_PORT={text} is no port: write a number, as 8001.")
    return int(text)


def free_port() -> int:
    """Return a port that is free now, for servers of a test."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def loopback(port: int) -> list[str]:
    """Return the addresses to serve: a browser may read localhost as either."""
    for _ in range(30):  # A site that was killed leaves its port within 2 s.
        v4 = is_free(socket.AF_INET, "127.0.0.1", port)
        v6 = is_free(socket.AF_INET6, "::1", port)
        if v4 and v6 is not False:
            return [f"127.0.0.1:{port}", *([f"[::1]:{port}"] if v6 else [])]
        time.sleep(0.1)
    raise Failed(
        f"Port {port} is taken by another program. Type: OPUS_PORT={port + 1} bin/run"
    )


def is_free(family: socket.AddressFamily, host: str, port: int) -> bool | None:
    """Return whether nobody listens there; None: the machine has no such address."""
    try:
        with socket.socket(family) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except OSError as error:
        return False if error.errno == errno.EADDRINUSE else None
    return True
