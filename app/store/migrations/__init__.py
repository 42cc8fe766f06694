"""The steps from one version of the store to the next, and the rule every table of theirs lives by."""

from alembic import op

_REFUSE = """
CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('bush.caring', true) = 'on' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION '% is append-only: %', TG_TABLE_NAME, TG_ARGV[0];
END $$
"""


def append_only(table: str, because: str) -> None:
    """Refuse every change and deletion of a row of `table`; `because` is what the refusal says."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_REFUSE)
    for verb in ("UPDATE", "DELETE"):
        begin = f'CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON "{table}" '
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"{begin} FOR EACH ROW EXECUTE FUNCTION append_only('{because}')")
        else:
            op.execute(f"{begin}BEGIN SELECT RAISE(ABORT, '{table} is append-only: {because}'); END")
