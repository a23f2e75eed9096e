"""The classifier on top of a language model's state.

Legend: B batch, H width of the state, C answers.
"""

from torch import Tensor, nn

INIT_STD = 0.02


class Classifier(nn.Sequential):
    """Linear, LayerNorm, GELU, Linear, as DVP classifies (arXiv 2306.00409, released code).

    Weights are drawn from N(0, 0.02), biases are zero.

    Args:
        width: H.
        hidden: width between the two maps; 1536 over BERT-base and T5-base, 512 over LLaMA-7B.
        answers: C.
    """

    def __init__(self, width: int, hidden: int, answers: int):
        super().__init__(nn.Linear(width, hidden), nn.LayerNorm(hidden), nn.GELU(), nn.Linear(hidden, answers))
        for layer in (self[0], self[3]):
            nn.init.normal_(layer.weight, std=INIT_STD)
            nn.init.zeros_(layer.bias)

    def forward(self, feature: Tensor) -> Tensor:
        """Logits ``[B, C]`` of features ``[B, H]``."""
        return super().forward(feature)
