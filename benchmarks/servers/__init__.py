"""Servers that measurements and tests start for themselves."""
