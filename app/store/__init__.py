"""Where records are kept: one SQLite file per portfolio, a team's workspace, or a portfolio folder as it stands."""

from app.store.places import default_url, example_url
from app.store.portfolio import Portfolio, open_portfolio
from app.store.writes import Batch, Record, Stored, Undone

__all__ = [
    "Batch",
    "Portfolio",
    "Record",
    "Stored",
    "Undone",
    "default_url",
    "example_url",
    "open_portfolio",
]
