"""`python -m app` is `bush`."""

from app.cli import main

main()
