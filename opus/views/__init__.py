"""Pages of the site itself: home, public pages, errors, probes."""
