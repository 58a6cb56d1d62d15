"""PostgreSQL: a pool, a schema and its migrations, and errors in our terms."""
