"""Actions of the RGC and France Travail on accounts."""
