"""The outside world: a mail server and France Travail's system, which count."""

import email
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer


@dataclass
class Received:
    """When each letter arrived, by its own number (``time.monotonic``)."""

    at: dict[str, list[float]] = field(default_factory=dict)

    def add(self, number: str) -> None:
        self.at.setdefault(number, []).append(time.monotonic())


class MailServer(ThreadingTCPServer):
    """SMTP as far as Opus speaks it, without TLS, on this machine."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, received: Received) -> None:
        super().__init__(("127.0.0.1", port), Mailbox)
        self.received = received


class Mailbox(StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 mail server")
        while line := self.rfile.readline():
            match line.split(maxsplit=1)[0].upper() if line.strip() else b"":
                case b"DATA":
                    self.say("354 go on")
                    # Acknowledged once it is kept: as a mail server must.
                    message = email.message_from_bytes(self.read_message())
                    number, _, _ = str(message["Message-ID"]).partition("@")
                    self.server.received.add(number.strip("<"))
                    self.say("250 kept")
                case b"QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 well")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def read_message(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) and line != b".\r\n":
            lines.append(line)
        return b"".join(lines)


class WebhookServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, received: Received) -> None:
        super().__init__(("127.0.0.1", port), Webhooks)
        self.received = received


class Webhooks(BaseHTTPRequestHandler):
    server: WebhookServer

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.add(self.headers["webhook-id"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Write nothing to the screen."""


def open_sinks(mail_port: int, webhook_port: int) -> Received:
    """Open both; return what they will have received."""
    received = Received()
    servers = MailServer(mail_port, received), WebhookServer(webhook_port, received)
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return received
