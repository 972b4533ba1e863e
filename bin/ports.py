import os
import socket
import time
from contextlib import suppress

from common import Failed


def wanted_port() -> int:
    """Return OPUS_PORT, or 8000, if it is free."""
    text = os.environ.get("OPUS_PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Failed(f"OPUS_PORT={text} is no port: write a number, as 8001.")
    port = int(text)
    for _ in range(30):  # A site that was killed leaves its port within 2 s.
        with suppress(OSError):
            socket.create_server(("127.0.0.1", port)).close()
            return port
        time.sleep(0.1)
    raise Failed(
        f"Port {port} is taken by another program. Type: OPUS_PORT={port + 1} bin/run"
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
