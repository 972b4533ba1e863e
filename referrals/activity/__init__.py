"""The follow-up of article 11: counts of acts by kind and outcome.

docs/activity.md defines each figure.
"""
