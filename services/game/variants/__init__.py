"""Misère, m,n,k and ultimate: searched by the engine."""
