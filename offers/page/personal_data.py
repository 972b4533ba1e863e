"""Personal data in the tables of offers: who searches what."""

from opus.lib.personal_data import Retention, Table, hold

hold(Table("offers.SeenOffer", Retention.HABITS, ("account",)))
