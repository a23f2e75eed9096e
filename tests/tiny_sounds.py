"""Sounds made up for tests, and tiny encoders of sound."""

from pathlib import Path

import numpy as np
import soundfile

from mmalm.encoders import ASTEncoder, WhisperEncoder

AST = {
    'hidden_size': 16,
    'num_hidden_layers': 3,
    'num_attention_heads': 2,
    'intermediate_size': 32,
    'patch_size': 16,
    'num_mel_bins': 26,
    'max_length': 36,
}
WHISPER = {
    'd_model': 16,
    'encoder_layers': 3,
    'encoder_attention_heads': 2,
    'encoder_ffn_dim': 32,
    'decoder_layers': 1,
    'decoder_attention_heads': 2,
    'decoder_ffn_dim': 32,
    'num_mel_bins': 80,
    'vocab_size': 20,
    'pad_token_id': 1,
    'bos_token_id': 1,
    'eos_token_id': 1,
    'decoder_start_token_id': 1,
    'max_source_positions': 50,
    'max_target_positions': 8,
}


def tone(seconds: float = 0.5, rate: int = 16_000, frequency: float = 440.0) -> np.ndarray:
    """A sine ``[n]`` float32 of half the full amplitude."""
    return (0.5 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def write_tone(path: Path, seconds: float = 0.5, rate: int = 16_000, frequency: float = 440.0) -> Path:
    """A tone as a file of the format its ending says; gives its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, tone(seconds, rate, frequency), rate)
    return path


def tiny_ast(levels: int = 2, **arguments) -> ASTEncoder:
    """A random AST for spectrograms ``[36, 26]``: 3 x 2 patches."""
    return ASTEncoder(config=AST, levels=levels, **arguments)


def tiny_whisper(levels: int = 2, **arguments) -> WhisperEncoder:
    """A random Whisper encoder of a second at most: 50 tokens."""
    return WhisperEncoder(config=WHISPER, levels=levels, **arguments)
