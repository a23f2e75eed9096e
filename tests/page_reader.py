"""Reads the pages that mmalm writes, as a browser would: elements with attributes and text."""

import base64
import io
from dataclasses import dataclass, field
from html.parser import HTMLParser

from PIL import Image

VOID = {'meta', 'link', 'img', 'input', 'br', 'hr'}


@dataclass
class Element:
    tag: str
    attributes: dict
    children: list = field(default_factory=list)
    pieces: list = field(default_factory=list)

    def find(self, tag: str | None = None, name: str | None = None, **attributes) -> list:
        """Elements below this one, in order, of a tag, a class name and attributes."""
        found = []
        for child in self.children:
            fits = tag in (None, child.tag) and (name is None or name in (child.attributes.get('class') or '').split())
            if fits and all(child.attributes.get(key.replace('_', '-')) == value for key, value in attributes.items()):
                found.append(child)
            found += child.find(tag, name, **attributes)
        return found

    @property
    def text(self) -> str:
        """All text below, blanks put together."""
        return ' '.join(''.join(self.pieces).split())


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.root = Element('', {})
        self.open = [self.root]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open[-1].tag == tag, f'</{tag}> closes <{self.open[-1].tag}>'
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element.pieces.append(data)


def read_page(html: str) -> Element:
    """The page's elements, after checking that tags are closed in order and that it needs no other file."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert [element.tag for element in reader.open] == ['']
    for element in reader.root.find():
        for key in ('src', 'href', 'action', 'srcset', 'poster'):
            assert (element.attributes.get(key) or 'data:').startswith(('data:', '#')), element
    assert 'url(' not in html and '@import' not in html
    policy = reader.root.find('meta', http_equiv='Content-Security-Policy')[0].attributes['content']
    assert policy.startswith("default-src 'none'; img-src data:;")
    return reader.root


def picture_of(image: Element) -> Image.Image:
    """The picture that stands in an <img>."""
    return Image.open(io.BytesIO(base64.b64decode(image.attributes['src'].partition(',')[2])))
