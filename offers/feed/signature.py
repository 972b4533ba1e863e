"""Standard Webhooks signatures with several live secrets (S36)."""

from collections.abc import Mapping, Sequence

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def is_signed(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """Return whether a secret signed this body in time.

    Its date is within five minutes of now. Every secret is tried: the time taken does
    not show which one matched.
    """
    answers = [is_signed_by(secret, body, headers) for secret in secrets]
    return any(answers)


def is_signed_by(secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    # ValueError if a header has no comma or base64, or the body is not UTF-8.
    except (WebhookVerificationError, ValueError):
        return False
    return True
