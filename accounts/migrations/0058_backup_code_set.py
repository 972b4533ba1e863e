from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0057_who_made_a_step")]

    operations = [
        migrations.RenameModel("BackupSheet", "BackupCodeSet"),
        migrations.RemoveConstraint("backupcode", "one_backup_code_a_digest"),
        migrations.RenameField("backupcode", "sheet", "code_set"),
        migrations.AddConstraint(
            "backupcode",
            models.UniqueConstraint(
                fields=["code_set", "digest"], name="one_backup_code_a_digest"
            ),
        ),
    ]
