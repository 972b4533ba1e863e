"""Pages of the site: home, public pages, errors, probes."""
