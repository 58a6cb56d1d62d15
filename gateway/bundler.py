"""Bundles each module or sheet that a page starts with and everything it imports into one file, instead of dozens.

What a page imports later, by `import()`, is in chunks beside it: see linked_modules.py.
Comments, indentation and blank lines stay behind: they are for those who read the source. A comment behind code stays
where it holds what could end a text or a pattern.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from posixpath import dirname, join, normpath

from gateway.bundle_plan import BundleError, in_order
from gateway.linked_modules import graph_of, linked

_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*(?:(?!\*/)[\s\S])*\*/[ \t]*)\n", re.M)
_BEHIND = re.compile(r"[ \t]+// [^\n\"'`/]*$|/\*\* @type \{[^*\n]*\} \*/ ?", re.M)
_BACKTICK = re.compile(r"(?<!\\)`")
_SHEET_COMMENT = re.compile(r"^[ \t]*/\*(?:(?!\*/)[\s\S])*\*/[ \t]*\n", re.M)
_LAYOUT = re.compile(r"^\s+", re.M)
_SHEET_IMPORT = re.compile(r'^@import "([^"]+)";\n', re.M)
_OTHER_SHEET = re.compile(r"@import\b.*")

Files = Mapping[str, str]


def bundled(files: Files) -> dict[str, str]:
    """The modules and style sheets that import others and are imported by none, bundled, and the chunks; by path.

    Raises BundleError.
    """
    return _scripts(files, None) | _sheets(
        {name: text for name, text in files.items() if name.endswith(".css")}
    )


def bundled_script(files: Files, start: str) -> str:
    """One module with everything that it imports. Raises BundleError."""
    return _scripts(files, start)[start]


def _scripts(files: Files, only: str | None) -> dict[str, str]:
    sources = {name: _bare(name, text) for name, text in files.items() if name.endswith(".js")}
    graph = graph_of(sources)
    starts = [only] if only else _starts({name: graph.now[name] + graph.later[name] for name in sources})
    texts: dict[str, str] = {}
    for start in starts:
        texts |= linked(sources, start, graph)
    return texts


def _starts(imports: Mapping[str, list[str]]) -> list[str]:
    """Raises BundleError for a file that only those import which need it: nothing starts with it, or leads there."""
    imported = set(chain.from_iterable(imports.values()))
    starts = [name for name, targets in imports.items() if targets and name not in imported]
    unseen, seen = [*starts], set(starts)
    while unseen:
        further = [name for name in imports.get(unseen.pop(), ()) if name not in seen]
        unseen += further
        seen.update(further)
    if lost := next((name for name, targets in imports.items() if targets and name not in seen), None):
        raise BundleError(f"{lost} needs itself, and nothing else leads there")
    return starts


def _bare(name: str, text: str) -> str:
    """Without comments. Raises BundleError for a text of several lines: what looks like a comment may be part of it."""
    bare = _BEHIND.sub("", _COMMENT.sub("", text))
    for line in bare.splitlines():
        if len(_BACKTICK.findall(line)) % 2:
            raise BundleError(f"{name}: cannot tell comments from text in {line!r}")
    return bare


def _sheets(sheets: Files) -> dict[str, str]:
    imports = {
        name: [normpath(join(dirname(name), path)) for path in _SHEET_IMPORT.findall(text)]
        for name, text in sheets.items()
    }
    return {name: _link_sheets(sheets, in_order([name], imports)) for name in _starts(imports)}


def _link_sheets(files: Files, order: Iterable[str]) -> str:
    parts = []
    for name in order:
        body = _SHEET_IMPORT.sub("", files[name])
        if other := _OTHER_SHEET.search(body):
            raise BundleError(f"{name}: cannot link {other[0]!r}")
        parts.append(f"/* {name} */\n{_LAYOUT.sub('', _SHEET_COMMENT.sub('', body))}")
    return "".join(parts)
