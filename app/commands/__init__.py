"""The commands of `bush`, one module per topic; `app.cli` puts them together."""
