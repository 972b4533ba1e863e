"""The model of a convocation is named Appointment; table, columns, rules follow."""

import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FUNCTIONS = """
CREATE OR REPLACE FUNCTION opus_slot_has_room() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    places integer;
    closed timestamptz;
    taken integer;
BEGIN
    SELECT capacity, closed_at INTO places, closed
        FROM referrals_slot WHERE id = NEW.slot_id FOR UPDATE;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'Ce créneau est fermé.' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'slot_is_open';
    END IF;
    SELECT count(*) INTO taken FROM referrals_appointment
        WHERE slot_id = NEW.slot_id AND id <> NEW.id
            AND state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner');
    IF taken >= places THEN
        RAISE EXCEPTION 'Ce créneau est complet.' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'slot_has_room';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION opus_slot_keeps_its_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.capacity < (
        SELECT count(*) FROM referrals_appointment WHERE slot_id = NEW.id
            AND state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner')
    ) THEN
        RAISE EXCEPTION 'Ce créneau a plus de personnes que de places.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_keeps_its_places';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION opus_slot_closes_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM referrals_appointment WHERE slot_id = NEW.id
            AND state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner')
    ) THEN
        RAISE EXCEPTION 'Ce créneau a déjà été pris.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_closes_empty';
    END IF;
    RETURN NEW;
END $$;
"""

NAMES = """
ALTER TABLE referrals_appointment
    RENAME CONSTRAINT summons_candidate_same_structure
    TO appointment_candidate_same_structure;
ALTER TRIGGER referrals_summons_moves ON referrals_appointment
    RENAME TO referrals_appointment_moves;
ALTER TRIGGER referrals_summons_slot_has_room ON referrals_appointment
    RENAME TO referrals_appointment_slot_has_room;
ALTER TRIGGER referrals_summons_stays ON referrals_appointment
    RENAME TO referrals_appointment_stays;
ALTER TRIGGER referrals_summonsstep_stays ON referrals_appointmentstep
    RENAME TO referrals_appointmentstep_stays;
ALTER TABLE referrals_appointment
    RENAME CONSTRAINT one_summons_by_form TO one_appointment_by_form;
ALTER TABLE referrals_appointment
    RENAME CONSTRAINT summons_state_is_known TO appointment_state_is_known;
ALTER TABLE referrals_appointment
    RENAME CONSTRAINT summons_at_within_the_years TO appointment_at_within_the_years;
ALTER TABLE referrals_appointment
    RENAME CONSTRAINT summons_within_the_years TO appointment_within_the_years;
ALTER TABLE referrals_appointment
    RENAME CONSTRAINT summons_is_done_once_handed_over TO appointment_is_done_once_handed_over;
ALTER TABLE referrals_appointment
    RENAME CONSTRAINT summons_absence_is_told TO appointment_absence_says_which;
ALTER TABLE referrals_appointment
    RENAME CONSTRAINT summons_is_called_off_by_somebody TO appointment_is_called_off_by_somebody;
ALTER INDEX one_live_summons RENAME TO one_live_appointment;
ALTER TABLE referrals_document
    RENAME CONSTRAINT one_document_of_summons TO one_document_of_appointment;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0058_backup_code_set"),
        ("offers", "0009_no_index_of_points"),
        ("referrals", "0016_names_hold_no_digit"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel("Summons", "Appointment"),
        migrations.RenameModel("SummonsStep", "AppointmentStep"),
        migrations.RenameField("appointmentstep", "summons", "appointment"),
        migrations.RenameField("document", "summons", "appointment"),
        migrations.RenameField(
            "screenedreferral", "after_summons", "after_appointment"
        ),
        migrations.RenameIndex(
            "appointment", new_name="appointment_made", old_name="summons_made"
        ),
        migrations.RenameIndex(
            "appointment", new_name="appointment_made_at", old_name="summons_made_at"
        ),
        migrations.RunSQL(FUNCTIONS + NAMES),
        # PostgreSQL has renamed these rules, and the columns inside them.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint(
                    model_name="appointment", name="one_live_summons"
                ),
                migrations.RemoveConstraint(
                    model_name="appointment", name="one_summons_by_form"
                ),
                migrations.RemoveConstraint(
                    model_name="appointment", name="summons_state_is_known"
                ),
                migrations.RemoveConstraint(
                    model_name="appointment", name="summons_is_done_once_handed_over"
                ),
                migrations.RemoveConstraint(
                    model_name="appointment", name="summons_absence_is_told"
                ),
                migrations.RemoveConstraint(
                    model_name="appointment", name="summons_is_called_off_by_somebody"
                ),
                migrations.RemoveConstraint(
                    model_name="appointment", name="summons_at_within_the_years"
                ),
                migrations.RemoveConstraint(
                    model_name="appointment", name="summons_within_the_years"
                ),
                migrations.RemoveConstraint(
                    model_name="document", name="one_document_of_summons"
                ),
                migrations.RemoveConstraint(
                    model_name="document", name="document_of_one_act"
                ),
                migrations.RemoveConstraint(
                    model_name="screenedreferral",
                    name="screened_referral_goes_on_once_handed_over",
                ),
                migrations.AddConstraint(
                    model_name="appointment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            (
                                "at__range",
                                (
                                    datetime.datetime(
                                        1999, 12, 31, 0, 0, tzinfo=datetime.UTC
                                    ),
                                    datetime.datetime(
                                        2101, 1, 2, 0, 0, tzinfo=datetime.UTC
                                    ),
                                ),
                            )
                        ),
                        name="appointment_at_within_the_years",
                        violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="appointment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            (
                                "handed_over_on__range",
                                (
                                    datetime.date(2000, 1, 1),
                                    datetime.date(2100, 12, 31),
                                ),
                            )
                        ),
                        name="appointment_within_the_years",
                        violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="appointment",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ("planifiee", "modifiee", "remise", "a_renseigner"),
                            )
                        ),
                        fields=("offer", "candidate"),
                        name="one_live_appointment",
                        violation_error_message="Cette personne est déjà convoquée pour cette offre.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="appointment",
                    constraint=models.UniqueConstraint(
                        fields=("adviser", "idempotency_key"),
                        name="one_appointment_by_form",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="appointment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "planifiee",
                                    "modifiee",
                                    "remise",
                                    "a_renseigner",
                                    "effectuee",
                                    "absent",
                                    "retenu",
                                    "non_retenu",
                                    "annulee",
                                ],
                            )
                        ),
                        name="appointment_state_is_known",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="appointment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "state__in",
                                    ["remise", "effectuee", "retenu", "non_retenu"],
                                ),
                                _negated=True,
                            ),
                            models.Q(
                                ("handed_over_on__isnull", False),
                                models.Q(("channel", ""), _negated=True),
                            ),
                            models.Q(("not_handed_because", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="appointment_is_done_once_handed_over",
                        violation_error_message="Enregistrez la remise de la convocation, ou pourquoi elle n’a pas été remise (convention, art. 7).",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="appointment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "absent"), _negated=True),
                            models.Q(("absence", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="appointment_absence_says_which",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="appointment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "annulee"), _negated=True),
                            models.Q(("called_off_by", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="appointment_is_called_off_by_somebody",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="document",
                    constraint=models.UniqueConstraint(
                        fields=("appointment", "version"),
                        name="one_document_of_appointment",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="document",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("appointment__isnull", True),
                                ("cv_request__isnull", True),
                                ("referral__isnull", False),
                                ("screened_referral__isnull", True),
                            ),
                            models.Q(
                                ("appointment__isnull", True),
                                ("cv_request__isnull", True),
                                ("referral__isnull", True),
                                ("screened_referral__isnull", False),
                            ),
                            models.Q(
                                ("appointment__isnull", True),
                                ("cv_request__isnull", False),
                                ("referral__isnull", True),
                                ("screened_referral__isnull", True),
                            ),
                            models.Q(
                                ("appointment__isnull", False),
                                ("cv_request__isnull", True),
                                ("referral__isnull", True),
                                ("screened_referral__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="document_of_one_act",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="screenedreferral",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["proposee", "annulee"]),
                            models.Q(
                                ("handed_over_on__isnull", False),
                                models.Q(("channel", ""), _negated=True),
                            ),
                            ("after_cv__isnull", False),
                            ("after_appointment__isnull", False),
                            _connector="OR",
                        ),
                        name="screened_referral_goes_on_once_handed_over",
                        violation_error_message="Enregistrez d’abord la remise du document (convention, art. 7).",
                    ),
                ),
            ]
        ),
        migrations.AlterField(
            model_name="appointment",
            name="adviser",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to=settings.AUTH_USER_MODEL,
                verbose_name="conseiller",
            ),
        ),
        migrations.AlterField(
            model_name="appointment",
            name="candidate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="referrals.candidate",
                verbose_name="candidat",
            ),
        ),
        migrations.AlterField(
            model_name="appointment",
            name="offer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="offers.offer",
                verbose_name="offre",
            ),
        ),
        migrations.AlterField(
            model_name="appointment",
            name="slot",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appointments",
                to="referrals.slot",
                verbose_name="créneau",
            ),
        ),
        migrations.AlterField(
            model_name="appointment",
            name="structure",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="accounts.structure",
                verbose_name="structure",
            ),
        ),
    ]
