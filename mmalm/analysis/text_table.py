"""A table for the terminal and for Markdown files."""

from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table as RichTable


@dataclass(frozen=True)
class Table:
    """Text cells; the first column is aligned left, the others right."""

    title: str
    header: list[str]
    rows: list[list[str]]

    def rich(self) -> RichTable:
        """For the terminal."""
        table = RichTable(title=escape(self.title), title_justify='left')
        for i, name in enumerate(self.header):
            table.add_column(escape(name), justify='right' if i else 'left', overflow='fold')
        for row in self.rows:
            table.add_row(*map(escape, row))
        return table

    def markdown(self) -> str:
        """For a file."""
        lines = [self.header, ['---', *['---:'] * (len(self.header) - 1)], *self.rows]
        text = '\n'.join('| ' + ' | '.join(cell.replace('|', '\\|') for cell in line) + ' |' for line in lines)
        return f'**{self.title}**\n\n{text}\n'
