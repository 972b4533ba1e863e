"""An environment as production has it, for real processes."""

import os

KEY = "b3B1cy1kZW1vbnN0cmF0aW9uLWtleS0zMi1ieXRlcyE="
REQUIRED = {
    "OPUS_SECRET_KEY": "of-this-test-only-0123456789-abcdefghijklmnopqrstuvwxyz",
    "OPUS_OTP_KEYS": KEY,
    "OPUS_HOSTS": "opus.example.fr",
    "OPUS_CONTACT": "opus@example.fr",
    "OPUS_DPO": "dpo@example.fr",
    "OPUS_HOSTED_BY": "Hébergeur, 1 rue de l’Exemple, 75000 Paris, 01 99 00 00 00",
    "OPUS_PUBLISHER": "Éditeur, 1 rue de l’Exemple, 75000 Paris",
    "OPUS_PUBLICATION_DIRECTOR": "Prénom Nom",
    "OPUS_PUBLISHER_PHONE": "01 99 00 00 00",
    "OPUS_SOURCE_URL": "https://code.example.fr/opus",
    "OPUS_SMTP": "smtps://opus@mail.example.fr",
    "OPUS_MAIL_FROM": "Opus <opus@example.fr>",
}


def environment(**changes: str | None) -> dict[str, str]:
    """This process's variables, those of production, and the changes; None deletes."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("OPUS_") or name == "OPUS_STATIC_ROOT"
    }
    changed = ours | REQUIRED | changes
    return {name: value for name, value in changed.items() if value is not None}
