"""How Duet alone grows: nodes, stored messages, lost sockets, the AI move, the page."""
