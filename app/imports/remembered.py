"""What an import was told and later ones go by: who is who, which column is what, what a currency is worth."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from app.imports.mapping import ColumnMap
from app.imports.text import Lines
from model.remembered import Alias, TableMap
from model.settings import ExchangeRate, Settings


def known_map(lines: Lines, settings: Settings) -> ColumnMap | None:
    """The map that was given for an earlier table with the same header; None if there was none."""
    header = lines.rows[0][1]
    for known in settings.table_maps:
        if known.header == header:
            return ColumnMap(
                target=known.target,
                columns={ours: tuple(theirs.split("\n")) for ours, theirs in map(_halves, known.columns)},
                constants=dict(map(_halves, known.constants)),
                date_order=known.date_order,
                decimal=known.decimal,
            )
    return None


def aliases_of(settings: Settings) -> dict[str, str]:
    """What is written in files to the client it means."""
    return {alias.written: alias.client for alias in settings.aliases}


def told(
    settings: Settings,
    *,
    same: Mapping[str, str],
    header: tuple[str, ...],
    mapping: ColumnMap | None,
    rates: Iterable[ExchangeRate],
) -> Settings:
    """The settings with what this import was told; the newest word counts.

    Parameters
    ----------
    settings
        As they are.
    same
        What the file calls a client, to the client.
    header
        Of the table.
    mapping
        The map the user gave for it; None if none was given.
    rates
        Exchange rates given with it.
    """
    written = {**aliases_of(settings), **same}
    aliases = tuple(Alias(written=name, client=client) for name, client in written.items() if name != client)
    maps = settings.table_maps
    if mapping is not None:
        made = TableMap(
            header=header,
            target=mapping.target,
            columns=tuple(f"{ours}={'\n'.join(theirs)}" for ours, theirs in mapping.columns.items()),
            constants=tuple(f"{name}={text}" for name, text in mapping.constants.items()),
            date_order=mapping.date_order,
            decimal=mapping.decimal,
        )
        maps = (*(known for known in maps if known.header != header), made)
    new = tuple(rates)
    given = {(rate.currency, rate.on) for rate in new}
    kept = tuple(rate for rate in settings.exchange_rates if (rate.currency, rate.on) not in given)
    return replace(settings, aliases=aliases, table_maps=maps, exchange_rates=(*kept, *new))


def _halves(entry: str) -> tuple[str, str]:
    name, _, text = entry.partition("=")
    return name, text
