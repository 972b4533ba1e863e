import pytest
from django.template import Context, Template

from opus.lib.french import of


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Élodie Martin", "d’Élodie Martin"),
        ("Marc", "de Marc"),
        ("Hélène", "d’Hélène"),
        ("Hassan", "de Hassan"),
        ("Yves", "d’Yves"),
        ("Yann", "de Yann"),
        ("Œuvre de Saint-Bruno", "d’Œuvre de Saint-Bruno"),
        ("", "de "),
    ],
)
def test_de_is_elided_before_a_vowel(name: str, expected: str) -> None:
    assert of(name) == expected


def test_a_name_is_still_escaped() -> None:
    page = Template("{{ name|de }}").render(Context({"name": "<Élodie>"}))

    assert page == "de &lt;Élodie&gt;"
