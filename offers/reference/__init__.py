"""Communes, trades, appellations, skills and sectors, by code and by name."""
