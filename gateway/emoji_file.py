"""Writes `static/emoji.json`, in which people look for a reaction: `python -m gateway.emoji_file` (`make emoji`).

Names and words are those of emojilib, a package of npm, in the order of Unicode; what may be no reaction is left out.
"""

import json
from pathlib import Path

from shared.wire.change_decoder import decode
from shared.wire.changes import REACTION
from shared.wire.problems import Invalid

_SOURCE = Path(__file__).parents[1] / "node_modules" / "emojilib"
FILE = Path(__file__).parent / "static" / "emoji.json"


def listed(words: dict[str, list[str]]) -> list[list[str]]:
    """Emoji, name and further words of each that may be a reaction."""
    return [
        [emoji, name.replace("_", " "), " ".join(dict.fromkeys(further)).replace("_", " ")]
        for emoji, (name, *further) in words.items()
        if is_reaction(emoji)
    ]


def is_reaction(emoji: str) -> bool:
    try:
        decode(REACTION, json.dumps({"target": 1, "emoji": emoji}))
    except Invalid:
        return False
    return True


def main() -> None:
    package = json.loads((_SOURCE / "package.json").read_text())
    words = json.loads((_SOURCE / "dist" / "emoji-en-US.json").read_text())
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in listed(words))
    origin = json.dumps(
        f"emojilib {package['version']}, © Mu-An Chiou, {package['license']} licence", ensure_ascii=False
    )
    FILE.write_text(f'{{"from": {origin}, "emoji": [\n{rows}\n]}}\n')


if __name__ == "__main__":
    main()
