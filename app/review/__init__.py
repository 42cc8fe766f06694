"""The periodic review: one content, several kinds of file."""
