"""What HTTP tells somebody of a thread at the end."""

from shared.testing.folded import Folded, State
from shared.testing.people import Person


async def told_to(person: Person, peer: str) -> dict[int, State]:
    """All messages of the thread in their current state, by seq. Who was logged out logs in again."""
    folded, after = Folded(), 0
    while True:
        path = f"/api/threads/{peer}/messages?after={after}&limit=200"
        status, page = await person.call("GET", path)
        if status == 401:
            await person.log_in()
            continue
        assert status == 200, page
        folded.apply_page(page["messages"])
        if not page["more"]:
            return folded.messages
        after = page["messages"][-1]["seq"]
