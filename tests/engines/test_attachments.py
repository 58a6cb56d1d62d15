"""A photo in Firefox and in WebKit: made smaller, uploaded, shown."""

from tests.correspondent import Correspondent
from tests.engines.somebody import Somebody

# A photo as a camera gives it, too large to be sent as it is.
_CHOOSE = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 2600, height: 1300 });
  const context = canvas.getContext("2d");
  context.fillStyle = "#c9543c";
  context.fillRect(0, 0, 2600, 1300);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg"));
  const data = new DataTransfer();
  data.items.add(new File([blob], "sea.jpg", { type: "image/jpeg" }));
  const input = document.getElementById("attach-files");
  input.files = data.files;
  input.dispatchEvent(new Event("change"));
}"""
_READY = "() => !document.getElementById('send').disabled"
_SHOWN = """() => {
  const picture = document.querySelector("#messages .tile img");
  return picture !== null && picture.complete && picture.naturalWidth === 2048;
}"""
_FILES = """async (peer) => {
  const answer = await fetch(`/api/threads/${peer}/messages`);
  return (await answer.json()).messages.map(({ attachments: [{ name, width }] }) => [name, width]);
}"""


async def test_a_large_photo_is_made_smaller_sent_and_shown(alone: tuple[Somebody, Correspondent]) -> None:
    ann, bob = alone
    await ann.tab.call(_CHOOSE)
    await ann.tab.until(_READY)
    await ann.tab.click("button", "Send")
    await ann.tab.reads("Sent")
    assert await ann.tab.call(_FILES, bob.username) == [["sea.jpg", 2048]]
    await ann.tab.reload()  # from here on it is what the server has
    await ann.tab.until(_SHOWN)
