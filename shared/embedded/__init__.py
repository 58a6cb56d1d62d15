"""PostgreSQL and Valkey from their wheels, run as plain child processes.

`postgres.PostgresServer` and `valkey.ValkeyServer` only know how to prepare a directory and which
command to run; whoever starts them owns the process: the supervisor of `deploy.local`, or
`running.running_postgres` / `running.running_valkey` for a `with` block, as the tests do.
"""
