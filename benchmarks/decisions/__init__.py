"""Decisions held against worlds in which the value of every action is known."""
