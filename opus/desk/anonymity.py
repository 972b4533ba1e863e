"""What keeps an answer nobody's (U18).

Answers and participations stand in two tables without a link, without a day, under
drawn numbers. The order in which rows lie on the disk, and the transaction that wrote
them, would still put the two side by side for whoever reads the database's files: each
night both tables are written anew, each in an order of its own, in one transaction.
"""

from django.db import connection, transaction

SHUFFLES = (
    """
    WITH gone AS (DELETE FROM desk_surveyanswer RETURNING *)
    INSERT INTO desk_surveyanswer
        (id, survey_id, ease, offers, acts, help, comment)
    SELECT gen_random_uuid(), survey_id, ease, offers, acts, help, comment
    FROM gone ORDER BY random()
    """,
    """
    CREATE TEMPORARY TABLE desk_settled ON COMMIT DROP AS
    SELECT survey_id, account_id FROM desk_surveyparticipation
    """,
    "DELETE FROM desk_surveyparticipation",
    """
    INSERT INTO desk_surveyparticipation (id, survey_id, account_id)
    SELECT gen_random_uuid(), survey_id, account_id
    FROM desk_settled ORDER BY random()
    """,
    "DROP TABLE desk_settled",
)


@transaction.atomic
def shuffle() -> None:
    """Write both tables anew. Who answers meanwhile waits, and is not lost."""
    with connection.cursor() as cursor:
        cursor.execute(
            "LOCK TABLE desk_surveyparticipation, desk_surveyanswer IN EXCLUSIVE MODE"
        )
        for statement in SHUFFLES:
            cursor.execute(statement)
