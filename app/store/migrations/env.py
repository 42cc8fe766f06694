"""How Alembic runs the steps: on the connection it is handed, inside the transaction already open there."""

from alembic import context

connection = context.config.attributes["connection"]
# SQLite can roll back DDL; without this Alembic would commit after every statement.
context.configure(connection=connection, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
