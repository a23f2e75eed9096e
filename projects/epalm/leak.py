"""Do labels leak through a perceptual token that sees the whole text? (docs/leak.md)

python -m projects.epalm.leak [--out FOLDER] [--plot FILE.png] [--seeds 3] [--steps 900]

A frozen random language model, trained connectors and soft prompt, always the same picture and question, and an answer
that nothing foretells: one of K = 8, drawn anew every time. Whoever has not seen it cannot get below ln K = 2.079; a training
loss below that is a leak.
"""

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from mmalm.analysis.text_table import Table
from mmalm.atomic import write_json, write_text
from mmalm.connectors import LinearConnector
from mmalm.encoders.perception import Perception
from mmalm.injection import Injected, StaticTokens
from mmalm.injection.schedules import LayerwiseReplace
from mmalm.lms import CausalLM
from mmalm.losses import next_token_losses
from mmalm.sweep.statistics import summarise
from mmalm.tuning import SoftPrompt

ANSWERS = 8  # K; their ids are 3 to 10
QUESTION = (11, 17, 12, 23)  # tokens in front of the answer
VOCABULARY, WIDTH, LAYERS, LEVELS, FEATURES, PROMPT = 32, 32, 8, 3, 16, 5
LEAST = math.log(ANSWERS)


@dataclass(frozen=True)
class Setting:
    """One way to inject: what the token sees, and one past the last layer that is given a fresh one."""

    name: str
    visibility: str
    end: int


SETTINGS = (
    Setting('all, last layer left out (as released)', 'all', LAYERS - 1),
    Setting('all, to the last layer (control)', 'all', LAYERS),
    Setting('causal, last layer left out', 'causal', LAYERS - 1),
)


class Toy(nn.Module):
    """A frozen random OPT of 8 layers with 3 connectors and 5 prompt vectors, fresh tokens from layer 4 on.

    Args:
        setting: how it injects.
        seed: of all weights.
        init_std: of the frozen weights; larger ones mix tokens more.
    """

    def __init__(self, setting: Setting, seed: int, init_std: float):
        super().__init__()
        torch.manual_seed(seed)
        sizes = dict(hidden_size=WIDTH, word_embed_proj_dim=WIDTH, ffn_dim=2 * WIDTH, num_hidden_layers=LAYERS)
        ids = dict(vocab_size=VOCABULARY, pad_token_id=1, bos_token_id=2, eos_token_id=2, max_position_embeddings=32)
        config = dict(model_type='opt', num_attention_heads=4, init_std=init_std, **sizes, **ids)
        self.lm = CausalLM(config=config).requires_grad_(False)
        self.connector = LinearConnector([FEATURES] * LEVELS, WIDTH)
        self.prompt = SoftPrompt(PROMPT, WIDTH)
        plan = LayerwiseReplace(LAYERS // 2, setting.end).plan(LAYERS, LEVELS)
        self.injector = self.lm.injector(plan, setting.visibility)

    def forward(self, ids: Tensor, features: Tensor) -> Tensor:
        """Logits ``[B, L, V]`` of texts ``[B, L]`` with features ``[B, K, D]``."""
        tokens = StaticTokens(self.connector(Perception(features)))
        return self.lm(ids, injection=Injected(self.injector, tokens, self.prompt()))


def draw(rows: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Texts of a beginning, the question and a random answer, ``[B, L]``, and features that tell of nothing, ``[B, K, D]``."""
    question = torch.tensor([2, *QUESTION]).expand(rows, -1)
    answer = torch.randint(3, 3 + ANSWERS, (rows, 1), generator=generator)
    return torch.cat([question, answer], dim=1), torch.ones(rows, LEVELS, FEATURES)


def answer_losses(model: Toy, ids: Tensor, features: Tensor) -> Tensor:
    """Cross-entropy of each answer ``[B]``, in nats, with the answer in the text as in training."""
    return next_token_losses(model(ids, features), ids)[:, -1]


def train(setting: Setting, seed: int, steps: int, batch: int = 32, lr: float = 1e-2, init_std: float = 0.3) -> dict:
    """Train one model on data that never comes twice.

    Returns:
        ``losses``, one a step; ``final``, the mean of the last tenth; on new data the share of answers named, with the answer
        in the text (``taught``) and with another in its place (``asked``), where only a leak makes a difference.
    """
    model = Toy(setting, seed, init_std)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=lr)
    generator = torch.Generator().manual_seed(1000 + seed)
    losses = []
    for _ in range(steps):
        loss = answer_losses(model, *draw(batch, generator)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    tail = losses[-max(1, steps // 10) :]
    return {'losses': losses, 'final': sum(tail) / len(tail), **named(model, generator)}


@torch.no_grad()
def named(model: Toy, generator: torch.Generator, rows: int = 1024) -> dict[str, float]:
    """Share of new answers the model puts first among the K, with the answer in the text and with another one there."""
    ids, features = draw(rows, generator)
    answers, hidden = ids[:, -1], ids.clone()
    hidden[:, -1] = 3 + (answers - 3 + torch.randint(ANSWERS, (rows,), generator=generator)) % ANSWERS
    shares = {}
    for name, text in (('taught', ids), ('asked', hidden)):
        guess = model(text, features)[:, -2, 3 : 3 + ANSWERS].argmax(-1) + 3
        shares[name] = (guess == answers).float().mean().item()
    return shares


def experiment(seeds: int, steps: int, **options: float) -> dict:
    """Every setting with every seed; a dict for JSON."""
    runs = []
    for setting in SETTINGS:
        for seed in range(seeds):
            runs.append({**asdict(setting), 'seed': seed, **train(setting, seed, steps, **options)})
            print(f'{setting.name}, seed {seed}: loss {runs[-1]["final"]:.3f}', flush=True)
    return {'answers': ANSWERS, 'ln_answers': LEAST, 'steps': steps, **options, 'runs': runs}


def table(found: dict) -> Table:
    """Means and standard deviations over the seeds."""
    rows = []
    for setting in SETTINGS:
        mine = [run for run in found['runs'] if run['name'] == setting.name]
        cells = []
        for key in ('final', 'taught', 'asked'):
            numbers = summarise([run[key] for run in mine])
            spread = '' if numbers.std is None else f' ± {numbers.std:.3f}'
            cells.append(f'{numbers.mean:.3f}{spread}')
        rows.append([setting.name, *cells, f'{min(run["final"] for run in mine):.3f}'])
    header = ['perceptual token sees', 'training loss', 'named, taught', 'named, asked', 'least loss']
    return Table(
        f'Unpredictable answer, K = {ANSWERS}, ln K = {LEAST:.3f} nats, 1 / K = {1 / ANSWERS:.3f}', header, rows
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the experiment; writes leak.json, leak.md and the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, default=Path('work_dirs/leak'), help='folder of leak.json and leak.md')
    parser.add_argument('--plot', type=Path, help='picture of the losses; OUT/leak.png unless told')
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--steps', type=int, default=900)
    parser.add_argument('--batch', type=int, default=32)
    parser.add_argument('--init-std', type=float, default=0.3, help='of the frozen random weights')
    parser.add_argument('--redraw', action='store_true', help='draw the plot and the table of OUT/leak.json again')
    given = parser.parse_args(argv)
    given.out.mkdir(parents=True, exist_ok=True)
    file = given.out / 'leak.json'
    if given.redraw:
        found = json.loads(file.read_text(encoding='utf-8'))
    else:
        found = experiment(given.seeds, given.steps, batch=given.batch, init_std=given.init_std)
        write_json(file, found)
    text = table(found).markdown()
    write_text(given.out / 'leak.md', text)
    print(text)
    from .leak_plot import plot

    print(plot(found, given.plot or given.out / 'leak.png'))
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
