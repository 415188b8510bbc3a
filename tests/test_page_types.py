"""What the page's scripts are checked against."""

from __future__ import annotations

from tools.page_types import PAGE, declarations


def test_every_id_of_the_page_has_the_type_of_its_element() -> None:
    page = '<form id="form"><p>no id</p><svg><use id="theme-icon"></use></svg></form>'
    assert declarations(page).splitlines()[1:] == [
        "export interface Ids {",
        '  "form": HTMLElementTagNameMap["form"];',
        '  "theme-icon": SVGElementTagNameMap["use"];',
        "}",
    ]


def test_the_page_itself_has_ids() -> None:
    assert '"start": HTMLElementTagNameMap["button"];' in declarations(PAGE.read_text(encoding="utf-8"))
