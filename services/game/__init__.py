"""The game service: rules, solver, players, and the AI move endpoint."""
