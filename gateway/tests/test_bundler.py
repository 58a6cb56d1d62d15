"""The bundler: what our files may say, and that everything else is refused."""

from pathlib import Path

import pytest

from gateway.bundle_plan import BundleError
from gateway.bundler import bundled
from gateway.static_files import StaticFiles

STATIC = Path(__file__).parents[1] / "static"


def test_what_a_page_starts_with_holds_each_of_its_modules_once_after_what_it_imports() -> None:
    text = bundled(
        {
            "pages/chat.js": 'import { b } from "../b.js";\nimport * as c from "../c.js";\nb(c);\n',
            "b.js": 'import { c as d } from "./c.js";\nexport const b = (x) => d;\n',
            "c.js": "export function c() {}\n",
        }
    )["pages/chat.js"]
    assert text == (
        "const m0 = (() => {\nfunction c(){}\nreturn{c};\n})();\n"
        "const m1 = (() => {\nconst{c:d}=m0;\nconst b=(x)=>d;\nreturn{b};\n})();\n"
        "const m2 = (() => {\nconst{b}=m1;\nconst c=m0;\nb(c);\nreturn{};\n})();\n"
    )


def test_only_what_nothing_imports_is_linked() -> None:
    files = {"a.js": 'import { b } from "./b.js";\n', "b.js": "export const b = 1;\n", "alone.js": "1;\n"}
    assert list(bundled(files)) == ["a.js"]


@pytest.mark.parametrize(
    "line",
    [
        "export default 1;",
        "export let b = 1;",
        'export * from "./c.js";',
        'import "./c.js";',
        'import c from "./c.js";',
        'const c = await import("./c.js");',
        "const c = import(name);",
        "const here = import.meta.url;",
        "await 1;",
    ],
)
def test_a_form_that_it_does_not_know_is_refused(line: str) -> None:
    files = {"a.js": 'import { b } from "./b.js";\n', "b.js": f"export const b = 1;\n{line}\n", "c.js": ""}
    with pytest.raises(BundleError, match=r"b\.js"):
        bundled(files)


def test_comments_and_the_layout_stay_behind_and_nothing_else_does() -> None:
    source = (
        "// Why.\n\nexport const web = 'https://x/' + `// ${1} /** */`; // dropped\n"
        "/** @import { B } from './b.js' */\n\n"
        "/**\n * What.\n * @param {string} x\n */\nexport const b = (x) => /[/*]/.test(x);\n"
        "class C {\n  /** One. */\n  one = 1;\n  // Two.\n  two = 2; /* kept */\n}\n"
        "const c = /** @type {B} */ (b('a // b', / [/][/] /)); // it's kept\n"
    )
    text = bundled({"a.js": 'import { b } from "./b.js";\n', "b.js": source})["a.js"]
    assert (
        "(() => {\nconst web = 'https://x/' + `// ${1} /** */`;\nconst b = (x) => /[/*]/.test(x);\n"
        "class C{\none=1;\ntwo = 2; /* kept */\n}\n"
        "const c = (b('a // b', / [/][/] /)); // it's kept\nreturn{web,b};"
    ) in text


def test_a_comment_ends_where_it_ends_whatever_stands_behind_it() -> None:
    files = {
        "a.js": 'import { b } from "./b.js";\n/** @type {number} */ (b);\nb(1);\n/** Why. */\nb(2);\n',
        "b.js": "export const b = 1;\n",
        "a.css": '@import "b.css";\n',
        "b.css": "/* what */ p { top: 0 }\n/* why */\nq { top: 1px }\n",
    }
    assert all(kept in bundled(files)["a.js"] for kept in ("(b);", "b(1);", "b(2);"))
    assert "/* what */ p { top: 0 }\nq { top: 1px }" in bundled(files)["a.css"]


def test_a_text_of_several_lines_is_refused_because_it_may_hold_what_looks_like_a_comment() -> None:
    files = {"a.js": 'import { b } from "./b.js";\n', "b.js": "export const b = `\n// no comment\n`;\n"}
    with pytest.raises(BundleError, match=r"b\.js"):
        bundled(files)


def test_spaces_go_only_where_no_text_and_no_pattern_may_be() -> None:
    source = (
        'export const b = (x) => (x ? 1 : " = ; \\" = ");\n'
        'const c = `${b(1) ? `a , ${b(0)}` : ""} , `;\n'
        "const quotes = ' = ' + /[\"] = /.source;\n"
        "const sum = b(1) + -1;\n"
    )
    text = bundled({"a.js": 'import { b } from "./b.js";\n', "b.js": source})["a.js"]
    assert (
        'const b=(x)=>(x?1:" = ; \\" = ");\n'
        'const c = `${b(1) ? `a , ${b(0)}` : ""} , `;\n'
        "const quotes = ' = ' + /[\"] = /.source;\n"
        "const sum=b(1)+ -1;\n"
    ) in text


@pytest.mark.parametrize(
    "source", ["", 'import { start } from "./a.js";\nexport const b = 1;\n', "export const other = 1;\n"]
)
def test_a_circle_and_a_name_that_is_not_there_are_refused(source: str) -> None:
    files = {
        "start.js": 'import { a } from "./a.js";\n',
        "a.js": 'import { b } from "./b.js";\nexport const a = 1;\n',
        "b.js": source,
    }
    with pytest.raises(BundleError):
        bundled(files)


def test_a_sheet_is_linked_in_the_order_of_the_cascade() -> None:
    sheets = {
        "pages/x.css": '@import "../one.css";\n@import "../two.css";\nc {}\n',
        "one.css": "/* Why:\n   because. */\na {}\n\n",
        "two.css": "@media print {\n  b {} /* kept */\n}\n",
    }
    text = bundled(sheets)["pages/x.css"]
    assert "a {}\n/* two.css */\n@media print {\nb {} /* kept */\n}\n" in text
    assert "because" not in text
    assert text.index("a {}") < text.index("b {}") < text.index("c {}")
    with pytest.raises(BundleError):
        bundled(sheets | {"one.css": "@import url(two.css);\n"})


def test_every_page_starts_with_one_sheet_and_one_module_that_need_nothing_more() -> None:
    files = StaticFiles(STATIC).files
    sources = [name for name in files if name.startswith(("js/pages/", "css/pages/"))] + [
        "js/tictactoe/main.js"
    ]
    assert len(sources) > 8
    for name in sources:
        text = files[name].content.decode()
        assert "\nimport " not in text, name
        assert "@import" not in text, name


def test_in_development_modules_stay_as_they_are() -> None:
    plain = StaticFiles(STATIC, reread=True).files["js/pages/chat.js"]
    assert plain.content == (STATIC / "js/pages/chat.js").read_bytes()
