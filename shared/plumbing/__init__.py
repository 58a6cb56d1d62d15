"""What every program stands on: settings, the web app, Postgres, Redis, the directory, calls to each other."""
