"""What a fit knew: one anonymous entry for each thing that was observed, so that what is new since can be told.

An entry holds no name and no figure, only digests of them under the fit's own salt. Whoever has the file and guesses a
client's name right can still find the guess confirmed.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from model.catalogue import Catalogue
from model.language import Plurals, listed, phrase_of
from model.observations import AT_ONCE, LEFT, PAID, WRITTEN_OFF, Observations
from model.parameters import Array

KINDS = Plurals(
    {
        "client": ("{count:,} client", "{count:,} clients"),
        "check-in": ("{count:,} check-in", "{count:,} check-ins"),
        "sighting": ("{count:,} sighting", "{count:,} sightings"),
        "invoice": ("{count:,} invoice", "{count:,} invoices"),
        "payment": ("{count:,} payment", "{count:,} payments"),
        "write-off": ("{count:,} write-off", "{count:,} write-offs"),
        "month of hours": ("{count:,} month of hours", "{count:,} months of hours"),
        "answer to an ask": ("{count:,} answer to an ask", "{count:,} answers to an ask"),
        "referral": ("{count:,} referral", "{count:,} referrals"),
        "departure": ("{count:,} departure", "{count:,} departures"),
    }
)
CLIENT, CHECKIN, SIGHTING, INVOICE, PAYMENT, WRITE_OFF, HOURS, ASK, REFERRAL, DEPARTURE = range(len(KINDS))

Digests = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The entries of a fit, and where it saw its clients at its end.

    Parameters
    ----------
    salt
        Goes into every digest.
    today
        Number of the month the fit ends with.
    priors
        Digest of the priors.
    owner, month, kind, content
        Per entry: digest of the client, month number, place in `KINDS`, digest of what was observed.
    clients
        Digest of each client, in the order of the next two.
    latent, shift
        Shape (sample, client, trait): draws of the clients' latent processes in the month `today`, and of what
        standing facts and agreements add to them; the draws belong to as many evenly spaced ones of the population.
    """

    salt: str
    today: int
    priors: str
    owner: Digests
    month: NDArray[np.int64]
    kind: NDArray[np.int8]
    content: Digests
    clients: Digests
    latent: Array
    shift: Array

    def entries(self) -> Counter[tuple[int, int, int, int]]:
        """How often each (client, month, kind, content) was observed."""
        columns = (self.owner.tolist(), self.month.tolist(), self.kind.tolist(), self.content.tolist())
        return Counter(zip(*columns, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What was observed since a fit.

    Parameters
    ----------
    new
        How many entries of each kind are new; kinds without any are left out.
    changed
        How many entries the fit knew now say something else, or are gone.
    known
        How many entries the fit knew.
    """

    new: tuple[tuple[str, int], ...]
    changed: int
    known: int

    @property
    def share(self) -> float:
        """New entries as a share of all there are now."""
        fresh = sum(n for _, n in self.new)
        return fresh / max(self.known - self.changed + fresh, 1)

    def __bool__(self) -> bool:
        return bool(self.new) or self.changed > 0

    def sentence(self) -> str:
        """All of it as one sentence, empty where nothing is new."""
        parts = []
        if self.new:
            what = listed([KINDS.of(n, kind) for kind, n in self.new])
            parts.append(
                phrase_of(
                    sum(n for _, n in self.new),
                    "{what} is new since the fit",
                    "{what} are new since the fit",
                    what=what,
                )
            )
        if self.changed:
            parts.append(
                phrase_of(
                    self.changed,
                    "1 record of an earlier month was changed or taken back",
                    "{count:,} records of earlier months were changed or taken back",
                )
            )  # fmt: skip
        return f"{'; '.join(parts)}." if parts else ""


def ledger_of(
    observations: Observations, catalogue: Catalogue, *, salt: str, priors: str = "", latent: Array, shift: Array
) -> Ledger:
    """The entries of observations; what only the passing of time adds, such as the age of an open invoice, is none.

    Parameters
    ----------
    observations
        What is observed.
    catalogue
        The signs.
    salt, priors, latent, shift
        As in `Ledger`.
    """
    found = list(_entries(observations, catalogue, salt))
    owner, month, kind, content = (list(column) for column in zip(*found, strict=True)) if found else ([], [], [], [])
    return Ledger(
        salt=salt,
        today=observations.today,
        priors=priors,
        owner=np.array(owner, dtype=np.uint64),
        month=np.array(month, dtype=np.int64),
        kind=np.array(kind, dtype=np.int8),
        content=np.array(content, dtype=np.uint64),
        clients=np.array([digest_of(name, salt) for name in observations.clients], dtype=np.uint64),
        latent=latent,
        shift=shift,
    )


def news(then: Ledger, observations: Observations, catalogue: Catalogue) -> News:
    """What `observations` hold that the fit did not know, and what it knew otherwise."""
    before, now = then.entries(), Counter(_entries(observations, catalogue, then.salt))
    # Invoices and hours cover the tick of a sign they measure; nobody has taken that back.
    measured = {digest_of(sign.id, then.salt) for sign in catalogue.ticked if sign.measured_by is not None}
    covered = {entry for entry in before - now if entry[2] == SIGHTING and entry[3] in measured}
    appeared = _by_place(now - before)
    gone = _by_place(Counter({entry: n for entry, n in (before - now).items() if entry not in covered}))
    new: Counter[int] = Counter()
    for place, n in appeared.items():
        # What took the place of something known is a change of it.
        new[place[2]] += n - min(n, gone[place])
    return News(
        new=tuple((kind, new[place]) for place, kind in enumerate(KINDS) if new[place]),
        changed=gone.total(),
        known=before.total(),
    )


def digest_of(value: object, salt: str) -> int:
    """Eight bytes that stand for a value, as a number."""
    return int.from_bytes(blake2b(repr(value).encode(), digest_size=8, key=salt.encode()[:64]).digest())


def _by_place(entries: Counter[tuple[int, int, int, int]]) -> Counter[tuple[int, int, int]]:
    places: Counter[tuple[int, int, int]] = Counter()
    for (owner, month, kind, _), n in entries.items():
        places[owner, month, kind] += n
    return places


def _entries(seen: Observations, catalogue: Catalogue, salt: str) -> Iterator[tuple[int, int, int, int]]:
    # Digests of the few values there are, each made once: a portfolio has thousands of entries.
    known: dict[str, int] = {}

    def digest(value: object) -> int:
        text = repr(value)
        if text not in known:
            known[text] = digest_of(value, salt)
        return known[text]

    monthly = np.array([sign.kind == "monthly" for sign in catalogue.ticked])
    checked = (seen.signs[:, monthly] >= 0).all(axis=1) & bool(monthly.any())
    present: dict[int, list[int]] = {}
    for row, sign in zip(*np.nonzero(seen.signs == 1), strict=True):
        present.setdefault(int(row), []).append(int(sign))
    months, energy, hours, exposure, referrals = (
        getattr(seen, name).tolist() for name in ("month", "energy", "hours_log_ratio", "exposure", "referrals")
    )
    for c, name in enumerate(seen.clients):
        owner = digest(name)
        yield owner, 0, CLIENT, digest((seen.sign_weight[c].tobytes(), seen.standing[c].tobytes()))
        for row in range(seen.first_row[c], seen.first_row[c + 1]):
            month = months[row]
            if checked[row] or energy[row]:
                yield owner, month, CHECKIN, digest(energy[row])
            for sign in present.get(row, ()):
                yield owner, month, SIGHTING, digest(catalogue.ticked[sign].id)
            for i in range(seen.invoice_first[row], seen.invoice_first[row + 1]):
                state, days = int(seen.invoice_state[i]), float(seen.invoice_log_days[i])
                yield owner, month, INVOICE, digest(float(seen.invoice_log_terms[i]))
                if state in (PAID, AT_ONCE):
                    yield owner, month, PAYMENT, digest(days)
                elif state == WRITTEN_OFF:
                    yield owner, month, WRITE_OFF, digest("written off")
            if hours[row] == hours[row]:  # not missing
                yield owner, month, HOURS, digest(hours[row])
            for i in range(seen.ask_first[row], seen.ask_first[row + 1]):
                asked = (seen.ask_outcome[i], seen.ask_price[i], seen.ask_scope[i], seen.ask_terms[i])
                yield owner, month, ASK, digest(tuple(float(part) for part in asked))
            for n in range(max(referrals[row], 0)):
                yield owner, month, REFERRAL, digest(n)
            if exposure[row] == LEFT:
                yield owner, month, DEPARTURE, digest("left")
