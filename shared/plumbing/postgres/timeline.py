"""Which server PostgreSQL is, and on which timeline: a promoted standby counts a new one."""

SERVER = "system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)"
"""`system identifier/timeline`, in SQL, of pg_control_system()."""

IDS_TO_SKIP = 1_000_000
"""So many may have been given out in what was lost: who heard of one must not take another thing for it."""
