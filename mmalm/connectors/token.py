"""The deepest level's tokens projected linearly: LiMBeR (arXiv 2209.15162), and Frozen's visual prefix (arXiv 2106.13884)."""

from typing import Annotated, Literal

from annotated_types import Ge
from torch import Tensor, nn

from ..encoders.layout import TokenLayout
from ..encoders.perception import Perception
from ..errors import ConfigError, check_choice
from ..registry import CONNECTORS
from .base import Connector, scale_start
from .reading import levels_of, summary_and_patches

TOKENS = ('cls', 'all', 'patches')


@CONNECTORS.register_module()
class TokenConnector(Connector):
    """One linear projection with bias for tokens of the deepest level: one source.

    tokens='all' is LiMBeR (section 3), which hands every token of the encoder's last layer to the language model; tokens='cls'
    its one-token form in DePALM's comparison (arXiv 2403.13499); 'cls' with ``each`` above 1 is Frozen's prefix (section 3),
    where one vector is mapped linearly to several tokens.

    Args:
        widths: D of each level; given by the encoder.
        hidden_size: H; given by the language model.
        layout: how the level's tokens lie; given by the encoder.
        tokens: 'cls', the summary token; 'all', N tokens; 'patches', those without CLS and other prefix tokens.
        each: perceptual tokens made of each token.
        norm: a LayerNorm after the projection, as MAGMA has (arXiv 2112.05253).
        dropout: on the projected tokens, in training, as MAGMA has.
        init_scale: factor on PyTorch's default initialisation of the projection; with ``norm``, of the norm.
    """

    def __init__(
        self,
        widths: list[int],
        hidden_size: int,
        layout: TokenLayout | None = None,
        tokens: Literal['cls', 'all', 'patches'] = 'cls',
        each: Annotated[int, Ge(1)] = 1,
        norm: bool = False,
        dropout: float = 0.0,
        init_scale: float = 1.0,
    ):
        super().__init__()
        check_choice('TokenConnector', 'tokens', tokens, TOKENS)
        if tokens != 'cls' and layout is None:
            raise ConfigError(
                f'TokenConnector(tokens={tokens!r}) needs layout, how the tokens lie; the encoder gives it.'
            )
        counts = {'cls': 1} if layout is None else {'cls': 1, 'all': layout.count, 'patches': layout.patches}
        self.num_sources, self.tokens_per_source = 1, each * counts[tokens]
        self.reads = 'cls' if tokens == 'cls' else 'levels'
        self.tokens, self.each, self.hidden_size, self.layout = tokens, each, hidden_size, layout
        self.projection = nn.Linear(widths[-1], each * hidden_size)
        self.norm = nn.LayerNorm(hidden_size) if norm else nn.Identity()
        scale_start(self.norm if norm else self.projection, init_scale)
        self.dropout = nn.Dropout(dropout)

    def forward(self, perception: Perception) -> Tensor:
        """Perceptual tokens ``[B, 1, T, H]``."""
        if self.tokens == 'cls':
            cls = perception.cls
            seen = (cls[-1] if isinstance(cls, list) else cls[:, -1])[:, None]
        elif self.tokens == 'all':
            seen = levels_of(perception)[-1]
        else:
            _, seen = summary_and_patches(perception, self.layout)
        projected = self.projection(seen).reshape(len(seen), 1, -1, self.hidden_size)
        return self.dropout(self.norm(projected))
