"""Photos for tests, made here, and how people give them to the page."""

from functools import cache

import pyvips
from playwright.async_api import FilePayload

from tests.browser.chatter import Chatter

_COLOURS = ([201, 84, 60], [52, 110, 170], [70, 140, 90], [190, 160, 60], [120, 80, 160])


@cache
def jpeg(number: int = 0, width: int = 1200, height: int = 900) -> bytes:
    """One that can be told from the others: a colour with a lighter corner, and some noise."""
    colour = _COLOURS[number % len(_COLOURS)]
    noise = pyvips.Image.gaussnoise(width, height, sigma=6, mean=0)
    light = pyvips.Image.xyz(width, height)
    slope = (light[0] / width + light[1] / height) * 50
    picture = (pyvips.Image.black(width, height, bands=3) + colour + slope + noise).cast("uchar")
    written: bytes = picture.copy(interpretation="srgb").write_to_buffer(".jpg[Q=80]")
    return written


def photo(number: int = 0, width: int = 1200, height: int = 900) -> FilePayload:
    """As a file that is chosen."""
    return {"name": f"photo {number}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(number, width, height)}


def text_file(name: str = "plan.txt", text: str = "What we do.") -> FilePayload:
    """A file that is shown by its name."""
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


async def give_microphone(who: Chatter, *, allowed: bool = True) -> None:
    """One that hums: a headless browser has none."""
    await who.page.evaluate(
        """(allowed) => {
          navigator.mediaDevices.getUserMedia = async () => {
            if (!allowed) throw new DOMException("Permission denied", "NotAllowedError");
            const context = new AudioContext();
            const hum = context.createOscillator();
            const into = context.createMediaStreamDestination();
            hum.connect(into);
            hum.start();
            return into.stream;
          };
        }""",
        allowed,
    )


async def attach(who: Chatter, *files: FilePayload) -> None:
    """Chooses them; they are in the tray, ready or not."""
    await who.page.locator("#attach-files").set_input_files(list(files))


async def attach_made(who: Chatter, name: str, size: int) -> None:
    """A file of that size, made in the page: handing one over would take a minute."""
    await who.page.evaluate(
        """([name, size]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(size)], name));
          const input = document.getElementById("attach-files");
          input.files = data.files;
          input.dispatchEvent(new Event("change"));
        }""",
        [name, size],
    )
