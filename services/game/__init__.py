"""The game service: rules, solver, levels, live games, and the AI's endpoints."""
