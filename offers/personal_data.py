"""What the tables of offers hold about persons: the habits of who searches."""

from opus.lib.personal_data import Retention, Table, hold

hold(Table("offers.SeenOffer", Retention.HABITS, ("account",)))
