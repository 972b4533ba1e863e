"""Everyday words get trades that live offers used to add."""

from typing import Any

from django.db import migrations

# Words → trades before, trades after.
CHANGES = {
    "DRH": ("M1502", "M1503 M1502"),
    "RRH": ("M1502", "M1503 M1502"),
    "assistante RH": ("M1502", "M1501 M1502"),
    "QSE": ("H1502 H1303", "H1502 H1303 H1304 H1523"),
    "QHSE": ("H1502 H1303", "H1502 H1303 H1304 H1523"),
    "HSE": ("H1502 H1303", "H1502 H1303 H1304 H1523"),
    "agent de propreté": ("K2204 K2205", "K2204 K2205 K2307"),
    "nettoyeuse": ("K2204 K2205", "K2204 K2205 K2307"),
    "bagagiste": ("G1702", "G1702 G1708"),
    "groom": ("G1702", "G1702 G1708"),
    "guichetier": ("C1206", "C1206 C1201"),
    "guichetière": ("C1206", "C1206 C1201"),
    "employé de restaurant": ("G1603 G1602", "G1603 G1602 G1607"),
    "fibre": ("I1315 I1307", "I1315 I1307 I1317"),
    "auxiliaire de vie sociale": ("K1302 K1304 K1311", "K1302 K1304 K1311 K1306"),
}


def change(apps: Any, schema_editor: Any) -> None:
    """Change the words as shipped; what staff wrote stays."""
    model = apps.get_model("offers", "EverydayWord")
    for words, (before, after) in CHANGES.items():
        rows = model.objects.filter(words=words, trades=before.split())
        rows.update(trades=after.split())


class Migration(migrations.Migration):
    dependencies = [("offers", "0006_sectors")]

    operations = [migrations.RunPython(change, migrations.RunPython.noop)]
