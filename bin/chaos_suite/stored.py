"""What is stored at the end, read from PostgreSQL with the application's rights."""

import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

ACTS = """
SELECT CASE kind
        WHEN 'mise_en_contact' THEN 'mise en contact'
        WHEN 'mec_preselection' THEN 'présélection'
        WHEN 'demande_cv' THEN 'demande de CV'
        ELSE kind
    END, id::text, idempotency_key::text, offer_id, candidate_id::text,
    state <> 'annulee', withdrawal_told_at IS NOT NULL
FROM referrals_act
WHERE created_at > current_setting('chaos.since')::timestamptz
"""
# One line for each hand-over of an act.
HAND_OVERS = """
SELECT act_id::text FROM referrals_actstep
JOIN referrals_act act ON act.id = act_id
WHERE target = 'remise' AND origin <> target AND kind <> 'convocation'
"""
UPLOADS = "SELECT cv_request_id::text FROM referrals_cvfile"
# One line for each e-mail of an act's document.
MAILED = """
SELECT act_id::text
FROM referrals_documentmail mail
JOIN referrals_document document ON document.id = mail.document_id
"""
PERSONS = "SELECT last_name FROM referrals_candidate"
PRINT_JOBS = "SELECT key::text, id::text FROM referrals_printjob"
EXPORTS = """
SELECT identifier FROM accounts_export
JOIN accounts_user account ON account.id = account_id
"""
EVENTS = "SELECT event_id FROM offers_feedevent"
OPEN_OFFERS = "SELECT reference FROM offers_offer WHERE state = 'active'"
LETTERS = """
SELECT id::text, effect FROM lib_outboxentry
WHERE sent_at > current_setting('chaos.since')::timestamptz
"""
GIVEN_UP = "SELECT effect FROM lib_outboxentry WHERE given_up_at IS NOT NULL"
FAILED = """
SELECT 'document' FROM referrals_document WHERE state = 'echec'
UNION ALL SELECT 'print job' FROM referrals_printjob WHERE state = 'echec'
UNION ALL SELECT 'export' FROM accounts_export WHERE state = 'echec'
"""
WAITING = """
SELECT 'document' FROM referrals_document WHERE state IN ('attente', 'en_cours')
UNION ALL
SELECT 'print job' FROM referrals_printjob WHERE state IN ('attente', 'en_cours')
UNION ALL
SELECT 'export' FROM accounts_export WHERE state IN ('attente', 'en_cours')
UNION ALL
SELECT 'letter: ' || effect FROM lib_outboxentry
WHERE sent_at IS NULL AND dropped_at IS NULL AND given_up_at IS NULL
"""


@dataclass(frozen=True)
class StoredAct:
    kind: str
    pk: str
    key: str
    offer: str
    person: str
    is_live: bool
    # The adviser knows that the offer is withdrawn.
    is_announced: bool


class Rows:
    """``since``: the rows of the data that were there before do not count."""

    def __init__(self, since: datetime) -> None:
        self.link = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        setting = "SELECT set_config('chaos.since', %s, false)"
        self.link.execute(setting, [since.isoformat()])

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        return self.link.execute(statement.encode()).fetchall()

    def column(self, statement: str) -> list[str]:
        return [one for (one,) in self.all(statement)]

    def acts(self) -> list[StoredAct]:
        """Return the acts made since the work began."""
        return [StoredAct(*row) for row in self.all(ACTS)]
