"""Views of a cache: some samples, sharing what is there and nothing that comes after."""

import torch
from tiny import LAYERS, WIDTH, padded_texts, tiny_lm

from mmalm.injection import Injected, StaticTokens
from mmalm.injection.schedules import SingleLayer


def test_a_view_shares_what_is_there_and_nothing_that_comes_after() -> None:
    lm, texts = tiny_lm('llama'), padded_texts()
    tokens = StaticTokens(torch.randn(3, 1, 2, WIDTH, generator=torch.Generator().manual_seed(0)))
    injection = Injected(lm.injector(SingleLayer(3).plan(LAYERS, 1)), tokens)
    cache = injection.new_cache()
    with torch.no_grad():
        lm(texts['left'], texts['left_mask'], injection=injection, cache=cache)
        view = cache.view(slice(1, 3))
        assert all(
            part.keys.data_ptr() == whole.keys[1].data_ptr()
            for part, whole in zip(view.layers, cache.layers, strict=True)
        )
        mask = torch.cat([texts['left_mask'], torch.ones(3, 1, dtype=torch.long)], 1)
        samples = torch.tensor([1, 2])
        more = lm(torch.tensor([[5], [6]]), mask[1:], injection=injection.select(samples), cache=view)
        assert [view.held(layer) for layer in range(LAYERS)] == [8, 8, 8, 10, 10, 10]
        assert [cache.held(layer) for layer in range(LAYERS)] == [7, 7, 7, 9, 9, 9]
        assert view.get_seq_length(4) == 8
        together = lm(torch.tensor([[9], [5], [6]]), mask, injection=injection, cache=cache)
    torch.testing.assert_close(together[1:], more)
