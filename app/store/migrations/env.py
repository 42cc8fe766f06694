"""How Alembic runs the steps: on the connection it is handed, inside the transaction already open there.

Alembic leaves a transaction it did not open alone, so a step that fails takes every earlier one with it.
"""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection)
with context.begin_transaction():
    context.run_migrations()
