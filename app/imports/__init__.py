"""Files read into records: a portfolio folder, or a table that some other tool wrote."""
