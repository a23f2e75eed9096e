"""The token classes of the Penn Treebank tokeniser of the COCO caption evaluation (Stanford's PTBTokenizer 3.4.1).

What :mod:`.ptb` reads a caption with. Of all classes that match at a place the longest wins, what must follow counted in, and of
equally long ones the first. Lists of words were found by asking that program; docs/metrics.md says where it is not followed.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import regex


class Rule(NamedTuple):
    """One class of tokens.

    Attributes:
        pattern: the token and what must follow it; a group 'token' where something must.
        rewrite: what the token becomes; nothing where it is empty.
        given_back: how many characters at the token's end are read again.
    """

    pattern: regex.Pattern
    rewrite: Callable[[str], str]
    given_back: int = 0


_BREAK = r'\r\n\u2028\u2029\u000b\u000c\u0085'
_BLANK = r' \t\u00a0\u2000-\u200a\u3000'
# letters with what may stand on, under or inside them
_L = r'(?:\p{L}|[\u00ad\u02c2-\u02c5\u02d2-\u02df\u0300-\u036f\u0483-\u0487\u055a-\u055f]|(?=[\u0591-\u0eff])\p{M})'
_AN = r'[\p{L}\p{Nd}]'
_APOS = r"(?:['\u0092\u2019]|&apos;)"
# also marks that stand for an apostrophe by mistake
_APOS2 = rf'(?:{_APOS}|[`\u0091\u2018\u201b])'
_HYPHEN = r'[-_\u058a\u2010\u2011]'
_CLITIC = rf'{_APOS}(?:ve|ll|re|[msd])'
_LETTERED = rf'{_L}(?:{_L}|\p{{Nd}})*'
_WORD = rf'{_LETTERED}(?:[.!?]{_LETTERED})*'
_NAME = '[a-z][a-z0-9_:.-]*'
_ATTRIBUTE = rf'{_NAME} *(?:= *(?:\'[^\'\r\n]*\'|"[^"\r\n]*"|{_NAME}))?'
_NUM = r'(?:\p{Nd}+(?:[.:,\u00ad\u066b\u066c]\p{Nd}+)*|(?:[.:,\u00ad\u066b\u066c]\p{Nd}+)+)'
_ELIDED = rf'(?:[dol]{_APOS2}{_AN})?'
_THING = rf'{_ELIDED}{_AN}+(?:{_HYPHEN}{_ELIDED}{_AN}+)*'
_INITIALS = r'(?:[a-z](?:\.[a-z])+|(?:canada|sino|korean|eu|japan|non)-u\.s|u\.s\.-u\.(?:k|s\.s\.r))'
_NUMBERED_THING = rf'[a-z0-9][a-z0-9.,\u00ad]*(?:-(?:{_INITIALS}\.|[a-z0-9\u00ad]+))+'
_INNER_STOP = r'[,;:\u3001]'
# a period that follows them is theirs
_SHORT = (
    '[a-z] al cf co ct dr ft ga jr ky lt md mo mr ms mt ph rd rt sq sr st va vs vt wm adj adm adv ala apr aug ave bhd cie col cos '
    'cpl dak dec det drs ens esq est etc ext feb fla fri gen gov hon inc ind jan jos jul jun kan ltd maj mar mfg mme mon mrs '
    'mtg neb nev nov oct pfc plc pte pty pvt rep rev sen sep seq sfc sgt spc ste sys tel thu tue wed wis wyo alex ariz assn '
    'asst atty bldg blvd brig bros capt cmdr colo conn corp dept elec govs insp intl invt kans mich minn mlle mont msgr natl '
    'okla penn ppte ppty pres prof ptes ptys reps sens sept supt tenn tues univ wisc attys calif messrs lieut comdr supts '
    'assoc thurs bancorp treas profs (?:ed|ph)\\.d a\\.k\\.a'
)
_SHORT_NAMES = 'Az La Pa Ark Del Ill Ore Tex Mass Miss Wash'
# words that show, by their capital, that a sentence ended with the single letter before them
_BEGINNINGS = (
    'About According Additionally After An A As At But Earlier He Her Here However If In It Last Many More Mr\\. Ms\\. Now Once '
    'One Other Our She Since So Some Such That The Their Then There These They This We When While What Yet You'
)
_SHORT_BEFORE_NUMBERS = 'ca no op pp art fig nos figs prop'
_FILES = (
    'bat bmp c class cgi cpp dll docx doc exe gif gz html htm h java jar jpeg jpg mov mp3 pdf php pl png ppt ps py sql tar txt wav '
    'x xml zip'
)
_PHONE = (
    r'(?:\(\d{2,3}\)[ \u00a0]?|(?:\+\+?)?(?:\d{2,4}[- \u00a0])?\d{2,4}[- \u00a0])\d{3,4}[- \u00a0]?\d{3,5}'
    r'|(?:(?:\+\+?)?\d{2,4}\.)?\d{2,4}\.\d{3,4}\.\d{3,5}'
)
_SYMBOL = (
    r'[+%&~^|\\¦§¨©¬®¯°±²³´µ¶·¸¹º×÷\u0387\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u0600-\u0603\u0606-\u060a\u060c\u0614\u061b\u061e'
    r'\u066a\u066d\u0703-\u070d\u07f6-\u07f8\u0964\u0965\u0e4f\u1fbd\u2016\u2017\u2020-\u2023\u2030-\u2038\u203b\u203e-\u2044'
    r'\u207a-\u207f\u208a-\u208e\u2100-\u214f\u2190-\u2bff\u3012\u30fb\uff01-\uff0f\uff1a-\uff20'
    r'\uff3b-\uff40\uff5b-\uff65]'
)


def _keep(token: str) -> str:
    return token


def _word(token: str) -> str:
    return token.replace('\u00ad', '') or '-'


def _to(text: str) -> Callable[[str], str]:
    return lambda _: text


def _one_word(token: str) -> str:
    # blanks inside a token do not part it; where text is split at any blank they do
    return _brackets(token.replace(' ', '\u00a0'))


def _brackets(token: str) -> str:
    return token.replace('(', '-LRB-').replace(')', '-RRB-')


def _straight(token: str) -> str:
    return regex.sub('&apos;|[\u0091\u0092\u2018\u2019\u201b]', "'", token)


def _quote(token: str) -> str:
    return token if regex.search('[\u201a\u201e\u201f]', token) else "''"


def _ampersand(token: str) -> str:
    return regex.sub('(?i)&amp;', '&', token)


def _currency(token: str) -> str:
    return {'¢': 'cents', '£': '#', '¤': '$', '\u20a0': '$', '€': '$', '\u0080': '$'}.get(token, token)


_FRACTIONS = {'¼': '1/4', '½': '1/2', '¾': '3/4', '⅓': '1/3', '⅔': '2/3'}
_BRACKETS = {'(': '-LRB-', ')': '-RRB-', '[': '-LSB-', ']': '-RSB-', '{': '-LCB-', '}': '-RCB-'}
_DROP = _to('')


@cache
def rules() -> tuple[Rule, ...]:
    """All classes, in the order that decides between equally long ones."""
    short, beginnings = '|'.join(_SHORT.split()), '|'.join(_BEGINNINGS.split())
    words = (
        ("cannot|'twas", _keep, 3),
        (f'{_APOS}tis|gonna|gotta|lemme|gimme|wanna', _keep, 2),
        (r'c\+\+|[cf]#', _keep),
        (rf'<(?:[!?][a-z-][^>\r\n]*|{_NAME}(?: +{_ATTRIBUTE})* */?|/{_NAME}) *>', _one_word),
        ('&(?:md|mdash|ndash);|[\u0096\u0097\u2013\u2014\u2015]', _to('--')),
        ('&amp;', _to('&')),
        ('&(?:ht|tl|ur|lr|qc|ql|qr|odq|cdq|#[0-9]+);', _keep),
        (rf'(?<token>{_WORD}){_CLITIC}', _word),
        (rf'(?<token>[a-z\u00ad]*[a-mo-z]\u00ad*)n{_APOS2}t', _word),
        (_WORD, _word),
        (
            rf'(?-i:[A-HJ-XZn]{_APOS2}\p{{L}}{{2,}})|\p{{L}}+[aeiouy]{_APOS2}(?-i:[aeiouA-Z])\p{{L}}*|{_APOS}(?:em|[2-9]0s|till?|cause)'
            rf"|{_APOS}n{_APOS}?|(?:dunkin|somethin|ol){_APOS}|cont'd\.?|nor'easter|c'mon|e'er|s'mores|ev'ry|li'l|nat'l|o{_APOS2}o"
            rf'|[ldj]{_APOS}',
            _keep,
        ),
        (rf'(?<token>y{_APOS})\p{{L}}', _keep),
        (r'https?://[^ \t\n\f\r"<>|()]+[^ \t\n\f\r"<>|.!?(){},-]', _keep),
        (
            r'(?:www\.(?:[^ \t\n\f\r"<>|.!?(){},]+\.)+[a-z]{2,4}|(?:[^ \t\n\f\r"`\'<>|!(){},-@\[-_$]+\.)+(?:com|net|org|edu))'
            r'(?:/[^ \t\n\f\r"<>|()]+[^ \t\n\f\r"<>|.!?(){},-])?',
            _keep,
        ),
        (
            r'(?:&lt;|<)?[a-z0-9][^ \t\n\f\r"<>|()\u00a0{}]*@(?:[^ \t\n\f\r"<>|(){}.\u00a0]+\.)*'
            r'[^ \t\n\f\r"<>|(){}.\u00a0]+(?:&gt;|>)?',
            _keep,
        ),
        (rf'@[a-z_][a-z_0-9]*|#{_L}+', _keep),
        (rf'(?<token>{_CLITIC})[^A-Za-z]', _straight),
        (f'n{_APOS2}t', _straight),
        (r'\p{Nd}{1,2}[-/]\p{Nd}{1,2}[-/]\p{Nd}{2,4}', _keep),
        (rf'[-+]?{_NUM}', _word),
        (r'[⁺⁻₊₋]?(?:[⁰¹²³⁴-⁹]+|[₀-₉]+)', _keep),
        (r'(?:\p{Nd}{1,4}[- \u00a0])?\p{Nd}{1,4}(?:\\?/|\u2044)\p{Nd}{1,4}', _one_word),
        ('[¼½¾⅓-⅞]', lambda token: _FRACTIONS.get(token, token)),
        (rf'(?<token>[a-z0-9]+(?:\.[a-z0-9]+)*\.(?:{"|".join(_FILES.split())}))[{_BLANK}{_BREAK}.?!,]', _keep),
        (
            rf'-(?:RRB|LRB|RCB|LCB|RSB|LSB)-|c\.d\.s|pro-|anti-|s&(?:amp;)?p-500|s&(?:amp;)?ls|cap{_APOS}n|c{_APOS}est',
            _ampersand,
        ),
        (r'[a-z0-9]+(?:-[a-z]+){0,2}(?:\\?/[a-z0-9]+(?:-[a-z]+){0,2}){1,2}', _keep),
        (r'(?-i:[A-Z]*)\$|#', _keep),
        ('[¢£¤¥\u0080\u20a0€\u060b\u0e3f\u20a4\uffe0\uffe1\uffe5\uffe6]', _currency),
        # the end of a caption is taken for the end of a sentence
        (rf'(?<token>[a-z])\.[{_BLANK}]*(?:\n|(?<=[{_BLANK}])(?-i:{beginnings})[{_BLANK}\n])', _keep),
        (rf'(?:{_INITIALS}|{short})\.', _keep),
        (rf'(?-i:{"|".join(_SHORT_NAMES.split())})\.', _keep),
        (rf'(?<token>(?:{"|".join(_SHORT_BEFORE_NUMBERS.split())})\.)[{_BLANK}]?\p{{Nd}}', _keep),
        (rf'(?<token>{_INITIALS}|{short})[{_BLANK}]', _keep),
        (rf'(?<token>{_APOS}[0-9][0-9])[{_BLANK}{_BREAK}]', _keep),
        (rf'(?<token>{_WORD}\.){_INNER_STOP}', _word),
        (_PHONE, _one_word),
        (r'"|&quot;', _to("''")),
        (r'&lt;', _to('<')),
        (r'&gt;', _to('>')),
        (r"(?<token>(?-i:[<>]?[:;=][-o*']?[()DPdpO\\{@|\[\]]))[^A-Za-z0-9]", _brackets),
        (r"(?:[-^x=~<>']_[-^x=~<>']|\([-^x=~<>'][_.]?[-^x=~<>']\)|\([^x=~<>']-[^x=~<>'`]\))", _brackets),
        (r'[(){}\[\]]', _BRACKETS.__getitem__),
        (r'<<|>>|[<>=/]', _keep),
        ('-+', lambda token: '--' if len(token) in (3, 4) else token),
        (r'\.{3,5}|(?:\.[ \u00a0]){2,4}\.|[\u0085\u2026]', _to('...')),
        (r'@+|#+|_+', _keep),
        (r'\*+|(?:\\\*){1,3}', _keep),
        (_INNER_STOP, _keep),
        ('[?!]+', _keep),
        ('[.¡¿\u037e\u0589\u061f\u06d4\u0700-\u0702\u07fa\u3002]', _keep),
        (rf'(?<token>{_NUMBERED_THING}\.){_INNER_STOP}', _word),
        (_NUMBERED_THING, _word),
        (rf'(?<token>{_THING}\.){_INNER_STOP}', _keep),
        (_THING, _keep),
        (rf'(?<token>(?-i:[A-Z]+(?:(?:[+&]|&amp;)[A-Z]+)+)\.){_INNER_STOP}', _ampersand),
        ('(?-i:[A-Z]+(?:(?:[+&]|&amp;)[A-Z]+)+)', _ampersand),
        (r"(?<token>')[a-z][^ \t\n\r\u00a0]", _quote),
        (_CLITIC, _straight),
        (rf"''|[`\u2018-\u201f\u0091-\u0094\u2039\u203a«»]{{1,2}}|{_APOS}", _quote),
        (_SYMBOL, _keep),
        (r'&nbsp;', _DROP),
        (r'(?s).', _DROP),
    )
    return tuple(Rule(regex.compile(rule[0], regex.IGNORECASE), *rule[1:]) for rule in words)
