"""Pages for people: data sets and results as one self-contained HTML file each."""

from .browse import browse_page
from .results import results_page

__all__ = ['browse_page', 'results_page']
