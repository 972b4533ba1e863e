"""Personal data in the tables of offers: who searches what."""

from opus.lib.privacy.personal_data import Retention, Table, declare

declare(Table("offers.SeenOffer", Retention.HABITS, ("account",)))
