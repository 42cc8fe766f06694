"""The mathematics: records in, draws and decisions out. No database, no web."""
