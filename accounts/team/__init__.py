"""What the RGC and France Travail do to accounts."""
