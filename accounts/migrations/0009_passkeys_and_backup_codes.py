"""Passkeys, backup codes, and for each factor an address that tells nothing (S2, S3)."""

import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_open_sessions")]

    operations = [
        migrations.CreateModel(
            name="Passkey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        help_text="The user that this device belongs to.",
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="The human-readable name of this device.",
                        max_length=64,
                    ),
                ),
                (
                    "confirmed",
                    models.BooleanField(
                        default=True, help_text="Is this device ready for use?"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        help_text="The date and time when this device was initially created in the system.",
                        null=True,
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="The most recent date and time this device was used.",
                        null=True,
                    ),
                ),
                (
                    "credential_type",
                    models.CharField(
                        choices=[("public-key", "Public Key")],
                        default="public-key",
                        editable=False,
                        max_length=32,
                        verbose_name="credential type",
                    ),
                ),
                (
                    "credential_id",
                    models.BinaryField(
                        max_length=1023, verbose_name="credential id data"
                    ),
                ),
                (
                    "public_key",
                    models.BinaryField(
                        max_length=1023, verbose_name="COSE public key data"
                    ),
                ),
                (
                    "transports",
                    models.JSONField(
                        default=list, editable=False, verbose_name="transports"
                    ),
                ),
                (
                    "sign_count",
                    models.PositiveIntegerField(
                        default=0, editable=False, verbose_name="sign count"
                    ),
                ),
                (
                    "backup_eligible",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="backup eligible"
                    ),
                ),
                (
                    "backup_state",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="backup state"
                    ),
                ),
                (
                    "aaguid",
                    models.CharField(
                        editable=False, max_length=36, verbose_name="AAGUID"
                    ),
                ),
                (
                    "credential_id_sha256",
                    models.CharField(
                        editable=False,
                        max_length=64,
                        unique=True,
                        verbose_name="hashed credential id",
                    ),
                ),
                (
                    "discoverable",
                    models.BooleanField(
                        default=None,
                        editable=False,
                        null=True,
                        verbose_name="discoverable",
                    ),
                ),
                (
                    "public_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        unique=True,
                    ),
                ),
            ],
            options={
                "verbose_name": "clé d’accès",
                "verbose_name_plural": "clés d’accès",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "name"),
                        name="one_passkey_by_that_name",
                        violation_error_message="Vous avez déjà une clé d’accès de ce nom.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BackupSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        help_text="The user that this device belongs to.",
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="The human-readable name of this device.",
                        max_length=64,
                    ),
                ),
                (
                    "confirmed",
                    models.BooleanField(
                        default=True, help_text="Is this device ready for use?"
                    ),
                ),
                (
                    "drawn_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="tirés le"
                    ),
                ),
            ],
            options={
                "verbose_name": "codes de secours",
                "verbose_name_plural": "codes de secours",
                "constraints": [
                    models.UniqueConstraint(fields=("user",), name="one_backup_sheet"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BackupCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="codes",
                        to="accounts.backupsheet",
                        verbose_name="feuille",
                    ),
                ),
                ("digest", models.CharField(editable=False, max_length=64)),
                (
                    "used_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="utilisé le"
                    ),
                ),
            ],
            options={
                "verbose_name": "code de secours",
                "verbose_name_plural": "codes de secours",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("sheet", "digest"), name="one_backup_code_a_digest"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="totpdevice",
            name="public_id",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(),
                default=uuid.uuid4,
                editable=False,
                unique=True,
            ),
        ),
        migrations.AlterConstraint(
            model_name="totpdevice",
            name="one_factor_by_that_name",
            constraint=models.UniqueConstraint(
                fields=("user", "name"),
                name="one_factor_by_that_name",
                violation_error_message="Vous avez déjà une application de ce nom.",
            ),
        ),
    ]
