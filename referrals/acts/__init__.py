"""Shared by the four kinds: rules, states, timeline, webhooks."""
