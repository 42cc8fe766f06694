"""Steps from one schema version to the next; each is frozen once released."""
