"""A placement search at tiny widths: the config's own classes and wiring, without network, weights or data."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from mmengine.config import Config

from ..engine.dry_run.offline import no_network
from ..engine.dry_run.shrink import adapted, as_config, as_plain, shrunk
from .run import search


def dry_search(config: Config, work_dir: str | Path | None = None) -> dict[str, Any]:
    """Search a config's placement in miniature: an epoch with few samples, half of whose media give rewards.

    Depth, candidates, searcher and reward are the config's own.

    Args:
        config: as :func:`mmalm.config.load_config` gives it.
        work_dir: where all is written; a temporary folder that is removed afterwards where None.

    Returns:
        what placement.json holds; the layer means nothing.
    """
    folder = Path(work_dir) if work_dir is not None else Path(tempfile.mkdtemp(prefix='mmalm_dry_search_'))
    try:
        small = shrunk(adapted(as_plain(config)), folder.absolute())
        small['train_dataloader'] |= {'batch_size': 2, 'num_workers': 0}
        small['search'] = {**(small.get('search') or {}), 'share': 0.5, 'batch_size': 2, 'epochs': 1}
        with no_network():
            content = search(as_config(small, config.filename), folder / 'search')
        print('The dry run of this search is OK.', flush=True)
        return content
    finally:
        if work_dir is None:
            shutil.rmtree(folder, ignore_errors=True)
