"""The app's entry script: navigation, and the frame around every page. Started by `app.server.serve`."""

from pathlib import Path

import streamlit as st

from app.views import door, frame
from model.errors import BushError

ICON = Path(__file__).parent / "views" / "icon.svg"
PAGES = (
    ("views/this_month.py", "This month", "this-month", ":material/calendar_month:"),
    ("views/client.py", "Client", "client", ":material/person:"),
    ("views/scenario.py", "What if", "what-if", ":material/travel_explore:"),
    ("views/check_in.py", "Check-in", "check-in", ":material/fact_check:"),
    ("views/plan.py", "Plan", "plan", ":material/route:"),
    ("views/review.py", "Review", "review", ":material/description:"),
    ("views/data.py", "Data and settings", "data", ":material/tune:"),
)


def main() -> None:
    """Show the page the address names."""
    st.set_page_config(page_title="Two in the Bush", page_icon=str(ICON), layout="wide")
    pages = [
        st.Page(path, title=title, url_path=address, icon=icon, default=place == 0)
        for place, (path, title, address, icon) in enumerate(PAGES)
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
