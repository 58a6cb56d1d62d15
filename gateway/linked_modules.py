"""A page's modules as one file, and each chunk that it loads later as another, which takes the page's modules from it.

Understands only the forms of `import` and `export` that our own files use, and refuses any other, so that nothing is
linked wrongly. A chunk is a module that imports the page's: browsers make one of each, however often it is asked for.
"""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from itertools import chain
from pathlib import PurePosixPath
from posixpath import dirname, join, normpath, relpath

from gateway.bundle_plan import BundleError, Graph, Plan, plan

CHUNKS = "js/chunks/"
_IMPORT = re.compile(r'^import (?:(\{[^}]*\})|\* as (\w+)) from "(\.[^"]+)";$', re.M)
_LATER = re.compile(r'\bimport\("(\.[^"]+)"\)')
_EXPORT = re.compile(r"^export (?=(?:const|class|(?:async )?function) (\w+))", re.M)
_EXPORTED = re.compile(r"^export \{([^}]*)\};$", re.M)
_OTHER = re.compile(r"^(?:import|export)\b.*|\bimport\s*[(.].*|^(?:const [^=]+ = )?await\b.*", re.M)
_LAYOUT = re.compile(r"^\s+", re.M)
_TEXT = r'"(?:[^"\\\n]|\\.)*"'
_PLAIN_LINE = re.compile(rf"^(?:[^\"'`/\n]|{_TEXT})+$", re.M)  # no pattern, comment or other text is in it
_SPACES = re.compile(rf"({_TEXT})| ?([][{{}}()=,:;?<>&|!]+) ?")
_LOAD = "load_chunk"  # no name of ours is written so
# Many browsers remember that a module could not be loaded, and never ask again: a `?` makes another address of it.
_LOADER = f"""\
const chunk_failures = {{}};
const {_LOAD} = async (name) => {{
const failures = chunk_failures[name] ?? 0;
try {{
return await import(chunks[name] + (failures ? `?${{failures}}` : ""));
}} catch (error) {{
chunk_failures[name] = failures + 1;
throw error;
}}
}};
"""


def graph_of(sources: Mapping[str, str]) -> Graph:
    """sources: without comments, by path."""
    return Graph(
        {
            name: [_resolved(name, found[3]) for found in _IMPORT.finditer(text)]
            for name, text in sources.items()
        },
        {name: [_resolved(name, path) for path in _LATER.findall(text)] for name, text in sources.items()},
    )


def _resolved(name: str, path: str) -> str:
    return normpath(join(dirname(name), path))


def linked(sources: Mapping[str, str], start: str, graph: Graph) -> dict[str, str]:
    """What a page starts with, and its chunks; by path. Raises BundleError."""
    return _Linker(sources, plan(start, graph)).linked()


class _Linker:
    """Each module becomes a function that is called once, in the order in which modules run; it returns its exports."""

    def __init__(self, sources: Mapping[str, str], places: Plan) -> None:
        self._sources = sources
        self._page, self._chunks = places
        everything = chain(self._page, *self._chunks.values())
        self._names = {module: f"m{number}" for number, module in enumerate(everything)}
        self._exports: dict[str, list[str]] = {}
        self._used: set[str] = set()  # in the file that is being written

    def linked(self) -> dict[str, str]:
        start = self._page[-1]
        page = self._functions(self._page)
        files: dict[str, str] = {}
        addresses, given = "", set[str]()
        for name, order in self._chunks.items():
            text, taken = self._chunk(order)
            path = f"{CHUNKS}{PurePosixPath(name).stem}-{sha256(text.encode()).hexdigest()[:12]}.js"
            files[path] = text
            addresses += f'"{name}": "{_relative(path, start)}",\n'
            given |= taken
        if files:
            page = f"const chunks = {{\n{addresses}}};\n{_LOADER}{page}export {_braces(sorted(given))};\n"
        return {start: page, **files}

    def _chunk(self, order: list[str]) -> tuple[str, set[str]]:
        """Exports what its last module does; and the names that it takes from the page."""
        functions = self._functions(order)
        last = order[-1]
        taken = self._used - {self._names[module] for module in order}
        text = f"{functions}export const {_braces(self._exports[last])} = {self._names[last]};\n"
        if taken:
            text = f'import {_braces(sorted(taken))} from "{_relative(self._page[-1], CHUNKS)}";\n{text}'
        return text, taken

    def _functions(self, order: list[str]) -> str:
        self._used = set()
        return "".join(map(self._function, order))

    def _function(self, name: str) -> str:
        def bound(found: re.Match[str]) -> str:
            return self._bound(found, name)

        def loaded(found: re.Match[str]) -> str:
            return self._loaded(_resolved(name, found[1]))

        body = _LATER.sub(loaded, _IMPORT.sub(bound, self._sources[name]))
        exports = _EXPORT.findall(body)
        for listed in _EXPORTED.findall(body):
            exports += re.findall(r"\w+", listed)
        self._exports[name] = exports
        body = _EXPORTED.sub("", _EXPORT.sub("", body))
        if other := _OTHER.search(body):
            raise BundleError(f"{name}: cannot link {other[0]!r}")
        body = _PLAIN_LINE.sub(_squeezed, _LAYOUT.sub("", f"{body}return {_braces(exports)};\n"))
        return f"const {self._names[name]} = (() => {{\n{body}}})();\n"

    def _bound(self, found: re.Match[str], name: str) -> str:
        """An import as constants. Raises BundleError for a name that is not exported."""
        source = _resolved(name, found[3])
        module = self._use(source)
        if found[2]:
            return f"const {found[2]} = {module};"
        wanted = found[1].replace(" as ", ": ")
        for one in re.findall(r"(\w+)(?:: \w+)?", wanted):
            if one not in self._exports[source]:
                raise BundleError(f"{name}: {source} exports no {one}")
        return f"const {wanted} = {module};"

    def _loaded(self, target: str) -> str:
        """An `import()`: what the page has anyway is there."""
        if target not in self._chunks:
            return f"Promise.resolve({self._use(target)})"
        self._used.add(_LOAD)
        return f'{_LOAD}("{target}")'

    def _use(self, module: str) -> str:
        name = self._names[module]
        self._used.add(name)
        return name


def _squeezed(line: re.Match[str]) -> str:
    """Without the spaces around signs: a fortieth less to send."""
    return _SPACES.sub(lambda found: found[1] or found[2], line[0])


def _braces(names: Iterable[str]) -> str:
    return f"{{ {', '.join(names)} }}"


def _relative(path: str, importer: str) -> str:
    return f"./{relpath(path, dirname(importer))}"
