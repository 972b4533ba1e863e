"""Two more rules of detection (ADR 28)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_networks_proved")]

    operations = [
        migrations.AlterField(
            model_name="alert",
            name="rule",
            field=models.CharField(
                choices=[
                    ("personnes", "plafond de personnes atteint"),
                    ("personnes_moitie", "beaucoup de personnes consultées"),
                    ("personnes_24h", "plafond de personnes en 24 heures atteint"),
                    (
                        "personnes_24h_moitie",
                        "beaucoup de personnes consultées en 24 heures",
                    ),
                    ("exports", "plafond d’exports atteint"),
                    ("exports_moitie", "plusieurs exports dans la journée"),
                    ("nuit", "consultations de nuit"),
                    ("eloignement", "personnes éloignées de la structure"),
                    ("recherches_vaines", "recherches de personnes sans résultat"),
                    ("adresses_inconnues", "adresses de personnes inexistantes"),
                    ("echecs_adresse", "échecs de connexion d’une même adresse"),
                    ("echecs_compte", "échecs de connexion sur un compte"),
                    ("essais_en_rafale", "essais de connexion en rafale sur un compte"),
                    (
                        "echecs_disperses",
                        "un échec de connexion sur beaucoup de comptes",
                    ),
                    ("session_deplacee", "session passée sur un autre appareil"),
                    ("deux_reseaux", "session vue tour à tour de deux réseaux"),
                    ("session_changee", "session changée de navigateur"),
                    ("deux_lieux", "compte utilisé à deux endroits à la fois"),
                    ("nouveau_lieu", "réseau ou navigateur jamais vu"),
                    ("appareil_nouveau", "accès modifié depuis un nouvel appareil"),
                    ("partage", "plus de deux sessions à la fois"),
                    ("recherches", "recherches d’offres très nombreuses"),
                    ("flux_falsifie", "signatures du flux refusées en rafale"),
                    ("gestes_rgc", "comptes fermés, suspendus ou changés d’adresse"),
                    ("acces_renouveles", "accès de comptes renouvelés en série"),
                    ("compte_ephemere", "compte créé puis fermé dans la journée"),
                    ("transfert_suivis", "transfert de suivis à soi-même ou nombreux"),
                    (
                        "compte_recent",
                        "suivis vers un compte récent, avec un autre signe",
                    ),
                    ("demande_desavouee", "transfert de suivis désavoué"),
                ],
                editable=False,
                max_length=20,
                verbose_name="règle",
            ),
        )
    ]
