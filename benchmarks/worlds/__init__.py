"""Worlds to hold the model against: its own, and worlds that break one of its assumptions each."""
