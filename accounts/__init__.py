"""Who are you, for whom, with which rights: structures, conventions, RGC, accounts."""
