"""Structures, agreements, accounts and their access: the tables, as the models say."""

import datetime
import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.functions
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.agreements.models.articles
import accounts.agreements.models.terminations
import accounts.security.models
import accounts.structures.models
import opus.lib.background_files
import opus.lib.database.name_order
import opus.lib.dates
import opus.lib.forms.fields
from opus.lib.database.migration_operations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [("lib", "0002_rules")]

    operations = [
        CreateModels(
            operations=[
                migrations.CreateModel(
                    name="User",
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
                            "password",
                            models.CharField(max_length=128, verbose_name="password"),
                        ),
                        (
                            "last_login",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="last login"
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "decision_emails",
                            models.BooleanField(
                                db_default=True,
                                default=True,
                                editable=False,
                                verbose_name="décisions par courriel",
                            ),
                        ),
                        (
                            "identifier",
                            models.CharField(
                                editable=False,
                                max_length=40,
                                verbose_name="identifiant",
                            ),
                        ),
                        (
                            "public_id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, unique=True
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("cree", "créé, jamais utilisé"),
                                    ("actif", "actif"),
                                    ("suspendu", "suspendu"),
                                    ("ferme", "fermé"),
                                ],
                                default="cree",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("conseiller", "conseiller"),
                                    ("rgc", "responsable de gestion des comptes (RGC)"),
                                    ("agent", "agent de France Travail"),
                                    ("admin", "administrateur de France Travail"),
                                ],
                                max_length=20,
                                verbose_name="rôle",
                            ),
                        ),
                        (
                            "first_name",
                            models.CharField(max_length=60, verbose_name="prénom"),
                        ),
                        (
                            "last_name",
                            models.CharField(max_length=60, verbose_name="nom"),
                        ),
                        (
                            "email",
                            models.EmailField(max_length=254, verbose_name="courriel"),
                        ),
                        (
                            "phone",
                            models.CharField(
                                blank=True,
                                max_length=20,
                                validators=[opus.lib.forms.fields.validate_phone],
                                verbose_name="téléphone",
                            ),
                        ),
                        (
                            "function",
                            models.CharField(
                                blank=True, max_length=80, verbose_name="fonction"
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                editable=False,
                                verbose_name="créé le",
                            ),
                        ),
                        (
                            "clock_restarted_at",
                            models.DateTimeField(
                                editable=False,
                                null=True,
                                verbose_name="absence comptée à partir du",
                            ),
                        ),
                        (
                            "erased_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="nom effacé le"
                            ),
                        ),
                        (
                            "session_salt",
                            models.PositiveIntegerField(default=0, editable=False),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agents",
                                to="accounts.agency",
                                verbose_name="agence",
                            ),
                        ),
                        (
                            "structure",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="users",
                                to="accounts.structure",
                                verbose_name="structure",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "compte",
                        "ordering": (
                            opus.lib.database.name_order.ByName("last_name"),
                            opus.lib.database.name_order.ByName("first_name"),
                        ),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("phone__regex", "^[0-9 +.()/-]*$")),
                                name="phone_of_an_account",
                                violation_error_message="Écrivez un numéro de téléphone entier, en chiffres, par exemple 04\xa065\xa071\xa000\xa000\xa0; un numéro de l’étranger commence par + et l’indicatif du pays.",
                            ),
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("identifier"),
                                name="identifier_of_one_person",
                                violation_error_message="Cet identifiant appartient déjà à quelqu’un.",
                            ),
                            models.UniqueConstraint(
                                django.db.models.functions.text.Upper(
                                    django.db.models.functions.text.Replace(
                                        "identifier",
                                        models.Value("-"),
                                        models.Value(""),
                                    )
                                ),
                                name="identifier_read_as_one_person",
                                violation_error_message="Cet identifiant appartient déjà à quelqu’un.",
                            ),
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("email"),
                                condition=models.Q(("state", "ferme"), _negated=True),
                                name="email_of_one_person",
                                violation_error_message="Un compte utilise déjà cette adresse de courriel.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("role__in", ("conseiller", "rgc")),
                                        ("structure__isnull", False),
                                    ),
                                    models.Q(
                                        ("agency__isnull", False),
                                        ("role", "agent"),
                                        ("structure__isnull", True),
                                    ),
                                    models.Q(
                                        ("role", "admin"), ("structure__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="role_fits_its_employer",
                                violation_error_message="Un conseiller ou un RGC appartient à une structure, un agent à une agence.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "first_name__regex",
                                            "[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ue000-\\uf8ff\\ufeff\\ufff9-\\ufffb]",
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(
                                        (
                                            "last_name__regex",
                                            "[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ue000-\\uf8ff\\ufeff\\ufff9-\\ufffb]",
                                        ),
                                        _negated=True,
                                    ),
                                ),
                                name="account_name_shows_whole",
                                violation_error_message="Ce nom contient un signe qui ne se voit pas\xa0: retapez-le.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["cree", "actif", "suspendu", "ferme"],
                                    )
                                ),
                                name="user_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("erased_at__isnull", True),
                                    models.Q(
                                        ("email", ""),
                                        ("first_name", ""),
                                        ("function", ""),
                                        ("last_name", ""),
                                        ("phone", ""),
                                        ("state", "ferme"),
                                    ),
                                    _connector="OR",
                                ),
                                name="erased_account_has_no_name",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Throttle",
                    fields=[
                        (
                            "key",
                            models.CharField(
                                max_length=80, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "tries",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.DateTimeField(), default=list
                            ),
                        ),
                        ("expires_at", models.DateTimeField(db_index=True)),
                    ],
                    options={
                        "verbose_name": "compteur d’essais",
                        "verbose_name_plural": "compteurs d’essais",
                    },
                ),
                migrations.CreateModel(
                    name="Usage",
                    fields=[
                        (
                            "key",
                            models.CharField(
                                max_length=80, primary_key=True, serialize=False
                            ),
                        ),
                        ("counts", models.JSONField(default=dict)),
                        ("expires_at", models.DateTimeField(db_index=True)),
                    ],
                    options={
                        "verbose_name": "compteur d’usages",
                        "verbose_name_plural": "compteurs d’usages",
                    },
                ),
                migrations.CreateModel(
                    name="AccountStep",
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
                            "origin",
                            models.CharField(
                                blank=True, max_length=20, verbose_name="de"
                            ),
                        ),
                        ("target", models.CharField(max_length=20, verbose_name="à")),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "note",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="précisions"
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "étape d’un compte",
                        "verbose_name_plural": "étapes d’un compte",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="AddressChange",
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
                            "former",
                            models.EmailField(
                                blank=True,
                                max_length=254,
                                verbose_name="adresse précédente",
                            ),
                        ),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="address_changes",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "changement d’adresse",
                        "verbose_name_plural": "changements d’adresse",
                        "ordering": ("at", "pk"),
                    },
                ),
                migrations.CreateModel(
                    name="Agency",
                    fields=[
                        (
                            "version",
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "safir",
                            models.CharField(
                                max_length=5,
                                primary_key=True,
                                serialize=False,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[0-9]{5}\\Z",
                                        "Un code SAFIR compte 5 chiffres, par exemple 38086.",
                                    )
                                ],
                                verbose_name="code SAFIR",
                            ),
                        ),
                        (
                            "aurore",
                            models.CharField(
                                blank=True, max_length=20, verbose_name="code AURORE"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("agence", "agence"),
                                    ("dt", "direction territoriale"),
                                    ("dr", "direction régionale"),
                                    ("national", "direction générale"),
                                ],
                                default="agence",
                                max_length=10,
                                verbose_name="niveau",
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="nom")),
                        (
                            "address",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="adresse"
                            ),
                        ),
                        (
                            "postcode",
                            models.CharField(
                                blank=True,
                                max_length=5,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[0-9]{5}\\Z",
                                        "Un code postal compte 5 chiffres, par exemple 38000.",
                                    )
                                ],
                                verbose_name="code postal",
                            ),
                        ),
                        (
                            "city",
                            models.CharField(
                                blank=True, max_length=80, verbose_name="ville"
                            ),
                        ),
                        (
                            "department",
                            models.CharField(
                                blank=True, max_length=3, verbose_name="département"
                            ),
                        ),
                        (
                            "region",
                            models.CharField(
                                blank=True, max_length=2, verbose_name="région"
                            ),
                        ),
                        (
                            "phone",
                            models.CharField(
                                blank=True,
                                db_default="",
                                max_length=20,
                                validators=[opus.lib.forms.fields.validate_phone],
                                verbose_name="téléphone",
                            ),
                        ),
                        ("latitude", models.FloatField(blank=True, null=True)),
                        ("longitude", models.FloatField(blank=True, null=True)),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="accounts.agency",
                                verbose_name="dépend de",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "agence",
                        "ordering": (opus.lib.database.name_order.ByName("name"),),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("safir__regex", "^\\d{5}$")),
                                name="safir_has_five_digits",
                                violation_error_message="Un code SAFIR compte 5 chiffres.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("postcode", ""),
                                    ("postcode__regex", "^[0-9]{5}$"),
                                    _connector="OR",
                                ),
                                name="postcode_of_an_agency",
                                violation_error_message="Un code postal compte 5 chiffres, par exemple 38000.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("phone__regex", "^[0-9 +.()/-]*$")),
                                name="phone_of_an_agency",
                                violation_error_message="Écrivez un numéro de téléphone entier, en chiffres, par exemple 04\xa065\xa071\xa000\xa000\xa0; un numéro de l’étranger commence par + et l’indicatif du pays.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Alert",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "rule",
                            models.CharField(
                                choices=[
                                    ("personnes", "plafond de personnes atteint"),
                                    (
                                        "personnes_moitie",
                                        "beaucoup de personnes consultées",
                                    ),
                                    (
                                        "personnes_24h",
                                        "plafond de personnes en 24 heures atteint",
                                    ),
                                    (
                                        "personnes_24h_moitie",
                                        "beaucoup de personnes consultées en 24 heures",
                                    ),
                                    ("exports", "plafond d’exports atteint"),
                                    (
                                        "exports_moitie",
                                        "plusieurs exports dans la journée",
                                    ),
                                    ("nuit", "consultations de nuit"),
                                    (
                                        "eloignement",
                                        "personnes éloignées de la structure",
                                    ),
                                    (
                                        "recherches_vaines",
                                        "recherches de personnes sans résultat",
                                    ),
                                    (
                                        "adresses_inconnues",
                                        "adresses de personnes inexistantes",
                                    ),
                                    (
                                        "echecs_adresse",
                                        "échecs de connexion d’une même adresse",
                                    ),
                                    (
                                        "echecs_compte",
                                        "échecs de connexion sur un compte",
                                    ),
                                    (
                                        "essais_en_rafale",
                                        "essais de connexion en rafale sur un compte",
                                    ),
                                    (
                                        "echecs_disperses",
                                        "un échec de connexion sur beaucoup de comptes",
                                    ),
                                    (
                                        "session_deplacee",
                                        "session passée sur un autre appareil",
                                    ),
                                    (
                                        "deux_reseaux",
                                        "session vue tour à tour de deux réseaux",
                                    ),
                                    (
                                        "session_changee",
                                        "session changée de navigateur",
                                    ),
                                    (
                                        "deux_lieux",
                                        "compte utilisé à deux endroits à la fois",
                                    ),
                                    ("nouveau_lieu", "réseau ou navigateur jamais vu"),
                                    (
                                        "appareil_nouveau",
                                        "accès modifié depuis un nouvel appareil",
                                    ),
                                    ("partage", "plus de deux sessions à la fois"),
                                    (
                                        "recherches",
                                        "recherches d’offres très nombreuses",
                                    ),
                                    (
                                        "flux_falsifie",
                                        "signatures du flux refusées en rafale",
                                    ),
                                    (
                                        "gestes_rgc",
                                        "comptes fermés, suspendus ou changés d’adresse",
                                    ),
                                    (
                                        "acces_renouveles",
                                        "accès de comptes renouvelés en série",
                                    ),
                                    (
                                        "compte_ephemere",
                                        "compte créé puis fermé dans la journée",
                                    ),
                                    (
                                        "transfert_suivis",
                                        "transfert de suivis à soi-même ou nombreux",
                                    ),
                                    (
                                        "compte_recent",
                                        "suivis vers un compte récent, avec un autre signe",
                                    ),
                                    (
                                        "demande_desavouee",
                                        "transfert de suivis désavoué",
                                    ),
                                ],
                                editable=False,
                                max_length=20,
                                verbose_name="règle",
                            ),
                        ),
                        (
                            "level",
                            models.CharField(
                                choices=[("grave", "à traiter"), ("signal", "signal")],
                                editable=False,
                                max_length=10,
                                verbose_name="niveau",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("nouvelle", "nouvelle"),
                                    ("prise", "prise en charge"),
                                    ("close", "close"),
                                ],
                                default="nouvelle",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
                            ),
                        ),
                        ("subject", models.CharField(editable=False, max_length=60)),
                        (
                            "address",
                            models.GenericIPAddressField(
                                editable=False, null=True, verbose_name="adresse"
                            ),
                        ),
                        (
                            "first_at",
                            models.DateTimeField(editable=False, verbose_name="début"),
                        ),
                        (
                            "last_at",
                            models.DateTimeField(
                                editable=False, verbose_name="dernier fait"
                            ),
                        ),
                        (
                            "quiet_at",
                            models.DateTimeField(
                                editable=False, verbose_name="fin de la rafale"
                            ),
                        ),
                        (
                            "raised_at",
                            models.DateTimeField(
                                auto_now_add=True, verbose_name="levée le"
                            ),
                        ),
                        (
                            "peak",
                            models.PositiveIntegerField(
                                editable=False, verbose_name="nombre"
                            ),
                        ),
                        (
                            "conclusion",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("legitime", "Usage légitime"),
                                    (
                                        "detournement",
                                        "Usage détourné ou compte compromis",
                                    ),
                                    ("essai", "Essai ou exercice"),
                                    ("erreur", "Erreur de manipulation"),
                                    ("fausse_alerte", "Fausse alerte : règle à revoir"),
                                ],
                                editable=False,
                                max_length=20,
                                verbose_name="conclusion",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="alerts",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                        (
                            "structure",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="alerts",
                                to="accounts.structure",
                                verbose_name="structure",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "alerte",
                        "ordering": ("-last_at",),
                        "indexes": [
                            models.Index(fields=["-last_at"], name="alerts_by_day")
                        ],
                        "constraints": [
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    ("rule", "="),
                                    ("subject", "="),
                                    (
                                        accounts.security.models.InstantRange(
                                            "first_at", "quiet_at"
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="one_alert_for_a_burst",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("first_at__lte", models.F("last_at")),
                                    ("last_at__lt", models.F("quiet_at")),
                                ),
                                name="burst_ends_after_its_last_hit",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["nouvelle", "prise", "close"])
                                ),
                                name="alert_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "conclusion__in",
                                            [
                                                "legitime",
                                                "detournement",
                                                "essai",
                                                "erreur",
                                                "fausse_alerte",
                                            ],
                                        ),
                                        ("state", "close"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "close"), _negated=True),
                                        ("conclusion", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="closed_alert_says_what_it_was",
                                violation_error_message="Dites ce que c’était pour clore l’alerte.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AlertStep",
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
                            "origin",
                            models.CharField(
                                blank=True, max_length=20, verbose_name="de"
                            ),
                        ),
                        ("target", models.CharField(max_length=20, verbose_name="à")),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "note",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="précisions"
                            ),
                        ),
                        (
                            "alert",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="accounts.alert",
                                verbose_name="alerte",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "étape d’une alerte",
                        "verbose_name_plural": "étapes d’une alerte",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Amendment",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("propose", "à confirmer"),
                                    ("confirme", "confirmé"),
                                    ("abandonne", "abandonné"),
                                ],
                                default="propose",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "proposed_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                editable=False,
                                verbose_name="proposé le",
                            ),
                        ),
                        (
                            "confirmed_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="confirmé le"
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                max_length=60,
                                verbose_name="référence de la notification",
                            ),
                        ),
                        (
                            "noticed_on",
                            models.DateField(
                                verbose_name="notification du directeur régional le"
                            ),
                        ),
                        (
                            "effective_on",
                            models.DateField(verbose_name="prend effet le"),
                        ),
                        (
                            "consultation",
                            models.BooleanField(
                                null=True, verbose_name="consultation des offres"
                            ),
                        ),
                        (
                            "referrals",
                            models.BooleanField(
                                null=True,
                                verbose_name="délégation de la mise en relation",
                            ),
                        ),
                        (
                            "quota",
                            models.PositiveSmallIntegerField(
                                null=True, verbose_name="comptes utilisateurs actifs"
                            ),
                        ),
                        (
                            "ends_on",
                            models.DateField(
                                null=True, verbose_name="fin de la convention"
                            ),
                        ),
                        (
                            "ft_contact",
                            models.CharField(
                                blank=True,
                                max_length=120,
                                verbose_name="correspondant France Travail",
                            ),
                        ),
                        (
                            "ft_contact_email",
                            models.EmailField(
                                blank=True,
                                max_length=254,
                                verbose_name="courriel du correspondant France Travail",
                            ),
                        ),
                        (
                            "ft_contact_phone",
                            models.CharField(
                                blank=True,
                                max_length=20,
                                validators=[opus.lib.forms.fields.validate_phone],
                                verbose_name="téléphone du correspondant France Travail",
                            ),
                        ),
                        (
                            "partner_contact",
                            models.CharField(
                                blank=True,
                                max_length=120,
                                verbose_name="responsable du suivi",
                            ),
                        ),
                        (
                            "partner_contact_email",
                            models.EmailField(
                                blank=True,
                                max_length=254,
                                verbose_name="courriel du responsable du suivi",
                            ),
                        ),
                        (
                            "partner_contact_phone",
                            models.CharField(
                                blank=True,
                                max_length=20,
                                validators=[opus.lib.forms.fields.validate_phone],
                                verbose_name="téléphone du responsable du suivi",
                            ),
                        ),
                        (
                            "was_quota",
                            models.PositiveSmallIntegerField(editable=False, null=True),
                        ),
                        ("was_ends_on", models.DateField(editable=False, null=True)),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="confirmé par",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="proposé par",
                            ),
                        ),
                        (
                            "convention",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="amendments",
                                to="accounts.convention",
                                verbose_name="convention",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "avenant",
                        "ordering": ("-effective_on", "-pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "effective_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "ends_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "noticed_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "was_ends_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                ),
                                name="amendment_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ft_contact_phone__regex", "^[0-9 +.()/-]*$"),
                                    ("partner_contact_phone__regex", "^[0-9 +.()/-]*$"),
                                ),
                                name="phones_of_an_amendment",
                                violation_error_message="Écrivez un numéro de téléphone entier, en chiffres, par exemple 04\xa065\xa071\xa000\xa000\xa0; un numéro de l’étranger commence par + et l’indicatif du pays.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("confirmed_at__isnull", False),
                                        ("confirmed_by__isnull", False),
                                        ("state", "confirme"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "confirme"), _negated=True),
                                        ("confirmed_at", None),
                                        ("confirmed_by", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="confirmed_amendment_is_signed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("quota__gt", models.F("was_quota")),
                                        _negated=True,
                                    ),
                                    ("confirmed_by", None),
                                    models.Q(
                                        ("confirmed_by", models.F("proposed_by")),
                                        _negated=True,
                                    ),
                                    _connector="OR",
                                ),
                                name="two_hands_on_an_amendment",
                                violation_error_message="Une autre personne que celle qui propose doit confirmer\xa0: demandez-le à un collègue.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("noticed_on__lte", models.F("effective_on"))
                                ),
                                name="amendment_noticed_before_its_effect",
                                violation_error_message="Un avenant ne prend pas effet avant la notification écrite du directeur régional (art. 5.2).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on", None),
                                    ("ends_on__gt", models.F("was_ends_on")),
                                    _connector="OR",
                                ),
                                name="amendment_prolongs_the_convention",
                                violation_error_message="Un avenant ne met pas fin plus tôt à une convention\xa0: proposez une fin anticipée (art. 12).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on", None),
                                    ("ends_on__gte", models.F("effective_on")),
                                    _connector="OR",
                                ),
                                name="amendment_before_the_end_it_sets",
                                violation_error_message="La nouvelle fin précède la date d’effet de l’avenant.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("consultation__isnull", False),
                                    ("referrals__isnull", False),
                                    ("quota__isnull", False),
                                    ("ends_on__isnull", False),
                                    models.Q(("ft_contact", ""), _negated=True),
                                    models.Q(("ft_contact_email", ""), _negated=True),
                                    models.Q(("ft_contact_phone", ""), _negated=True),
                                    models.Q(("partner_contact", ""), _negated=True),
                                    models.Q(
                                        ("partner_contact_email", ""), _negated=True
                                    ),
                                    models.Q(
                                        ("partner_contact_phone", ""), _negated=True
                                    ),
                                    _connector="OR",
                                ),
                                name="amendment_changes_something",
                                violation_error_message="Un avenant change au moins une chose.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["propose", "confirme", "abandonne"])
                                ),
                                name="amendment_state_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AmendmentStep",
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
                            "origin",
                            models.CharField(
                                blank=True, max_length=20, verbose_name="de"
                            ),
                        ),
                        ("target", models.CharField(max_length=20, verbose_name="à")),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "note",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="précisions"
                            ),
                        ),
                        (
                            "amendment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="accounts.amendment",
                                verbose_name="avenant",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "étape d’un avenant",
                        "verbose_name_plural": "étapes d’un avenant",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="BackupCodeSet",
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
                                default=django.utils.timezone.now,
                                verbose_name="tirés le",
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
                    ],
                    options={
                        "verbose_name": "codes de secours",
                        "verbose_name_plural": "codes de secours",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user",), name="one_backup_code_set"
                            )
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
                        ("digest", models.CharField(editable=False, max_length=64)),
                        (
                            "used_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="utilisé le"
                            ),
                        ),
                        (
                            "code_set",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="codes",
                                to="accounts.backupcodeset",
                                verbose_name="feuille",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "code de secours",
                        "verbose_name_plural": "codes de secours",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("code_set", "digest"),
                                name="one_backup_code_a_digest",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Breach",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("propose", "à signer par une seconde personne"),
                                    ("ouvert", "lettre à poster"),
                                    ("notifie", "manquements notifiés"),
                                    ("observe", "observations reçues"),
                                    ("maintenu", "décision maintenue"),
                                    ("resilie", "convention résiliée"),
                                    ("leve", "procédure abandonnée"),
                                ],
                                default="propose",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "reasons",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        (
                                            "partage",
                                            "Comptes prêtés ou partagés (art. 5.1)",
                                        ),
                                        (
                                            "comptes",
                                            "Comptes non fermés après un départ ou une absence (art. 4.2)",
                                        ),
                                        (
                                            "vacance",
                                            "Départ du RGC non signalé sous huit jours (art. 4.3)",
                                        ),
                                        (
                                            "offres",
                                            "Offres modifiées ou rediffusées (art. 7 et 9)",
                                        ),
                                        (
                                            "documents",
                                            "Documents non remis aux candidats (art. 7)",
                                        ),
                                        (
                                            "usage",
                                            "Usage d’Opus hors de la convention ou de ses annexes (art. 7)",
                                        ),
                                        (
                                            "loi_donnees",
                                            "Loi du 6 janvier 1978 sur les données personnelles non respectée (art. 7)",
                                        ),
                                        (
                                            "cession",
                                            "Accès ou données cédés, ou liens établis (art. 9)",
                                        ),
                                        (
                                            "inegalite",
                                            "Candidats traités de façon inégale (art. 9.1)",
                                        ),
                                        (
                                            "mentions",
                                            "Mentions interdites sur des personnes (art. 9.1)",
                                        ),
                                        (
                                            "donnees",
                                            "Données utilisées ou communiquées à d’autres fins (art. 9.2)",
                                        ),
                                        (
                                            "confidentialite",
                                            "Informations confidentielles révélées (art. 9.2)",
                                        ),
                                        (
                                            "autre",
                                            "Autre obligation de la convention, de la loi ou des règlements",
                                        ),
                                        (
                                            "caducite",
                                            "Condition de la loi ou des règlements devenue caduque (art. 12)",
                                        ),
                                    ],
                                    max_length=20,
                                ),
                                verbose_name="motifs",
                            ),
                        ),
                        (
                            "facts",
                            models.CharField(
                                max_length=300, verbose_name="faits constatés"
                            ),
                        ),
                        (
                            "other_obligation",
                            models.CharField(
                                blank=True,
                                db_default="",
                                max_length=300,
                                verbose_name="autre obligation",
                            ),
                        ),
                        (
                            "signed_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="signé le"
                            ),
                        ),
                        (
                            "notified_on",
                            models.DateField(null=True, verbose_name="notifié le"),
                        ),
                        (
                            "presented_on",
                            models.DateField(
                                null=True, verbose_name="lettre présentée le"
                            ),
                        ),
                        (
                            "observed_on",
                            models.DateField(
                                null=True, verbose_name="observations reçues le"
                            ),
                        ),
                        (
                            "observations_reference",
                            models.CharField(
                                blank=True,
                                db_default="",
                                max_length=60,
                                verbose_name="référence des observations",
                            ),
                        ),
                        (
                            "observations_file",
                            models.BinaryField(
                                blank=True, null=True, verbose_name="observations (PDF)"
                            ),
                        ),
                        (
                            "upheld_on",
                            models.DateField(
                                null=True, verbose_name="décision maintenue le"
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="ouvert par",
                            ),
                        ),
                        (
                            "signed_by",
                            models.ForeignKey(
                                db_index=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="signé par",
                            ),
                        ),
                        (
                            "convention",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="breaches",
                                to="accounts.convention",
                                verbose_name="convention",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "dossier de manquement",
                        "verbose_name_plural": "dossiers de manquement",
                        "ordering": ("-pk",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "notified_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "observed_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "presented_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "upheld_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                ),
                                name="breach_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ("ouvert", "notifie", "observe", "maintenu"),
                                    )
                                ),
                                fields=("convention",),
                                name="one_live_breach",
                                violation_error_message="Une procédure pour manquement est déjà en cours pour cette convention.",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            "propose",
                                            "ouvert",
                                            "notifie",
                                            "observe",
                                            "maintenu",
                                        ),
                                    )
                                ),
                                expressions=[("convention", "=")],
                                name="one_breach_at_a_time",
                                violation_error_message="Une procédure pour manquement est déjà en cours pour cette convention.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["propose", "ouvert", "leve"]),
                                    ("notified_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="breach_is_notified_first",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("signed_by", None),
                                    models.Q(
                                        ("signed_by", models.F("opened_by")),
                                        _negated=True,
                                    ),
                                    _connector="OR",
                                ),
                                name="two_hands_on_a_breach",
                                violation_error_message="Une autre personne que celle qui propose doit confirmer\xa0: demandez-le à un collègue.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("reasons__contains", ["autre"]),
                                        models.Q(
                                            ("other_obligation", ""), _negated=True
                                        ),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("reasons__contains", ["autre"]),
                                            _negated=True,
                                        ),
                                        ("other_obligation", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="other_obligation_has_its_text",
                                violation_error_message="«\xa0Autre obligation\xa0» s’écrit en toutes lettres, et seulement si ce motif est coché.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("observations_file", None),
                                        ("observations_reference", ""),
                                    ),
                                    ("observed_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="observations_have_their_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("observed_on", None),
                                    ("observed_on__gte", models.F("notified_on")),
                                    _connector="OR",
                                ),
                                name="observations_follow_the_notice",
                                violation_error_message="Les observations répondent à la lettre\xa0: elles ne la précèdent pas.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("upheld_on", None),
                                    ("upheld_on__gte", models.F("observed_on")),
                                    models.Q(
                                        ("observed_on", None),
                                        ("upheld_on__gt", models.F("notified_on")),
                                    ),
                                    _connector="OR",
                                ),
                                name="decision_follows_the_observations",
                                violation_error_message="La décision suit les observations.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state__in", ["maintenu", "resilie"]),
                                        _negated=True,
                                    ),
                                    ("upheld_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="upheld_breach_has_its_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "propose",
                                            "ouvert",
                                            "notifie",
                                            "observe",
                                            "maintenu",
                                            "resilie",
                                            "leve",
                                        ],
                                    ),
                                    models.Q(("reasons", []), _negated=True),
                                ),
                                name="breach_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BreachStep",
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
                            "origin",
                            models.CharField(
                                blank=True, max_length=20, verbose_name="de"
                            ),
                        ),
                        ("target", models.CharField(max_length=20, verbose_name="à")),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "note",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="précisions"
                            ),
                        ),
                        (
                            "breach",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="accounts.breach",
                                verbose_name="manquements",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "étape d’un dossier de manquement",
                        "verbose_name_plural": "étapes d’un dossier de manquement",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="CharterAcceptance",
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
                            "version",
                            models.CharField(max_length=20, verbose_name="version"),
                        ),
                        (
                            "accepted_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="acceptée le",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="charters",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "acceptation de la charte",
                        "verbose_name_plural": "acceptations de la charte",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("account", "version"),
                                name="one_acceptance_of_a_version",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Convention",
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
                            "partner_signatory",
                            models.CharField(
                                blank=True,
                                db_default="",
                                help_text="Prénom, nom et fonction\xa0: par exemple, maire et président du CCAS.",
                                max_length=120,
                                verbose_name="signataire de la structure",
                            ),
                        ),
                        (
                            "deliberation",
                            models.CharField(
                                blank=True,
                                db_default="",
                                help_text="Numéro de la délibération qui autorise la signature\xa0: nécessaire si la structure est une collectivité ou son établissement.",
                                max_length=60,
                                verbose_name="délibération",
                            ),
                        ),
                        (
                            "deliberated_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="délibération du"
                            ),
                        ),
                        (
                            "ft_signatory",
                            models.CharField(
                                blank=True,
                                db_default="",
                                help_text="Prénom, nom et fonction.",
                                max_length=120,
                                verbose_name="signataire de France Travail",
                            ),
                        ),
                        (
                            "signing_place",
                            models.CharField(
                                blank=True,
                                db_default="",
                                help_text="Sans réponse, la ville de la structure.",
                                max_length=80,
                                verbose_name="lieu de signature",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("projet", "projet"),
                                    ("signee", "signée"),
                                    ("preavis", "préavis"),
                                    ("resiliee", "résiliée"),
                                    ("expiree", "expirée"),
                                    ("abandonnee", "projet abandonné"),
                                ],
                                default="projet",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "number",
                            models.CharField(
                                max_length=40, unique=True, verbose_name="numéro"
                            ),
                        ),
                        (
                            "keeps_rgc",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                help_text="Le RGC de la convention renouvelée garde sa fonction dans celle-ci, sans nouvelle nomination. Il la prend à la signature.",
                                verbose_name="reconduire le RGC",
                            ),
                        ),
                        (
                            "parent_ends_on",
                            models.DateField(
                                editable=False,
                                verbose_name="fin de la convention de partenariat",
                            ),
                        ),
                        (
                            "signed_by_ft_on",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="signée par France Travail le",
                            ),
                        ),
                        (
                            "signed_by_structure_on",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="signée par la structure le",
                            ),
                        ),
                        (
                            "starts_on",
                            models.DateField(
                                help_text="Au plus tôt le jour de la dernière des deux signatures (art. 13).",
                                verbose_name="prend effet le",
                            ),
                        ),
                        ("ends_on", models.DateField(verbose_name="prend fin le")),
                        (
                            "signed_consultation",
                            models.BooleanField(
                                default=True,
                                help_text="Annexe 1\xa0: O si coché, N sinon.",
                                verbose_name="consultation des offres",
                            ),
                        ),
                        (
                            "signed_referrals",
                            models.BooleanField(
                                default=False,
                                help_text="Annexe 1\xa0: O si coché, N sinon.",
                                verbose_name="délégation de la mise en relation",
                            ),
                        ),
                        (
                            "signed_quota",
                            models.PositiveSmallIntegerField(
                                help_text="Annexe 2\xa0: nombre maximal de comptes actifs, RGC non compté.",
                                verbose_name="comptes utilisateurs actifs",
                            ),
                        ),
                        (
                            "signed_ft_contact",
                            models.CharField(
                                blank=True,
                                help_text="Prénom, nom et fonction.",
                                max_length=120,
                                verbose_name="correspondant France Travail",
                            ),
                        ),
                        (
                            "signed_ft_contact_email",
                            models.EmailField(
                                blank=True,
                                help_text="Elle reçoit les alertes\xa0: elle est nécessaire à la signature.",
                                max_length=254,
                                verbose_name="courriel du correspondant France Travail",
                            ),
                        ),
                        (
                            "signed_ft_contact_phone",
                            models.CharField(
                                blank=True,
                                max_length=20,
                                validators=[opus.lib.forms.fields.validate_phone],
                                verbose_name="téléphone du correspondant France Travail",
                            ),
                        ),
                        (
                            "signed_partner_contact",
                            models.CharField(
                                blank=True,
                                help_text="Prénom, nom et fonction de la personne qui suit la convention dans la structure\xa0: nécessaire à la signature.",
                                max_length=120,
                                verbose_name="responsable du suivi",
                            ),
                        ),
                        (
                            "signed_partner_contact_email",
                            models.EmailField(
                                blank=True,
                                help_text="Elle est nécessaire à la signature.",
                                max_length=254,
                                verbose_name="courriel du responsable du suivi",
                            ),
                        ),
                        (
                            "signed_partner_contact_phone",
                            models.CharField(
                                blank=True,
                                max_length=20,
                                validators=[opus.lib.forms.fields.validate_phone],
                                verbose_name="téléphone du responsable du suivi",
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="conventions",
                                to="accounts.agency",
                                verbose_name="agence signataire",
                            ),
                        ),
                        (
                            "renews",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="renewals",
                                to="accounts.convention",
                                verbose_name="renouvelle",
                            ),
                        ),
                        (
                            "model_text",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                help_text="Sans choix, la dernière version publiée au jour de la signature. La convention la garde ensuite.",
                                limit_choices_to={"published_at__isnull": False},
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.modeltext",
                                verbose_name="texte modèle",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="conventions",
                                to="accounts.partnership",
                                verbose_name="convention de partenariat",
                            ),
                        ),
                        (
                            "structure",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="conventions",
                                to="accounts.structure",
                                verbose_name="structure",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "convention",
                        "ordering": ("-starts_on",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "ends_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "parent_ends_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "signed_by_ft_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "signed_by_structure_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "starts_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                ),
                                name="convention_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "signed_ft_contact_phone__regex",
                                        "^[0-9 +.()/-]*$",
                                    ),
                                    (
                                        "signed_partner_contact_phone__regex",
                                        "^[0-9 +.()/-]*$",
                                    ),
                                ),
                                name="phones_of_a_convention",
                                violation_error_message="Écrivez un numéro de téléphone entier, en chiffres, par exemple 04\xa065\xa071\xa000\xa000\xa0; un numéro de l’étranger commence par + et l’indicatif du pays.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on__gte", models.F("starts_on"))
                                ),
                                name="convention_ends_after_it_starts",
                                violation_error_message="La convention prend fin avant de prendre effet\xa0: vérifiez les deux dates.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ("resiliee", "abandonnee")),
                                    ("ends_on__lte", models.F("parent_ends_on")),
                                    _connector="OR",
                                ),
                                name="convention_within_its_parent",
                                violation_error_message="La convention d’application ne peut pas durer plus que la convention de partenariat (art. 13).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ("projet", "abandonnee")),
                                    models.Q(
                                        ("signed_by_ft_on__isnull", False),
                                        ("signed_by_ft_on__lte", models.F("starts_on")),
                                        ("signed_by_structure_on__isnull", False),
                                        (
                                            "signed_by_structure_on__lte",
                                            models.F("starts_on"),
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="convention_signed_before_it_starts",
                                violation_error_message="Une convention signée porte ses deux dates de signature, et ne prend pas effet avant la dernière (art. 13).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "deliberated_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    )
                                ),
                                name="deliberation_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("deliberated_on", None),
                                    ("signed_by_structure_on", None),
                                    (
                                        "deliberated_on__lte",
                                        models.F("signed_by_structure_on"),
                                    ),
                                    _connector="OR",
                                ),
                                name="deliberation_precedes_the_signature",
                                violation_error_message="La délibération autorise la signature\xa0: elle ne la suit pas.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "projet",
                                            "signee",
                                            "preavis",
                                            "resiliee",
                                            "expiree",
                                            "abandonnee",
                                        ],
                                    )
                                ),
                                name="convention_state_is_known",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(
                                    ("state__in", ("signee", "preavis"))
                                ),
                                expressions=[
                                    ("structure", "="),
                                    (
                                        opus.lib.dates.DateRange(
                                            django.db.models.functions.comparison.Least(
                                                "starts_on", "ends_on"
                                            ),
                                            django.db.models.functions.comparison.Greatest(
                                                "starts_on", "ends_on"
                                            ),
                                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                                True, True
                                            ),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="one_convention_in_force",
                                violation_error_message="Une autre convention de cette structure couvre déjà une partie de ces dates.",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(
                                    ("state__in", ("resiliee", "abandonnee")),
                                    _negated=True,
                                ),
                                expressions=[("renews", "=")],
                                name="one_renewal_at_a_time",
                                violation_error_message="Le renouvellement de cette convention est déjà préparé\xa0: ouvrez-le depuis sa fiche.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConventionStep",
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
                            "origin",
                            models.CharField(
                                blank=True, max_length=20, verbose_name="de"
                            ),
                        ),
                        ("target", models.CharField(max_length=20, verbose_name="à")),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "note",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="précisions"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                        (
                            "convention",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="accounts.convention",
                                verbose_name="convention",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "étape d’une convention",
                        "verbose_name_plural": "étapes d’une convention",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="DetectionCursor",
                    fields=[
                        (
                            "id",
                            models.BooleanField(
                                default=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "read_until",
                            models.DateTimeField(verbose_name="lu jusqu’au"),
                        ),
                    ],
                    options={
                        "verbose_name": "curseur de la détection",
                        "verbose_name_plural": "curseur de la détection",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id", True)), name="one_cursor_only"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Ending",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("propose", "à confirmer"),
                                    ("confirme", "confirmé"),
                                    ("abandonne", "abandonné"),
                                ],
                                default="propose",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "proposed_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                editable=False,
                                verbose_name="proposé le",
                            ),
                        ),
                        (
                            "confirmed_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="confirmé le"
                            ),
                        ),
                        (
                            "origin",
                            models.CharField(
                                choices=[
                                    ("structure", "la structure (préavis d’un mois)"),
                                    (
                                        "service",
                                        "France Travail, pour les besoins du service (un mois au plus)",
                                    ),
                                    (
                                        "decision",
                                        "France Travail, une décision administrative l’empêche de fournir Opus (un mois au plus)",
                                    ),
                                    (
                                        "france_travail",
                                        "France Travail (un mois au plus)",
                                    ),
                                    ("accord", "les deux parties, d’un commun accord"),
                                    (
                                        "partenariat",
                                        "fin de la convention de partenariat",
                                    ),
                                    (
                                        "manquement",
                                        "France Travail, manquements maintenus",
                                    ),
                                ],
                                max_length=20,
                                verbose_name="à la demande de",
                            ),
                        ),
                        (
                            "motive",
                            models.CharField(
                                blank=True,
                                db_default="",
                                max_length=300,
                                verbose_name="motif",
                            ),
                        ),
                        (
                            "structure_signatory",
                            models.CharField(
                                blank=True,
                                db_default="",
                                max_length=120,
                                verbose_name="signataire de la structure",
                            ),
                        ),
                        (
                            "signed_by_structure_on",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="accord signé par la structure le",
                            ),
                        ),
                        (
                            "ft_signatory",
                            models.CharField(
                                blank=True,
                                db_default="",
                                max_length=120,
                                verbose_name="signataire de France Travail",
                            ),
                        ),
                        (
                            "signed_by_ft_on",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="accord signé par France Travail le",
                            ),
                        ),
                        (
                            "told_on",
                            models.DateField(verbose_name="lettre ou décision du"),
                        ),
                        (
                            "ends_on",
                            models.DateField(verbose_name="dernier jour d’accès"),
                        ),
                        (
                            "at_once",
                            models.BooleanField(
                                default=False,
                                verbose_name="fermer les accès dès la confirmation",
                            ),
                        ),
                        (
                            "breach",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="endings",
                                to="accounts.breach",
                                verbose_name="manquements",
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="confirmé par",
                            ),
                        ),
                        (
                            "convention",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="endings",
                                to="accounts.convention",
                                verbose_name="convention",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="proposé par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "fin anticipée",
                        "verbose_name_plural": "fins anticipées",
                        "ordering": ("-proposed_at",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "ends_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "signed_by_ft_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "signed_by_structure_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "told_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                ),
                                name="ending_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("confirmed_at__isnull", False),
                                        ("confirmed_by__isnull", False),
                                        ("state", "confirme"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "confirme"), _negated=True),
                                        ("confirmed_at", None),
                                        ("confirmed_by", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="confirmed_ending_is_signed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("confirmed_by", None),
                                    models.Q(
                                        ("confirmed_by", models.F("proposed_by")),
                                        _negated=True,
                                    ),
                                    _connector="OR",
                                ),
                                name="two_hands_on_an_ending",
                                violation_error_message="Une autre personne que celle qui propose doit confirmer\xa0: demandez-le à un collègue.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("breach__isnull", False),
                                        ("origin", "manquement"),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("origin", "manquement"), _negated=True
                                        ),
                                        ("breach", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="ending_for_breach_has_its_file",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("origin", "structure"), _negated=True),
                                    models.Q(
                                        ("at_once", False),
                                        (
                                            "ends_on__gte",
                                            accounts.agreements.models.terminations.MonthLater(
                                                models.F("told_on")
                                            ),
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_structure_gives_a_month",
                                violation_error_message="Le préavis de la structure est d’un mois à compter de sa lettre (art. 12)\xa0: choisissez un jour plus tardif.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "origin__in",
                                            (
                                                "france_travail",
                                                "service",
                                                "decision",
                                                "manquement",
                                            ),
                                        ),
                                        _negated=True,
                                    ),
                                    (
                                        "ends_on__lte",
                                        accounts.agreements.models.terminations.MonthLater(
                                            models.F("told_on")
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="france_travail_gives_a_month_at_most",
                                violation_error_message="France Travail met fin à la convention dans le mois qui suit sa décision (art. 12)\xa0: choisissez un jour plus proche.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        models.Q(
                                            models.Q(
                                                ("structure_signatory", ""),
                                                _negated=True,
                                            ),
                                            models.Q(
                                                ("ft_signatory", ""), _negated=True
                                            ),
                                        ),
                                        ("at_once", False),
                                        ("origin", "accord"),
                                        ("signed_by_ft_on__isnull", False),
                                        ("signed_by_structure_on__isnull", False),
                                        (
                                            "told_on",
                                            django.db.models.functions.comparison.Greatest(
                                                "signed_by_structure_on",
                                                "signed_by_ft_on",
                                            ),
                                        ),
                                    ),
                                    models.Q(
                                        models.Q(("origin", "accord"), _negated=True),
                                        ("ft_signatory", ""),
                                        ("signed_by_ft_on", None),
                                        ("signed_by_structure_on", None),
                                        ("structure_signatory", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="agreed_end_is_signed_by_both",
                                violation_error_message="Une fin d’un commun accord porte le nom et la date des deux signatures\xa0; elle vaut du jour de la dernière.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on__gte", models.F("told_on"))
                                ),
                                name="ending_after_its_letter",
                                violation_error_message="Le dernier jour d’accès précède la lettre ou la décision.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("origin__in", ("service", "decision")),
                                        _negated=True,
                                    ),
                                    models.Q(("motive", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="france_travail_gives_its_reason",
                                violation_error_message="France Travail donne le motif de sa décision (art. 12)\xa0: la lettre le reprend.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "propose")),
                                fields=("convention",),
                                name="one_ending_waits",
                                violation_error_message="Une fin anticipée attend déjà d’être confirmée\xa0: confirmez-la ou abandonnez-la d’abord.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["propose", "confirme", "abandonne"]),
                                    (
                                        "origin__in",
                                        [
                                            "structure",
                                            "service",
                                            "decision",
                                            "france_travail",
                                            "accord",
                                            "partenariat",
                                            "manquement",
                                        ],
                                    ),
                                ),
                                name="ending_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EndingStep",
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
                            "origin",
                            models.CharField(
                                blank=True, max_length=20, verbose_name="de"
                            ),
                        ),
                        ("target", models.CharField(max_length=20, verbose_name="à")),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "note",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="précisions"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                        (
                            "ending",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="accounts.ending",
                                verbose_name="fin anticipée",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "étape d’une fin anticipée",
                        "verbose_name_plural": "étapes d’une fin anticipée",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Export",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("attente", "en attente"),
                                    ("en_cours", "en préparation"),
                                    ("pret", "prêt"),
                                    ("echec", "échec"),
                                    ("annule", "annulé"),
                                ],
                                default="attente",
                                max_length=10,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="établi le",
                            ),
                        ),
                        (
                            "ready_at",
                            models.DateTimeField(null=True, verbose_name="prêt le"),
                        ),
                        ("content", models.BinaryField(null=True)),
                        (
                            "size",
                            models.PositiveIntegerField(
                                null=True, verbose_name="taille"
                            ),
                        ),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="essais"
                            ),
                        ),
                        (
                            "next_attempt_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="prochain essai",
                            ),
                        ),
                        (
                            "failure",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "droits",
                                        "vos droits ont changé depuis votre demande",
                                    ),
                                    (
                                        "imprimante",
                                        "l’outil d’impression manque sur le serveur",
                                    ),
                                    ("duree", "la préparation a pris trop de temps"),
                                    ("panne", "la préparation s’est arrêtée"),
                                ],
                                db_default="",
                                max_length=10,
                                verbose_name="cause de l’échec",
                            ),
                        ),
                        (
                            "expires_at",
                            models.DateTimeField(
                                default=opus.lib.background_files.in_a_day,
                                verbose_name="gardé jusqu’au",
                            ),
                        ),
                        (
                            "rows_done",
                            models.PositiveIntegerField(
                                default=0, verbose_name="lignes écrites"
                            ),
                        ),
                        (
                            "rows_total",
                            models.PositiveIntegerField(
                                null=True, verbose_name="lignes à écrire"
                            ),
                        ),
                        (
                            "what",
                            models.CharField(max_length=40, verbose_name="contenu"),
                        ),
                        (
                            "arguments",
                            models.JSONField(default=dict, verbose_name="critères"),
                        ),
                        (
                            "title",
                            models.CharField(max_length=200, verbose_name="intitulé"),
                        ),
                        (
                            "format",
                            models.CharField(
                                choices=[
                                    ("xlsx", "Classeur Excel (.xlsx)"),
                                    ("ods", "Classeur OpenDocument (.ods)"),
                                    (
                                        "csv",
                                        "Texte séparé par des points-virgules (.csv)",
                                    ),
                                ],
                                max_length=4,
                                verbose_name="format",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="exports",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "export",
                        "ordering": ("-created_at", "pk"),
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["attente", "en_cours"])
                                ),
                                fields=["next_attempt_at"],
                                name="export_waiting",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "attente",
                                            "en_cours",
                                            "pret",
                                            "echec",
                                            "annule",
                                        ],
                                    )
                                ),
                                name="export_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "pret"), _negated=True),
                                    models.Q(
                                        ("content__isnull", False),
                                        ("ready_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="export_is_ready_with_its_file",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "pret"),
                                    ("content__isnull", True),
                                    _connector="OR",
                                ),
                                name="export_keeps_no_other_file",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FactorReset",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("demandee", "demandée"),
                                    ("confirmee", "confirmée par une seconde personne"),
                                    ("faite", "faite"),
                                    ("arretee", "arrêtée"),
                                    ("perimee", "périmée"),
                                ],
                                default="demandee",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "check_done",
                            models.CharField(
                                choices=[
                                    (
                                        "piece",
                                        "En personne, au vu d’une pièce d’identité",
                                    ),
                                    (
                                        "rappel",
                                        "Par un rappel au numéro déjà connu de la structure",
                                    ),
                                    (
                                        "video",
                                        "En visioconférence, au vu d’une pièce d’identité",
                                    ),
                                ],
                                max_length=20,
                                verbose_name="vérification d’identité",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("perte", "Téléphone ou clé perdus"),
                                    ("vol", "Téléphone ou clé volés"),
                                    ("panne", "Appareil en panne ou remplacé"),
                                    ("vu", "Codes vus par quelqu’un d’autre"),
                                ],
                                max_length=20,
                                verbose_name="motif",
                            ),
                        ),
                        (
                            "four_eyes",
                            models.BooleanField(verbose_name="deux personnes"),
                        ),
                        (
                            "asked_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now,
                                verbose_name="demandée le",
                            ),
                        ),
                        (
                            "ready_at",
                            models.DateTimeField(verbose_name="possible à partir du"),
                        ),
                        ("lapses_at", models.DateTimeField(verbose_name="périmée le")),
                        (
                            "done_at",
                            models.DateTimeField(null=True, verbose_name="faite le"),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="factor_resets",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="demandée par",
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="confirmée par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "remise à zéro des seconds facteurs",
                        "verbose_name_plural": "remises à zéro des seconds facteurs",
                        "ordering": ("-asked_at",),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("state__in", ("demandee", "confirmee"))
                                ),
                                fields=("account",),
                                name="one_open_factor_reset",
                                violation_error_message="Une remise à zéro est déjà demandée.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("asked_by", models.F("account")), _negated=True
                                    ),
                                    models.Q(
                                        ("confirmed_by__isnull", True),
                                        models.Q(
                                            ("confirmed_by", models.F("account")),
                                            _negated=True,
                                        ),
                                        _connector="OR",
                                    ),
                                ),
                                name="nobody_resets_his_own_factors",
                                violation_error_message="Personne ne remet à zéro ses propres seconds facteurs.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("confirmed_by__isnull", True),
                                    models.Q(
                                        ("confirmed_by", models.F("asked_by")),
                                        _negated=True,
                                    ),
                                    _connector="OR",
                                ),
                                name="factor_reset_by_two_persons",
                                violation_error_message="Une autre personne que celle qui a demandé la remise à zéro doit la confirmer.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("four_eyes", True),
                                        ("state", "faite"),
                                        _negated=True,
                                    ),
                                    ("confirmed_by__isnull", False),
                                    _connector="OR",
                                ),
                                name="factor_reset_confirmed_before_done",
                                violation_error_message="Une seconde personne doit d’abord confirmer.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "faite"), _negated=True),
                                    models.Q(
                                        ("done_at__gte", models.F("ready_at")),
                                        ("done_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="factor_reset_after_its_notice",
                                violation_error_message="La personne est prévenue 24 heures avant.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "demandee",
                                            "confirmee",
                                            "faite",
                                            "arretee",
                                            "perimee",
                                        ],
                                    )
                                ),
                                name="factor_reset_state_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FactorResetStep",
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
                            "origin",
                            models.CharField(
                                blank=True, max_length=20, verbose_name="de"
                            ),
                        ),
                        ("target", models.CharField(max_length=20, verbose_name="à")),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "note",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="précisions"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                        (
                            "reset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="accounts.factorreset",
                                verbose_name="demande",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "étape d’une remise à zéro",
                        "verbose_name_plural": "étapes d’une remise à zéro",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="FirstAccess",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("fiche", "fiche remise par le RGC (art. 4.2)"),
                                    (
                                        "lien",
                                        "lien d’activation envoyé par courriel (art. 6)",
                                    ),
                                ],
                                default="fiche",
                                max_length=10,
                                verbose_name="remise",
                            ),
                        ),
                        (
                            "secret_hash",
                            models.CharField(
                                blank=True, editable=False, max_length=200
                            ),
                        ),
                        (
                            "nonce",
                            models.CharField(blank=True, editable=False, max_length=40),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="créé le",
                            ),
                        ),
                        (
                            "check_done",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "piece",
                                        "En personne, au vu d’une pièce d’identité",
                                    ),
                                    (
                                        "rappel",
                                        "Par un rappel au numéro déjà connu de la structure",
                                    ),
                                    (
                                        "video",
                                        "En visioconférence, au vu d’une pièce d’identité",
                                    ),
                                ],
                                db_default="",
                                default="",
                                max_length=20,
                                verbose_name="vérification d’identité",
                            ),
                        ),
                        ("expires_at", models.DateTimeField(verbose_name="expire le")),
                        (
                            "used_at",
                            models.DateTimeField(null=True, verbose_name="utilisé le"),
                        ),
                        (
                            "revoked_at",
                            models.DateTimeField(null=True, verbose_name="remplacé le"),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="first_accesses",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "premier accès",
                        "verbose_name_plural": "premiers accès",
                        "ordering": ("-created_at",),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("revoked_at__isnull", True),
                                    ("used_at__isnull", True),
                                ),
                                fields=("account",),
                                name="one_open_first_access",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind", "fiche"),
                                        ("nonce", ""),
                                        models.Q(("secret_hash", ""), _negated=True),
                                    ),
                                    models.Q(
                                        ("kind", "lien"),
                                        ("secret_hash", ""),
                                        models.Q(("nonce", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="first_access_has_its_secret",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Leave",
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
                            "starts_on",
                            models.DateField(verbose_name="premier jour d’absence"),
                        ),
                        (
                            "ends_on",
                            models.DateField(verbose_name="dernier jour d’absence"),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="enregistrée le",
                            ),
                        ),
                        (
                            "cancelled_at",
                            models.DateTimeField(null=True, verbose_name="annulée le"),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="leaves",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                        (
                            "cancelled_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="annulée par",
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "absence annoncée",
                        "verbose_name_plural": "absences annoncées",
                        "ordering": ("-starts_on",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "ends_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "starts_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                ),
                                name="leave_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on__gte", models.F("starts_on"))
                                ),
                                name="leave_ends_after_it_starts",
                                violation_error_message="Le dernier jour d’absence précède le premier.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("cancelled_at__isnull", True),
                                        ("cancelled_by__isnull", True),
                                    ),
                                    models.Q(
                                        ("cancelled_at__isnull", False),
                                        ("cancelled_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="leave_is_cancelled_by_somebody",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("cancelled_at__isnull", True)),
                                expressions=[
                                    ("account", "="),
                                    (
                                        opus.lib.dates.DateRange(
                                            django.db.models.functions.comparison.Least(
                                                "starts_on", "ends_on"
                                            ),
                                            django.db.models.functions.comparison.Greatest(
                                                "starts_on", "ends_on"
                                            ),
                                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                                True, True
                                            ),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="one_leave_at_a_time",
                                violation_error_message="Une autre absence est déjà enregistrée sur une partie de ces dates : annulez-la d’abord.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ModelText",
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
                            "version",
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                help_text="Par exemple 2026-1. Le document d’une convention la porte.",
                                max_length=20,
                                unique=True,
                                verbose_name="version",
                            ),
                        ),
                        (
                            "legal_basis",
                            models.TextField(
                                help_text="Les textes que la convention vise, un par ligne, sans «\xa0Vu\xa0»\xa0: Opus l’écrit, et ajoute la convention de partenariat.",
                                max_length=6000,
                                validators=[
                                    accounts.agreements.models.articles.validate_names
                                ],
                                verbose_name="visas",
                            ),
                        ),
                        (
                            "text",
                            models.TextField(
                                help_text="Un titre par ligne\xa0: «\xa0Article 4\xa0: Accès\xa0», «\xa04.1 Désignation du RGC\xa0». Une ligne vide sépare deux paragraphes, un tiret commence un point. Ce qui précède l’article 1 est le préambule. Opus remplace [structure], [agence], [responsable du suivi], [correspondant France Travail], [nombre de comptes], [convention de partenariat], [date d’effet], [date de fin], et ajoute les parties, les signatures et les deux annexes.",
                                max_length=60000,
                                validators=[
                                    accounts.agreements.models.articles.validate_names,
                                    accounts.agreements.models.articles.validate_articles,
                                ],
                                verbose_name="texte",
                            ),
                        ),
                        (
                            "published_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="publiée le"
                            ),
                        ),
                        (
                            "published_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="publiée par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "texte modèle",
                        "verbose_name_plural": "textes modèles",
                        "ordering": ("-pk",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("published_at", None), ("published_by", None)
                                    ),
                                    models.Q(
                                        ("published_at__isnull", False),
                                        ("published_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="published_text_is_signed",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgreementDocument",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("attente", "en attente"),
                                    ("en_cours", "en préparation"),
                                    ("pret", "prêt"),
                                    ("echec", "échec"),
                                    ("annule", "annulé"),
                                ],
                                default="attente",
                                max_length=10,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="établi le",
                            ),
                        ),
                        (
                            "ready_at",
                            models.DateTimeField(null=True, verbose_name="prêt le"),
                        ),
                        ("content", models.BinaryField(null=True)),
                        (
                            "size",
                            models.PositiveIntegerField(
                                null=True, verbose_name="taille"
                            ),
                        ),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="essais"
                            ),
                        ),
                        (
                            "next_attempt_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="prochain essai",
                            ),
                        ),
                        (
                            "failure",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "droits",
                                        "vos droits ont changé depuis votre demande",
                                    ),
                                    (
                                        "imprimante",
                                        "l’outil d’impression manque sur le serveur",
                                    ),
                                    ("duree", "la préparation a pris trop de temps"),
                                    ("panne", "la préparation s’est arrêtée"),
                                ],
                                db_default="",
                                max_length=10,
                                verbose_name="cause de l’échec",
                            ),
                        ),
                        ("html", models.TextField(editable=False)),
                        (
                            "html_sha256",
                            models.CharField(
                                editable=False, max_length=64, verbose_name="empreinte"
                            ),
                        ),
                        (
                            "is_final",
                            models.BooleanField(
                                default=False, verbose_name="telle que signée"
                            ),
                        ),
                        (
                            "convention",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="document",
                                to="accounts.convention",
                                verbose_name="convention",
                            ),
                        ),
                        (
                            "model_text",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.modeltext",
                                verbose_name="texte modèle",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "document d’une convention",
                        "verbose_name_plural": "documents de conventions",
                        "ordering": ("-created_at", "pk"),
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["attente", "en_cours"])
                                ),
                                fields=["next_attempt_at"],
                                name="agreementdocument_waiting",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "attente",
                                            "en_cours",
                                            "pret",
                                            "echec",
                                            "annule",
                                        ],
                                    )
                                ),
                                name="agreementdocument_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "pret"), _negated=True),
                                    models.Q(
                                        ("content__isnull", False),
                                        ("ready_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="agreementdocument_is_ready_with_its_file",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Nomination",
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
                            "version",
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("propose", "proposé"),
                                    ("accepte", "accepté"),
                                    ("refuse", "refusé"),
                                    ("abandonne", "proposition abandonnée"),
                                    ("en_fonction", "en fonction"),
                                    ("retire", "agrément retiré"),
                                    ("parti", "parti"),
                                    ("absent", "absent plus de trois mois"),
                                    ("fini", "fin de la convention"),
                                ],
                                default="propose",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "first_name",
                            models.CharField(max_length=60, verbose_name="prénom"),
                        ),
                        (
                            "last_name",
                            models.CharField(max_length=60, verbose_name="nom"),
                        ),
                        (
                            "email",
                            models.EmailField(
                                blank=True,
                                max_length=254,
                                verbose_name="courriel professionnel",
                            ),
                        ),
                        (
                            "function",
                            models.CharField(max_length=80, verbose_name="fonction"),
                        ),
                        (
                            "is_permanent_staff",
                            models.BooleanField(
                                default=False,
                                verbose_name="fait partie du personnel permanent de la structure",
                            ),
                        ),
                        (
                            "has_responsibility",
                            models.BooleanField(
                                default=False,
                                verbose_name="a une responsabilité opérationnelle sur les utilisateurs",
                            ),
                        ),
                        (
                            "proposed_on",
                            models.DateField(verbose_name="lettre de la structure du"),
                        ),
                        (
                            "proposal_reference",
                            models.CharField(
                                max_length=60, verbose_name="référence de la lettre"
                            ),
                        ),
                        (
                            "opinion",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("favorable", "favorable"),
                                    ("defavorable", "défavorable"),
                                ],
                                max_length=12,
                                verbose_name="avis du directeur de site",
                            ),
                        ),
                        (
                            "opinion_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="avis donné le"
                            ),
                        ),
                        (
                            "opinion_by",
                            models.CharField(
                                blank=True,
                                max_length=120,
                                verbose_name="avis donné par",
                            ),
                        ),
                        (
                            "decided_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="décision du"
                            ),
                        ),
                        (
                            "decision_by",
                            models.CharField(
                                blank=True,
                                help_text="Nom et fonction du directeur territorial.",
                                max_length=120,
                                verbose_name="décision prise par",
                            ),
                        ),
                        (
                            "decision_reference",
                            models.CharField(
                                blank=True,
                                max_length=60,
                                verbose_name="référence de la décision",
                            ),
                        ),
                        (
                            "refusal_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "non_permanent",
                                        "ne fait pas partie du personnel permanent de la structure",
                                    ),
                                    (
                                        "sans_responsabilite",
                                        "n’a pas de responsabilité opérationnelle sur les utilisateurs",
                                    ),
                                    (
                                        "fonction",
                                        "fonction incompatible avec la gestion des comptes",
                                    ),
                                    ("dossier", "proposition incomplète"),
                                    (
                                        "manquement",
                                        "manquement antérieur aux règles d’utilisation d’Opus",
                                    ),
                                ],
                                max_length=20,
                                verbose_name="motif du refus",
                            ),
                        ),
                        (
                            "notified_on",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="accord notifié à la structure le",
                            ),
                        ),
                        (
                            "validated_on",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="changement validé le",
                            ),
                        ),
                        (
                            "validation_by",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                help_text="Nom et fonction du directeur régional.",
                                max_length=120,
                                verbose_name="changement validé par",
                            ),
                        ),
                        (
                            "validation_reference",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                max_length=60,
                                verbose_name="référence de la validation",
                            ),
                        ),
                        (
                            "copy_given_on",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="copie de la convention remise le",
                            ),
                        ),
                        (
                            "copy_channel",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("main", "en main propre"),
                                    ("courriel", "par courriel"),
                                    ("courrier", "par courrier"),
                                ],
                                max_length=10,
                                verbose_name="remise",
                            ),
                        ),
                        (
                            "office_on",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="en fonction depuis le",
                            ),
                        ),
                        (
                            "withdrawal_opinion",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("favorable", "favorable"),
                                    ("defavorable", "défavorable"),
                                ],
                                max_length=12,
                                verbose_name="avis sur le retrait",
                            ),
                        ),
                        (
                            "withdrawal_director",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("dt", "directeur territorial"),
                                    ("site", "directeur de site"),
                                ],
                                max_length=10,
                                verbose_name="avis du",
                            ),
                        ),
                        (
                            "withdrawal_opinion_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="avis donné le"
                            ),
                        ),
                        (
                            "withdrawal_opinion_by",
                            models.CharField(
                                blank=True,
                                max_length=120,
                                verbose_name="avis donné par",
                            ),
                        ),
                        (
                            "withdrawal_by",
                            models.CharField(
                                blank=True,
                                help_text="Nom et fonction du directeur régional.",
                                max_length=120,
                                verbose_name="retrait décidé par",
                            ),
                        ),
                        (
                            "withdrawal_reference",
                            models.CharField(
                                blank=True,
                                max_length=60,
                                verbose_name="référence du retrait",
                            ),
                        ),
                        (
                            "withdrawal_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "manquement",
                                        "manquement aux règles d’utilisation d’Opus (art. 5.1 et 9)",
                                    ),
                                    (
                                        "comptes",
                                        "comptes laissés ouverts après un départ (art. 4.2)",
                                    ),
                                    (
                                        "fonction",
                                        "n’a plus de responsabilité opérationnelle (art. 4.1)",
                                    ),
                                ],
                                max_length=20,
                                verbose_name="motif du retrait",
                            ),
                        ),
                        (
                            "end_announced_as",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("parti", "départ"),
                                    ("absent", "absence de plus de trois mois"),
                                ],
                                db_default="",
                                default="",
                                max_length=10,
                                verbose_name="fin annoncée",
                            ),
                        ),
                        (
                            "end_announced_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="fin annoncée au"
                            ),
                        ),
                        (
                            "ended_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="fin de fonction le"
                            ),
                        ),
                        (
                            "vacancy_letter_on",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="lettre de vacance du",
                            ),
                        ),
                        (
                            "vacancy_letter_reference",
                            models.CharField(
                                blank=True,
                                max_length=60,
                                verbose_name="référence de la lettre de vacance",
                            ),
                        ),
                        (
                            "accepted_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="accord enregistré par",
                            ),
                        ),
                        (
                            "convention",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="nominations",
                                to="accounts.convention",
                                verbose_name="convention",
                            ),
                        ),
                        (
                            "end_announced_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="fin annoncée, enregistrée par",
                            ),
                        ),
                        (
                            "office_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="mise en fonction par",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="nominations",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                        (
                            "previous",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="following",
                                to="accounts.nomination",
                                verbose_name="fait suite à",
                            ),
                        ),
                        (
                            "validated_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="validation notée par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "nomination de RGC",
                        "verbose_name_plural": "nominations de RGC",
                        "ordering": ("-proposed_on", "-pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "first_name__regex",
                                            "[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ue000-\\uf8ff\\ufeff\\ufff9-\\ufffb]",
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(
                                        (
                                            "last_name__regex",
                                            "[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ue000-\\uf8ff\\ufeff\\ufff9-\\ufffb]",
                                        ),
                                        _negated=True,
                                    ),
                                ),
                                name="rgc_name_shows_whole",
                                violation_error_message="Ce nom contient un signe qui ne se voit pas\xa0: retapez-le.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "copy_given_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "decided_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "end_announced_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "ended_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "notified_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "office_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "opinion_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "proposed_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "vacancy_letter_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "validated_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "withdrawal_opinion_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                ),
                                name="nomination_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "en_fonction")),
                                fields=("convention",),
                                name="one_rgc_in_office",
                                violation_error_message="Cette convention a déjà un RGC en fonction : enregistrez d’abord son départ.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("state__in", ("propose", "accepte"))
                                ),
                                fields=("convention",),
                                name="one_proposal_under_way",
                                violation_error_message="Une autre personne est déjà proposée pour cette convention\xa0: menez d’abord sa nomination à son terme, ou enregistrez l’abandon de la proposition.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("opinion_on", None),
                                        ("opinion_on__gte", models.F("proposed_on")),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("copy_given_on", None),
                                        ("copy_given_on__gte", models.F("proposed_on")),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("office_on", None),
                                        ("office_on__gte", models.F("proposed_on")),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("withdrawal_opinion_on", None),
                                        (
                                            "withdrawal_opinion_on__gte",
                                            models.F("proposed_on"),
                                        ),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("vacancy_letter_on", None),
                                        (
                                            "vacancy_letter_on__gte",
                                            models.F("proposed_on"),
                                        ),
                                        _connector="OR",
                                    ),
                                ),
                                name="nomination_follows_its_letter",
                                violation_error_message="Aucune date d’une nomination ne précède la lettre de la structure.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "propose",
                                            "accepte",
                                            "refuse",
                                            "abandonne",
                                            "en_fonction",
                                            "retire",
                                            "parti",
                                            "absent",
                                            "fini",
                                        ],
                                    )
                                ),
                                name="nomination_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("has_responsibility", True),
                                    ("is_permanent_staff", True),
                                ),
                                name="rgc_is_permanent_and_responsible",
                                violation_error_message="Le RGC fait partie du personnel permanent de la structure et a une responsabilité opérationnelle sur les utilisateurs (art. 4.1).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state__in", ("propose", "accepte")),
                                        _negated=True,
                                    ),
                                    ("person__isnull", False),
                                    models.Q(("email", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="proposed_rgc_can_be_written_to",
                                violation_error_message="Indiquez l’adresse de courriel de la personne\xa0: elle y recevra son identifiant (art. 6).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["propose", "abandonne"]),
                                    models.Q(
                                        ("decided_on__gte", models.F("proposed_on")),
                                        ("decided_on__isnull", False),
                                        models.Q(("decision_by", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="rgc_decided_in_writing",
                                violation_error_message="La décision du directeur territorial porte une date et un nom, et ne précède pas la proposition (art. 4.1).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("notified_on", None),
                                    models.Q(
                                        ("decided_on__isnull", False),
                                        ("notified_on__gte", models.F("decided_on")),
                                    ),
                                    _connector="OR",
                                ),
                                name="rgc_notified_after_the_agreement",
                                violation_error_message="La notification ne précède pas l’accord du directeur territorial (art. 4.1).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("office_on", None),
                                    ("validated_on__isnull", False),
                                    models.Q(
                                        ("notified_on__isnull", False),
                                        ("notified_on__lte", models.F("office_on")),
                                    ),
                                    _connector="OR",
                                ),
                                name="rgc_notified_before_the_office",
                                violation_error_message="L’accord sur cette personne n’est pas notifié à la structure (art. 4.1)\xa0: notez d’abord le jour de cette notification.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "refuse"),
                                    ("refusal_reason", ""),
                                    _connector="XOR",
                                ),
                                name="rgc_refused_with_a_reason",
                                violation_error_message="Un refus porte son motif (art. 4.1).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "state__in",
                                            ["en_fonction", "parti", "absent"],
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(
                                        ("office_on__isnull", False),
                                        ("person__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="rgc_in_office_has_an_account",
                                violation_error_message="Fournissez d’abord le compte de la personne.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "en_fonction"), _negated=True),
                                    models.Q(
                                        ("accepted_by__isnull", False),
                                        ("office_by__isnull", False),
                                        models.Q(
                                            ("office_by", models.F("accepted_by")),
                                            _negated=True,
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="rgc_appointed_by_two",
                                violation_error_message="La personne qui a enregistré l’accord ne peut pas mettre elle-même en fonction\xa0: demandez à un autre administrateur.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_on__isnull", False),
                                        (
                                            "state__in",
                                            ("retire", "parti", "absent", "fini"),
                                        ),
                                    ),
                                    models.Q(
                                        models.Q(
                                            (
                                                "state__in",
                                                ("retire", "parti", "absent", "fini"),
                                            ),
                                            _negated=True,
                                        ),
                                        ("ended_on", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="rgc_office_ends_on_a_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_on", None),
                                    ("office_on", None),
                                    ("ended_on__gte", models.F("office_on")),
                                    _connector="OR",
                                ),
                                name="rgc_office_ends_after_it_began",
                                violation_error_message="La fin de fonction ne peut pas précéder la mise en fonction.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("end_announced_as", ""),
                                        ("end_announced_by__isnull", True),
                                        ("end_announced_on__isnull", True),
                                    ),
                                    models.Q(
                                        ("end_announced_as__in", ["parti", "absent"]),
                                        ("end_announced_by__isnull", False),
                                        (
                                            "end_announced_on__gte",
                                            models.F("office_on"),
                                        ),
                                        ("end_announced_on__isnull", False),
                                        ("office_on__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="rgc_end_announced_whole",
                                violation_error_message="Une fin annoncée dit comment, quel jour, et ne précède pas la mise en fonction.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "retire"), _negated=True),
                                    models.Q(
                                        models.Q(("withdrawal_by", ""), _negated=True),
                                        models.Q(
                                            ("withdrawal_reason", ""), _negated=True
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="rgc_withdrawn_with_a_reason",
                                violation_error_message="Un retrait porte le nom du directeur régional et son motif (art. 4.3).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("validated_by", None),
                                        ("validated_on", None),
                                        ("validation_by", ""),
                                        ("validation_reference", ""),
                                    ),
                                    models.Q(
                                        ("decided_on__isnull", False),
                                        ("validated_by__isnull", False),
                                        ("validated_on__gte", models.F("decided_on")),
                                        models.Q(("validation_by", ""), _negated=True),
                                        models.Q(
                                            ("validation_reference", ""), _negated=True
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="rgc_change_validated_whole",
                                violation_error_message="La validation d’un changement de RGC porte une date, un nom et une référence, et ne précède pas l’accord (art. 4.3).",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Letter",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("attente", "en attente"),
                                    ("en_cours", "en préparation"),
                                    ("pret", "prêt"),
                                    ("echec", "échec"),
                                    ("annule", "annulé"),
                                ],
                                default="attente",
                                max_length=10,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="établi le",
                            ),
                        ),
                        (
                            "ready_at",
                            models.DateTimeField(null=True, verbose_name="prêt le"),
                        ),
                        ("content", models.BinaryField(null=True)),
                        (
                            "size",
                            models.PositiveIntegerField(
                                null=True, verbose_name="taille"
                            ),
                        ),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="essais"
                            ),
                        ),
                        (
                            "next_attempt_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="prochain essai",
                            ),
                        ),
                        (
                            "failure",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "droits",
                                        "vos droits ont changé depuis votre demande",
                                    ),
                                    (
                                        "imprimante",
                                        "l’outil d’impression manque sur le serveur",
                                    ),
                                    ("duree", "la préparation a pris trop de temps"),
                                    ("panne", "la préparation s’est arrêtée"),
                                ],
                                db_default="",
                                max_length=10,
                                verbose_name="cause de l’échec",
                            ),
                        ),
                        ("html", models.TextField(editable=False)),
                        (
                            "html_sha256",
                            models.CharField(
                                editable=False, max_length=64, verbose_name="empreinte"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    (
                                        "preavis",
                                        "préavis de fin de convention (art. 12)",
                                    ),
                                    ("manquements", "manquements notifiés (art. 12)"),
                                    ("maintien", "décision maintenue (art. 12)"),
                                    ("levee", "procédure abandonnée (art. 12)"),
                                    ("resiliation", "résiliation (art. 12)"),
                                    ("fin_accord", "fin d’un commun accord"),
                                    ("avenant", "avenant (art. 5.2)"),
                                    ("rgc_accord", "accord sur le RGC (art. 4.1)"),
                                    ("rgc_refus", "refus du RGC (art. 4.1)"),
                                    (
                                        "rgc_changement",
                                        "changement de RGC validé (art. 4.3)",
                                    ),
                                    (
                                        "rgc_retrait",
                                        "retrait de l’agrément du RGC (art. 4.3)",
                                    ),
                                    ("rgc_vacance", "poste de RGC vacant (art. 4.3)"),
                                ],
                                max_length=20,
                                verbose_name="objet",
                            ),
                        ),
                        (
                            "rank",
                            models.PositiveSmallIntegerField(
                                editable=False, verbose_name="rang"
                            ),
                        ),
                        (
                            "addressee",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=120),
                                editable=False,
                                verbose_name="destinataire",
                            ),
                        ),
                        (
                            "carrier",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "laposte",
                                        "La Poste (13 caractères, par exemple RK 123 456 785 FR)",
                                    ),
                                    (
                                        "autre",
                                        "autre format (recommandé électronique, autre opérateur)",
                                    ),
                                ],
                                max_length=10,
                                verbose_name="format du numéro",
                            ),
                        ),
                        (
                            "registered_number",
                            models.CharField(
                                blank=True,
                                max_length=30,
                                verbose_name="n°\xa0de recommandé",
                            ),
                        ),
                        (
                            "posted_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="postée le"
                            ),
                        ),
                        (
                            "received_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="présentée le"
                            ),
                        ),
                        (
                            "amendment",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="letters",
                                to="accounts.amendment",
                                verbose_name="avenant",
                            ),
                        ),
                        (
                            "breach",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="letters",
                                to="accounts.breach",
                                verbose_name="manquements",
                            ),
                        ),
                        (
                            "convention",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="letters",
                                to="accounts.convention",
                                verbose_name="convention",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="préparée par",
                            ),
                        ),
                        (
                            "nomination",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="letters",
                                to="accounts.nomination",
                                verbose_name="nomination",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "lettre",
                        "ordering": ("-created_at", "pk"),
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["attente", "en_cours"])
                                ),
                                fields=["next_attempt_at"],
                                name="letter_waiting",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "attente",
                                            "en_cours",
                                            "pret",
                                            "echec",
                                            "annule",
                                        ],
                                    )
                                ),
                                name="letter_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "pret"), _negated=True),
                                    models.Q(
                                        ("content__isnull", False),
                                        ("ready_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="letter_is_ready_with_its_file",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "posted_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "received_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                ),
                                name="letter_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.UniqueConstraint(
                                fields=("convention", "rank"), name="one_letter_by_rank"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("registered_number", ""), _negated=True
                                ),
                                fields=("registered_number",),
                                name="one_letter_by_registered_number",
                                violation_error_message="Ce numéro de recommandé est déjà celui d’une autre lettre\xa0: vérifiez le bordereau.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("carrier", ""),
                                        ("posted_on", None),
                                        ("registered_number", ""),
                                    ),
                                    models.Q(
                                        ("carrier__in", ["laposte", "autre"]),
                                        ("posted_on__isnull", False),
                                        models.Q(
                                            ("registered_number", ""), _negated=True
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="posted_letter_has_its_number",
                                violation_error_message="Une lettre postée porte sa date et son numéro de recommandé.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("received_on", None),
                                    ("received_on__gte", models.F("posted_on")),
                                    _connector="OR",
                                ),
                                name="letter_received_after_it_is_posted",
                                violation_error_message="La lettre ne peut pas être présentée avant d’être postée.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("carrier", "laposte"), _negated=True),
                                    (
                                        "registered_number__regex",
                                        "^[A-Z]{2}\\d{9}[A-Z]{2}$",
                                    ),
                                    _connector="OR",
                                ),
                                name="registered_number_of_la_poste",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "preavis",
                                            "manquements",
                                            "maintien",
                                            "levee",
                                            "resiliation",
                                            "fin_accord",
                                            "avenant",
                                            "rgc_accord",
                                            "rgc_refus",
                                            "rgc_changement",
                                            "rgc_retrait",
                                            "rgc_vacance",
                                        ],
                                    )
                                ),
                                name="letter_kind_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NominationStep",
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
                            "origin",
                            models.CharField(
                                blank=True, max_length=20, verbose_name="de"
                            ),
                        ),
                        ("target", models.CharField(max_length=20, verbose_name="à")),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "note",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="précisions"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                        (
                            "nomination",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="accounts.nomination",
                                verbose_name="nomination",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "étape d’une nomination",
                        "verbose_name_plural": "étapes d’une nomination",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="OpenSession",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "key_hash",
                            models.CharField(
                                editable=False, max_length=40, unique=True
                            ),
                        ),
                        ("stamp", models.CharField(editable=False, max_length=64)),
                        ("device", models.CharField(editable=False, max_length=64)),
                        (
                            "browser",
                            models.CharField(max_length=60, verbose_name="navigateur"),
                        ),
                        (
                            "network",
                            models.CharField(
                                blank=True, max_length=43, verbose_name="réseau"
                            ),
                        ),
                        ("began_at", models.DateTimeField(verbose_name="ouverte le")),
                        (
                            "seen_at",
                            models.DateTimeField(verbose_name="dernière utilisation"),
                        ),
                        (
                            "ended_at",
                            models.DateTimeField(null=True, verbose_name="fermée le"),
                        ),
                        (
                            "how",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("deconnexion", "déconnexion"),
                                    ("delai", "délai dépassé"),
                                    (
                                        "remplacee",
                                        "nouvelle connexion sur le même appareil",
                                    ),
                                    ("plafond", "plus de deux sessions à la fois"),
                                    ("fermee", "fermée par le titulaire"),
                                    ("france_travail", "fermée par France Travail"),
                                    (
                                        "coupee",
                                        "mot de passe, second facteur ou compte changé",
                                    ),
                                ],
                                max_length=20,
                                verbose_name="fin",
                            ),
                        ),
                        (
                            "last_form",
                            models.CharField(
                                blank=True, db_default="", editable=False, max_length=64
                            ),
                        ),
                        (
                            "last_answer",
                            models.CharField(
                                blank=True,
                                db_default="",
                                editable=False,
                                max_length=2000,
                            ),
                        ),
                        (
                            "last_form_at",
                            models.DateTimeField(editable=False, null=True),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="open_sessions",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "session",
                        "verbose_name_plural": "sessions",
                        "ordering": ("-seen_at",),
                        "indexes": [
                            models.Index(
                                fields=["account", "device"], name="session_of_device"
                            ),
                            models.Index(fields=["seen_at"], name="session_last_use"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at__isnull", True), ("how", "")),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        (
                                            "how__in",
                                            [
                                                "deconnexion",
                                                "delai",
                                                "remplacee",
                                                "plafond",
                                                "fermee",
                                                "france_travail",
                                                "coupee",
                                            ],
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="ended_session_says_how",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Partnership",
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
                            "version",
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "number",
                            models.CharField(
                                max_length=40, unique=True, verbose_name="numéro"
                            ),
                        ),
                        (
                            "partner",
                            models.CharField(
                                help_text="Par exemple l’union départementale des CCAS, ou la structure.",
                                max_length=120,
                                verbose_name="partenaire ou réseau",
                            ),
                        ),
                        (
                            "signed_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="signée le"
                            ),
                        ),
                        ("ends_on", models.DateField(verbose_name="prend fin le")),
                    ],
                    options={
                        "verbose_name": "convention de partenariat",
                        "verbose_name_plural": "conventions de partenariat",
                        "ordering": ("-ends_on", "number"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "ends_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "signed_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                ),
                                name="partnership_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("signed_on", None),
                                    ("signed_on__lte", models.F("ends_on")),
                                    _connector="OR",
                                ),
                                name="partnership_signed_before_it_ends",
                                violation_error_message="La convention de partenariat prend fin avant sa signature\xa0: vérifiez les deux dates.",
                            ),
                            models.UniqueConstraint(
                                fields=("id", "ends_on"),
                                name="partnership_with_its_end",
                            ),
                        ],
                    },
                ),
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
                                default=False,
                                editable=False,
                                verbose_name="backup eligible",
                            ),
                        ),
                        (
                            "backup_state",
                            models.BooleanField(
                                default=False,
                                editable=False,
                                verbose_name="backup state",
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
                        (
                            "name",
                            models.CharField(
                                help_text="The human-readable name of this device.",
                                max_length=64,
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
                    ],
                    options={
                        "verbose_name": "clé d’accès",
                        "verbose_name_plural": "clés d’accès",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "name"),
                                name="one_passkey_by_that_name",
                                violation_error_message="Vous avez déjà une clé d’accès de ce nom.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProvedNetwork",
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
                            "network",
                            models.CharField(
                                blank=True, max_length=43, verbose_name="réseau"
                            ),
                        ),
                        (
                            "proved_at",
                            models.DateTimeField(
                                verbose_name="second facteur donné le"
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="proved_networks",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "réseau habituel",
                        "verbose_name_plural": "réseaux habituels",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("account", "network"),
                                name="one_row_for_each_network",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReviewMeeting",
                    fields=[
                        (
                            "version",
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "held_on",
                            models.DateField(
                                help_text="Un jour à venir pour une réunion prévue.",
                                verbose_name="date",
                            ),
                        ),
                        (
                            "attended",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("rgc", "RGC de la structure"),
                                        ("direction", "direction de la structure"),
                                        ("conseillers", "conseillers de la structure"),
                                        (
                                            "agence",
                                            "direction de l’agence France Travail",
                                        ),
                                        (
                                            "correspondant",
                                            "correspondant France Travail de la convention",
                                        ),
                                        (
                                            "territoire",
                                            "direction territoriale ou régionale France Travail",
                                        ),
                                    ],
                                    max_length=20,
                                ),
                                blank=True,
                                default=list,
                                verbose_name="présents",
                            ),
                        ),
                        (
                            "minutes",
                            models.TextField(
                                blank=True, max_length=4000, verbose_name="compte rendu"
                            ),
                        ),
                        (
                            "minutes_file",
                            models.BinaryField(
                                blank=True, null=True, verbose_name="compte rendu (PDF)"
                            ),
                        ),
                        (
                            "has_file",
                            models.GeneratedField(
                                db_persist=True,
                                expression=models.ExpressionWrapper(
                                    models.Q(("minutes_file__isnull", False)),
                                    output_field=models.BooleanField(),
                                ),
                                output_field=models.BooleanField(),
                            ),
                        ),
                        (
                            "decisions",
                            models.TextField(
                                blank=True, max_length=2000, verbose_name="décisions"
                            ),
                        ),
                        (
                            "follow_up",
                            models.TextField(
                                blank=True,
                                max_length=2000,
                                verbose_name="suites des décisions",
                            ),
                        ),
                        (
                            "reply",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("accord", "compte rendu validé"),
                                    ("remarque", "remarque du RGC"),
                                ],
                                editable=False,
                                max_length=20,
                                verbose_name="réponse du RGC",
                            ),
                        ),
                        (
                            "remark",
                            models.TextField(
                                blank=True,
                                editable=False,
                                max_length=1000,
                                verbose_name="remarque",
                            ),
                        ),
                        (
                            "replied_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="répondu le"
                            ),
                        ),
                        (
                            "convention",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="review_meetings",
                                to="accounts.convention",
                                verbose_name="convention",
                            ),
                        ),
                        (
                            "replied_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "réunion de suivi",
                        "verbose_name_plural": "réunions de suivi",
                        "ordering": ("-held_on", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "held_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    )
                                ),
                                name="meeting_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.UniqueConstraint(
                                fields=("convention", "held_on"),
                                name="one_meeting_that_day",
                                violation_error_message="Une réunion est déjà inscrite ce jour-là pour cette convention.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "attended__overlap",
                                            ["rgc", "direction", "conseillers"],
                                        ),
                                        (
                                            "attended__overlap",
                                            ["agence", "correspondant", "territoire"],
                                        ),
                                    ),
                                    models.Q(
                                        ("attended", []),
                                        ("decisions", ""),
                                        ("minutes", ""),
                                        ("minutes_file", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="both_parties_were_there",
                                violation_error_message="Une réunion de suivi réunit les deux parties (art. 11)\xa0: cochez au moins une fonction de la structure et une de France Travail.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("remark", ""),
                                        ("replied_at", None),
                                        ("replied_by", None),
                                        ("reply", ""),
                                    ),
                                    models.Q(
                                        ("replied_at__isnull", False),
                                        ("replied_by__isnull", False),
                                        models.Q(
                                            models.Q(
                                                ("remark", ""), ("reply", "accord")
                                            ),
                                            ("reply", "remarque"),
                                            _connector="OR",
                                        ),
                                        models.Q(
                                            models.Q(("minutes", ""), _negated=True),
                                            ("minutes_file__isnull", False),
                                            _connector="OR",
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="reply_is_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("reply", "remarque"), _negated=True),
                                    models.Q(("remark", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="remark_has_its_words",
                                violation_error_message="Écrivez votre remarque.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SecurityEvent",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("adresse", "adresse de courriel changée"),
                                    ("facteur_ajoute", "second facteur ajouté"),
                                    ("facteur_supprime", "second facteur supprimé"),
                                    ("codes", "codes de secours renouvelés"),
                                    ("remise_a_zero", "seconds facteurs remis à zéro"),
                                    ("premier_acces", "nouveau premier accès préparé"),
                                    ("mot_de_passe", "mot de passe changé"),
                                    (
                                        "lien",
                                        "lien pour changer de mot de passe demandé",
                                    ),
                                ],
                                max_length=20,
                                verbose_name="nature",
                            ),
                        ),
                        (
                            "at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="le"
                            ),
                        ),
                        (
                            "stopped_at",
                            models.DateTimeField(
                                null=True, verbose_name="arrêté par le titulaire le"
                            ),
                        ),
                        (
                            "settled_at",
                            models.DateTimeField(
                                null=True, verbose_name="compte réactivé le"
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="security_events",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                        (
                            "address_change",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="accounts.addresschange",
                                verbose_name="changement d’adresse",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "changement d’accès",
                        "verbose_name_plural": "changements d’accès",
                        "ordering": ("at", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "adresse",
                                            "facteur_ajoute",
                                            "facteur_supprime",
                                            "codes",
                                            "remise_a_zero",
                                            "premier_acces",
                                            "mot_de_passe",
                                            "lien",
                                        ],
                                    )
                                ),
                                name="security_event_kind_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind", "adresse"),
                                    ("address_change__isnull", True),
                                    _connector="OR",
                                ),
                                name="security_event_has_its_address_change",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("settled_at__isnull", True),
                                    ("stopped_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="security_event_settled_after_its_stop",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SignedCopy",
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
                            "content",
                            models.BinaryField(verbose_name="exemplaire signé (PDF)"),
                        ),
                        (
                            "sha256",
                            models.CharField(
                                editable=False, max_length=64, verbose_name="empreinte"
                            ),
                        ),
                        (
                            "added_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                editable=False,
                                verbose_name="ajouté le",
                            ),
                        ),
                        (
                            "added_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="ajouté par",
                            ),
                        ),
                        (
                            "convention",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signed_copy",
                                to="accounts.convention",
                                verbose_name="convention",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "exemplaire signé",
                        "verbose_name_plural": "exemplaires signés",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("content", b""),
                                    (
                                        "sha256",
                                        accounts.agreements.models.articles.Sha256(
                                            models.F("content")
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="signed_copy_has_its_digest",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Structure",
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
                            "version",
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="nom")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("mission_locale", "mission locale"),
                                    ("ccas", "CCAS ou CIAS"),
                                    ("plie", "PLIE"),
                                    ("cap_emploi", "Cap emploi"),
                                    ("departement", "conseil départemental"),
                                    ("association", "association"),
                                    ("autre", "autre"),
                                ],
                                max_length=20,
                                verbose_name="nature",
                            ),
                        ),
                        (
                            "siret",
                            models.CharField(
                                max_length=14,
                                unique=True,
                                validators=[opus.lib.forms.fields.validate_siret],
                                verbose_name="SIRET",
                            ),
                        ),
                        (
                            "sender_name",
                            models.CharField(
                                help_text="Ligne imprimée sur les documents remis aux candidats. Elle ne dit pas la nature de la structure.",
                                max_length=80,
                                validators=[
                                    accounts.structures.models.validate_sender_name
                                ],
                                verbose_name="nom d’expéditeur",
                            ),
                        ),
                        (
                            "identifier_prefix",
                            models.CharField(
                                blank=True,
                                help_text="De 2 à 5 lettres majuscules ou chiffres\xa0: IDA donne IDA-7K2F. Sans préfixe, Opus en fait un du nom. Les identifiants déjà remis ne changent pas.",
                                max_length=5,
                                null=True,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[A-Z0-9]{2,5}\\Z",
                                        "Un préfixe compte de 2 à 5 lettres majuscules sans accent ou chiffres, par exemple IDA.",
                                    )
                                ],
                                verbose_name="préfixe des identifiants",
                            ),
                        ),
                        (
                            "address",
                            models.CharField(max_length=200, verbose_name="adresse"),
                        ),
                        (
                            "postcode",
                            models.CharField(
                                max_length=5,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[0-9]{5}\\Z",
                                        "Un code postal compte 5 chiffres, par exemple 38000.",
                                    )
                                ],
                                verbose_name="code postal",
                            ),
                        ),
                        ("city", models.CharField(max_length=80, verbose_name="ville")),
                        (
                            "commune_code",
                            models.CharField(
                                max_length=5,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^([0-9]{2}|2[AB])[0-9]{3}\\Z",
                                        "Un code INSEE compte 5 caractères, par exemple 38193.",
                                    )
                                ],
                                verbose_name="code INSEE de la commune",
                            ),
                        ),
                        (
                            "phone",
                            models.CharField(
                                blank=True,
                                max_length=20,
                                validators=[opus.lib.forms.fields.validate_phone],
                                verbose_name="téléphone",
                            ),
                        ),
                        (
                            "email",
                            models.EmailField(
                                blank=True, max_length=254, verbose_name="courriel"
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="structures",
                                to="accounts.agency",
                                verbose_name="agence",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "structure",
                        "ordering": (opus.lib.database.name_order.ByName("name"),),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("phone__regex", "^[0-9 +.()/-]*$")),
                                name="phone_of_a_structure",
                                violation_error_message="Écrivez un numéro de téléphone entier, en chiffres, par exemple 04\xa065\xa071\xa000\xa000\xa0; un numéro de l’étranger commence par + et l’indicatif du pays.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("postcode", ""),
                                    ("postcode__regex", "^[0-9]{5}$"),
                                    _connector="OR",
                                ),
                                name="postcode_of_a_structure",
                                violation_error_message="Un code postal compte 5 chiffres, par exemple 38000.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("siret__regex", "^[0-9]{14}$"),
                                    models.Q(
                                        ("siret__startswith", "000000000"),
                                        _negated=True,
                                    ),
                                ),
                                name="siret_of_a_structure",
                                violation_error_message="Un numéro SIRET compte 14 chiffres, sans espace.",
                            ),
                            models.UniqueConstraint(
                                django.db.models.functions.text.Upper(
                                    "identifier_prefix"
                                ),
                                name="prefix_of_one_structure",
                                violation_error_message="Une autre structure a déjà ce préfixe\xa0: choisissez-en un autre.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("identifier_prefix__regex", "^[A-Z0-9]{2,5}$")
                                ),
                                name="prefix_of_identifiers_written",
                                violation_error_message="Un préfixe compte de 2 à 5 lettres majuscules sans accent ou chiffres, par exemple IDA.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("identifier_prefix", "FT"), _negated=True
                                ),
                                name="prefix_of_staff_is_reserved",
                                violation_error_message="FT commence les identifiants des agents de France Travail\xa0: choisissez un autre préfixe.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "sender_name__iregex",
                                        "(^|[^A-Za-zÀ-ÖØ-öø-ÿ0-9])(ccas|c\\.c\\.a\\.s|cias|plie|rsa|caf|msa|chrs|spip|pjj|epide|csapa|cada|esat|ase|sos|sociale?s?|sociaux|insertion|r[eéEÉ]insertion|solidarit[eéEÉ]s?|mission locale|missions locales|cap emploi|aides?|secours|handicap[^ ]*|asile|r[eéEÉ]fugi[eéEÉ]s?|migrants?|addictions?|addictologie|probation|p[eéEÉ]nitentiaires?|prisons?|d[eéEÉ]tenus?|justice|h[eéEÉ]bergement|sans[ -]abris?|pr[eéEÉ]carit[eéEÉ]|exclusion|femmes|violences?|protection de l.enfance|pauvret[eéEÉ])($|[^A-Za-zÀ-ÖØ-öø-ÿ0-9])",
                                    ),
                                    _negated=True,
                                ),
                                name="sender_name_tells_no_service",
                                violation_error_message="Le nom d’expéditeur ne dit pas la nature de la structure\xa0: il est imprimé sur les documents remis aux candidats, et révèlerait qu’un service social les accompagne (convention, art. 9.2). Écrivez par exemple «\xa0Service emploi de la ville\xa0».",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TeamReview",
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
                        ("due_on", models.DateField(verbose_name="demandée le")),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now()
                            ),
                        ),
                        (
                            "answered_at",
                            models.DateTimeField(null=True, verbose_name="répondue le"),
                        ),
                        (
                            "escalated_at",
                            models.DateTimeField(
                                null=True, verbose_name="signalée à France Travail le"
                            ),
                        ),
                        (
                            "answered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="répondue par",
                            ),
                        ),
                        (
                            "convention",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reviews",
                                to="accounts.convention",
                                verbose_name="convention",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "confirmation trimestrielle",
                        "verbose_name_plural": "confirmations trimestrielles",
                        "ordering": ("-due_on", "pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("convention", "due_on"), name="one_review_a_day"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("answered_at__isnull", True)),
                                fields=("convention",),
                                name="one_review_at_a_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("answered_by__isnull", True),
                                    ("answered_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="review_answered_at_an_instant",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TeamReviewAnswer",
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
                            "is_here",
                            models.BooleanField(
                                verbose_name="travaille toujours dans la structure"
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="review_answers",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                        (
                            "review",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="answers",
                                to="accounts.teamreview",
                                verbose_name="confirmation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "réponse",
                        "ordering": ("pk",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("review", "account"),
                                name="one_answer_about_a_person",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TotpDevice",
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
                            "confirmed",
                            models.BooleanField(
                                default=True, help_text="Is this device ready for use?"
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
                        (
                            "name",
                            models.CharField(
                                help_text="The human-readable name of this device.",
                                max_length=64,
                            ),
                        ),
                        ("sealed_key", models.BinaryField()),
                        ("last_t", models.BigIntegerField(default=-1, editable=False)),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="enregistré le",
                            ),
                        ),
                        (
                            "last_used_at",
                            models.DateTimeField(
                                null=True, verbose_name="dernière utilisation"
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
                    ],
                    options={
                        "verbose_name": "application d’authentification",
                        "verbose_name_plural": "applications d’authentification",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "name"),
                                name="one_factor_by_that_name",
                                violation_error_message="Vous avez déjà une application de ce nom.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AccountCorrection",
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
                            "gesture",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, verbose_name="geste"
                            ),
                        ),
                        (
                            "field",
                            models.CharField(max_length=40, verbose_name="donnée"),
                        ),
                        (
                            "before",
                            models.CharField(
                                blank=True, max_length=254, verbose_name="avant"
                            ),
                        ),
                        (
                            "after",
                            models.CharField(
                                blank=True, max_length=254, verbose_name="après"
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("erreur", "erreur de saisie"),
                                    ("changement", "changement de situation"),
                                    (
                                        "demande",
                                        "à la demande de la personne (art. 10)",
                                    ),
                                ],
                                max_length=20,
                                verbose_name="motif",
                            ),
                        ),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="corrections",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "rectification d’un compte",
                        "verbose_name_plural": "rectifications de comptes",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("gesture", "field"),
                                name="account_field_corrected_once_a_gesture",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("before", models.F("after")), _negated=True
                                ),
                                name="account_correction_changes_something",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AccountHold",
                    fields=[
                        (
                            "version",
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    (
                                        "contentieux",
                                        "contentieux ou procédure judiciaire",
                                    ),
                                    (
                                        "reclamation",
                                        "réclamation ou recours administratif",
                                    ),
                                    ("cnil", "contrôle ou plainte auprès de la CNIL"),
                                    (
                                        "securite",
                                        "incident de sécurité en cours d’examen",
                                    ),
                                ],
                                max_length=20,
                                verbose_name="motif",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                help_text="Le numéro du dossier contentieux\xa0; aucun nom.",
                                max_length=60,
                                verbose_name="référence du dossier",
                            ),
                        ),
                        (
                            "ends_on",
                            models.DateField(
                                help_text="Dernier jour\xa0; à prolonger au besoin.",
                                verbose_name="conservé jusqu’au",
                            ),
                        ),
                        (
                            "placed_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                editable=False,
                                verbose_name="décidé le",
                            ),
                        ),
                        (
                            "lifted_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="levé le"
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holds",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                        (
                            "lifted_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="levé par",
                            ),
                        ),
                        (
                            "placed_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="décidé par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "conservation pour litige (compte)",
                        "verbose_name_plural": "conservations pour litige (comptes)",
                        "ordering": ("-placed_at", "pk"),
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "ends_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    )
                                ),
                                name="accounthold_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("lifted_at__isnull", True),
                                        ("lifted_by__isnull", True),
                                    ),
                                    models.Q(
                                        ("lifted_at__isnull", False),
                                        ("lifted_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="accounthold_lifted_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reference", ""), _negated=True),
                                name="accounthold_has_its_reference",
                            ),
                        ],
                    },
                ),
            ]
        )
    ]
