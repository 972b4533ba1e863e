"""Read one offer as France Travail writes it, without database.

The shape is the API "Offres d'emploi v2" with an optional ``opus`` object. Errors of
the feed, the poll and files are corrected here: coordinates, dates, HTML, communes.
"""
