"""What every program is built on: settings, the web app, Postgres, Redis, the directory, calls between programs."""
