"""The sender's side of the feed, for simulations."""

import http.client
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from typing import Any, cast

from django.utils import timezone
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from offers.feed.events import BATCH, MAX_BYTES

PATH = "/api/offres/evenements"
TRIES = 8
PATIENCE = 30.0  # seconds


class Undelivered(Exception):
    pass


class Sender:
    def __init__(
        self, url: str, secret: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.address = url.rstrip("/") + PATH
        try:
            self.webhook = Webhook(secret)
        except (ValueError, EmptyWebhookSecretError) as error:
            raise Undelivered("Secret : whsec_ et une clé en base64.") from error
        self.sleep = sleep
        # Reach Opus directly, without a proxy of this machine.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def send(self, items: Sequence[Any], *, key: str = "") -> dict[str, Any]:
        """Post a delivery; return the answer's figures, or raise Undelivered."""
        body = json.dumps(items).encode()
        if len(body) > MAX_BYTES:
            middle = len(items) // 2
            halves = [self.send(items[:middle]), self.send(items[middle:])]
            return {name: halves[0][name] + halves[1][name] for name in halves[0]}
        key = key or f"msg-{uuid.uuid4()}"
        trouble = ""
        for attempt in range(TRIES):
            try:
                return self.post(body, key)
            except urllib.error.HTTPError as error:
                text = error.read()[:300].decode(errors="replace")
                trouble = f"{error.code} : {text}"
                if error.code not in {429, 502, 503, 504}:
                    break
                wait = float(error.headers.get("Retry-After") or 2**attempt)
            except OSError as error:
                trouble, wait = str(error), float(2**attempt)
            except (ValueError, http.client.HTTPException) as error:
                trouble = str(error)  # No address, or not a feed's answer.
                break
            self.sleep(min(wait, PATIENCE))
        raise Undelivered(f"{self.address} : {trouble}")

    def post(self, body: bytes, key: str) -> dict[str, Any]:
        at = timezone.now()
        request = urllib.request.Request(  # noqa: S310 - the operator's own address
            self.address,
            data=body,
            headers={
                "Content-Type": BATCH,
                "webhook-id": key,
                "webhook-timestamp": str(int(at.timestamp())),
                "webhook-signature": self.webhook.sign(key, at, body.decode()),
            },
        )
        with self.opener.open(request, timeout=PATIENCE) as response:
            return cast("dict[str, Any]", json.load(response))
