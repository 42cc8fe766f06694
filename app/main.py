"""The app's entry script: navigation, and the frame around every page. Started by `app.server.serve`."""

from pathlib import Path

import streamlit as st

from app.views import door, frame
from model.errors import BushError
from model.language import Headings

ICON = Path(__file__).parent / "views" / "icon.svg"
PAGES = (
    ("views/this_month.py", "this-month", ":material/calendar_month:"),
    ("views/client.py", "client", ":material/person:"),
    ("views/scenario.py", "what-if", ":material/travel_explore:"),
    ("views/check_in.py", "check-in", ":material/fact_check:"),
    ("views/plan.py", "plan", ":material/route:"),
    ("views/review.py", "review", ":material/description:"),
    ("views/data.py", "data", ":material/tune:"),
)
TITLES = Headings("This month", "Client", "What if", "Check-in", "Plan", "Review", "Data and settings")


def main() -> None:
    """Show the page the address names."""
    st.set_page_config(page_title="Two in the Bush", page_icon=str(ICON), layout="wide")
    frame.listen()
    pages = [
        st.Page(path, title=title, url_path=address, icon=icon, default=place == 0)
        for place, ((path, address, icon), title) in enumerate(zip(PAGES, TITLES, strict=True))
    ]
    if door.closed():
        st.navigation(pages, position="hidden")
        return
    page = st.navigation(pages)
    frame.styles()
    try:
        frame.band()
        page.run()
    except BushError as error:
        frame.refusal(error)


if __name__ == "__main__":
    main()
