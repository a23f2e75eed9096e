"""Pictures small enough to stand in a page by the hundred."""

import base64
import io
from typing import Any

from PIL import Image
from torch import Tensor

SIDE = 256  # pixels of the longer edge
BUDGET = 4_000_000  # bytes of all pictures of a page
MOST = 24_000  # bytes of one
QUALITIES = (82, 65, 45, 25)


class Thumbnails:
    """Makes ``data:`` addresses of pictures that together stay within ``BUDGET``.

    Args:
        count: how many pictures the page will show.
    """

    def __init__(self, count: int) -> None:
        self.cap = min(MOST, BUDGET * 3 // 4 // max(count, 1))  # base64 makes 4 bytes of 3

    def __call__(self, picture: Image.Image, side: int = SIDE) -> str:
        """A picture, no edge longer than ``side`` pixels, as the address of a WebP that stands in the address itself."""
        small = picture.convert('RGB')
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        content = self._compressed(small)
        return f'data:image/webp;base64,{base64.b64encode(content).decode()}'

    def _compressed(self, picture: Image.Image) -> bytes:
        while True:
            for quality in QUALITIES:
                buffer = io.BytesIO()
                picture.save(buffer, 'WEBP', quality=quality, method=4)
                if buffer.tell() <= self.cap:
                    return buffer.getvalue()
            if max(picture.size) <= 32:
                return buffer.getvalue()
            picture = picture.resize([max(edge * 3 // 4, 1) for edge in picture.size], Image.Resampling.LANCZOS)


def denormalised(pixels: Tensor, mean: Any, std: Any) -> Image.Image:
    """What an encoder is given, as a picture again.

    Args:
        pixels: ``[3, H, W]``, normalised by ``mean`` and ``std``, each 3 numbers.
    """
    restored = pixels.float() * pixels.new_tensor(std)[:, None, None] + pixels.new_tensor(mean)[:, None, None]
    return Image.fromarray((restored.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy())
