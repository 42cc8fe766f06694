"""What changed in the records: whether one client's differ, and the records of some clients apart from the rest."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from model.records import Records


def differ(before: Records, now: Records) -> bool:
    """Whether anything the belief rests on was recorded otherwise; the order of records is no change."""
    return any(
        # Counted, not listed, and only where the lists are not the same anyway.
        Counter(getattr(before, kind)) != Counter(getattr(now, kind))
        for kind in ("clients", "earlier_terms", "checkins", "sightings", "invoices", "hours", "events")
        if getattr(before, kind) != getattr(now, kind)
    )


def only(records: Records, names: Sequence[str]) -> Records:
    """The records with those of the named clients alone; searches, prospects and settings stay."""
    kept = frozenset(names)
    return replace(
        records,
        clients=tuple(c for c in records.clients if c.name in kept),
        earlier_terms=tuple(terms for terms in records.earlier_terms if terms.client in kept),
        checkins=tuple(c for c in records.checkins if c.client in kept),
        sightings=tuple(s for s in records.sightings if s.client in kept),
        invoices=tuple(i for i in records.invoices if i.client in kept),
        hours=tuple(h for h in records.hours if h.client in kept),
        events=tuple(e for e in records.events if e.client in kept),
    )
