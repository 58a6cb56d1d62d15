"""Bundles each module or sheet that a page starts with and everything it imports into one file, instead of dozens.

Understands only the forms of `import` and `export` that our own files use, and refuses any other, so that nothing is
bundled wrongly.
Comments, indentation and blank lines stay behind: they are for those who read the source. A comment behind code stays
where it holds what could end a text or a pattern.
"""

import re
from collections.abc import Callable, Mapping
from posixpath import dirname, join, normpath

_IMPORT = re.compile(r'^import (?:(\{[^}]*\})|\* as (\w+)) from "(\.[^"]+)";$', re.M)
_EXPORT = re.compile(r"^export (?=(?:const|class|(?:async )?function) (\w+))", re.M)
_EXPORTED = re.compile(r"^export \{([^}]*)\};$", re.M)
_OTHER = re.compile(r"^(?:import|export)\b.*|\bimport\s*[(.].*|^await\b.*", re.M)
_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*(?s:.*?)\*/[ \t]*)\n", re.M)
_BEHIND = re.compile(r"[ \t]+// [^\n\"'`/]*$|/\*\* @type \{[^*\n]*\} \*/ ?", re.M)
_BACKTICK = re.compile(r"(?<!\\)`")
_SHEET_COMMENT = re.compile(r"^[ \t]*/\*(?s:.*?)\*/[ \t]*\n", re.M)
_LAYOUT = re.compile(r"^\s+", re.M)
_SHEET_IMPORT = re.compile(r'^@import "([^"]+)";\n', re.M)
_OTHER_SHEET = re.compile(r"@import\b.*")

Files = Mapping[str, str]


class BundleError(Exception):
    """What cannot be linked: file and line."""


def bundled(files: Files, only: str = "") -> dict[str, str]:
    """The modules and style sheets that import others and are imported by none, bundled; by path. only: that one."""
    scripts = {name: text for name, text in files.items() if name.endswith(".js")}
    sheets = {name: text for name, text in files.items() if name.endswith(".css")}
    scripts_of = _starts(scripts, _IMPORT, 3, _link_modules, only)
    return scripts_of | _starts(sheets, _SHEET_IMPORT, 1, _link_sheets, only)


def _starts(
    files: Files, imports: re.Pattern[str], path: int, link: Callable[[Files, list[str]], str], only: str
) -> dict[str, str]:
    """path: the group of `imports` that holds it."""
    graph = {
        name: [_resolved(name, found[path]) for found in imports.finditer(text)]
        for name, text in files.items()
    }
    imported = {target for targets in graph.values() for target in targets}
    return {
        name: link(files, _in_order(name, graph))
        for name, targets in graph.items()
        if targets and name not in imported and only in ("", name)
    }


def _resolved(name: str, path: str) -> str:
    return normpath(join(dirname(name), path))


def _in_order(start: str, graph: Mapping[str, list[str]]) -> list[str]:
    """`start` and everything it needs, each after what it imports. Raises BundleError for a cycle or a missing file."""
    order: list[str] = []

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in way or name not in graph:
            raise BundleError(
                f"{way[-1]} imports {name}, which {'needs it' if name in way else 'does not exist'}"
            )
        if name in order:
            return
        for target in graph[name]:
            visit(target, (*way, name))
        order.append(name)

    visit(start, ())
    return order


def _link_modules(files: Files, order: list[str]) -> str:
    """Each module becomes a function that is called once, in the order in which modules run; it returns its exports."""
    exports: dict[str, list[str]] = {}
    parts = []
    for number, name in enumerate(order):
        source = _without_comments(name, files[name])
        body = _IMPORT.sub(lambda found, name=name: _bound(found, name, order, exports), source)  # type: ignore[misc]
        exports[name] = _EXPORT.findall(body)
        for listed in _EXPORTED.findall(body):
            exports[name] += re.findall(r"\w+", listed)
        body = _EXPORTED.sub("", _EXPORT.sub("", body))
        if other := _OTHER.search(body):
            raise BundleError(f"{name}: cannot link {other[0]!r}")
        body = _LAYOUT.sub("", body)
        parts.append(
            f"// {name}\nconst m{number} = (() => {{\n{body}return {{ {', '.join(exports[name])} }};\n}})();\n"
        )
    return "".join(parts)


def _without_comments(name: str, text: str) -> str:
    """Raises BundleError for a text of several lines: what looks like a comment may be part of it."""
    bare = _BEHIND.sub("", _COMMENT.sub("", text))
    for line in bare.splitlines():
        if len(_BACKTICK.findall(line)) % 2:
            raise BundleError(f"{name}: cannot tell comments from text in {line!r}")
    return bare


def _bound(found: re.Match[str], name: str, order: list[str], exports: Mapping[str, list[str]]) -> str:
    """An import as constants. Raises BundleError for a name that is not exported."""
    source = _resolved(name, found[3])
    module = f"m{order.index(source)}"
    if found[2]:
        return f"const {found[2]} = {module};"
    wanted = found[1].replace(" as ", ": ")
    for one in re.findall(r"(\w+)(?:: \w+)?", wanted):
        if one not in exports[source]:
            raise BundleError(f"{name}: {source} exports no {one}")
    return f"const {wanted} = {module};"


def _link_sheets(files: Files, order: list[str]) -> str:
    parts = []
    for name in order:
        body = _SHEET_IMPORT.sub("", files[name])
        if other := _OTHER_SHEET.search(body):
            raise BundleError(f"{name}: cannot link {other[0]!r}")
        parts.append(f"/* {name} */\n{_LAYOUT.sub('', _SHEET_COMMENT.sub('', body))}")
    return "".join(parts)
