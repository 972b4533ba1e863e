"""An identifier of France Travail is one more thing that a text must not hold (V6)."""

from django.db import migrations, models

FAMILIES = [
    ("origine", "l’origine d’une personne"),
    ("politique", "les opinions politiques"),
    ("convictions", "la religion ou les convictions"),
    ("syndicat", "l’appartenance syndicale"),
    ("sante", "la santé ou le handicap"),
    ("vie_sexuelle", "la vie sexuelle"),
    ("difficultes", "des difficultés sociales ou personnelles"),
    ("injure", "un jugement blessant"),
    ("nir", "un numéro de sécurité sociale"),
    ("iban", "un numéro de compte bancaire"),
    ("telephone", "un numéro de téléphone"),
    ("courriel", "une adresse électronique"),
    ("identifiant", "un identifiant France Travail"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("lib", "0010_texts_refused_and_read_again"),
    ]

    operations = [
        migrations.AlterField(
            model_name="wordingfinding",
            name="family",
            field=models.CharField(
                choices=FAMILIES, max_length=20, verbose_name="sujet"
            ),
        ),
        migrations.AlterField(
            model_name="wordingrefusal",
            name="family",
            field=models.CharField(
                choices=FAMILIES, max_length=20, verbose_name="sujet"
            ),
        ),
    ]
