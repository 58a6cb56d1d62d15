"""The peers: the same small chat, each written the way its own documentation recommends.

All store a message as one row in PostgreSQL before both people get it, and know people by a session cookie. All take

    POST /login {"username": …}            -> Set-Cookie
    websocket /ws (or /socket.io)          one a person, carrying {"to", "client_id", "text"}
                                           and delivering {"id", "sender", "to", "client_id", "text"} to both

and read libpq's PGHOST, PGUSER and PGDATABASE, PEER_REDIS_URL (unix://…) and, where they listen themselves, PEER_PORT.
"""
