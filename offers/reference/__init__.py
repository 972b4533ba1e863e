"""Communes, trades, appellations, skills, sectors, by code and name."""
