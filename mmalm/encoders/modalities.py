"""The modalities there are, and under which key of a sample each one's encoder finds its input."""

# of a batch: pixels [B, 3, h, w]; frames [B, F, 3, h, w]; spectrogram [B, frames of sound, mel bins]
INPUTS = {'image': 'pixels', 'video': 'frames', 'audio': 'spectrogram'}
MODALITIES = tuple(INPUTS)
