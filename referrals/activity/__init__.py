"""The follow-up of article 11: counts of acts.

docs/activity.md defines each figure.
"""
