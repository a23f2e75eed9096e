import pytest

from mmalm.datasets.csv_files import read_csv
from mmalm.errors import ConfigError, MissingDataError


def read(tmp_path, content, columns=('id', 'caption')):
    (tmp_path / 'a.csv').write_bytes(content)
    return read_csv(tmp_path / 'a.csv', columns, 'Captions', 'See the docs.')


def test_rows_have_the_line_they_end_on(tmp_path):
    content = b'\xef\xbb\xbfid,more,caption\r\n1,x,"a dog,\n barks "\r\n2,,rain\r\n'
    assert read(tmp_path, content) == [(3, {'id': '1', 'caption': 'a dog, barks'}), (4, {'id': '2', 'caption': 'rain'})]


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'id,captoin\n1,a\n', r"line 1 has no column 'caption'. Did you mean 'captoin'"),
        (b'id,caption\n1,a\n2,\n', 'line 3: caption empty or missing\nSee the docs'),
        (b'id,caption\n1\n', 'line 2: caption empty or missing'),
        (b'id,caption\n1,a dog, a cat\n', 'line 2: 1 texts too many: a text with a comma needs quotation marks'),
        (
            b'id,caption\n1,"a dog\n2,"a cat"\n',
            r"line 2: ',' expected after '\"'. A quotation mark of the row that",
        ),
        (b'id,caption\n1,a dog\n2,"a cat\n3,rain\n', r'line 3: unexpected end of data. A quotation mark'),
        ('id,caption\n1,a café\n'.encode('latin-1'), r'line 2: byte 0xe9 is not UTF-8'),
    ],
)
def test_faults_are_named_with_their_place(tmp_path, content, message):
    with pytest.raises(ConfigError, match=message):
        read(tmp_path, content)


@pytest.mark.parametrize(('content', 'message'), [(b'', 'is empty'), (b'id,caption\n', 'a header and no rows')])
def test_a_file_with_nothing_in_it(tmp_path, content, message):
    with pytest.raises(MissingDataError, match=message):
        read(tmp_path, content)


def test_a_file_that_is_not_there(tmp_path):
    (tmp_path / 'b.csv').touch()
    with pytest.raises(MissingDataError, match=r'No such file.*In its folder: b.csv'):
        read_csv(tmp_path / 'a.csv', ('id',), 'Captions')
