"""What the four kinds of act share: rules, states, timeline, webhooks."""
