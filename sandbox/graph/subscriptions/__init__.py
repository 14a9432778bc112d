"""Change notifications of Graph: subscriptions, their life, and what they are told (reference graph.md 5)."""
