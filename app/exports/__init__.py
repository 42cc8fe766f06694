"""Records written into files."""
