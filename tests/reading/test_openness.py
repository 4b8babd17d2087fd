"""Claims of openness in five languages: affirmed, denied, compared, asked, and about other things."""

from __future__ import annotations

import pytest

from openaudit.reading.openness import claimed

SENTENCES = {
    "本模型是开源的。": "open source",
    "Este modelo es de código abierto.": "open source",
    "本模型不是开源的。": None,
    "本模型的代码是开源的。": None,
    "代码和模型均已开源。": None,
    "Foo-7B 的代码和模型均已开源。": "open source",
    "我们开源了Foo模型。": "open source",
    "与其他开源模型相比，本模型更好。": None,
    "本模型优于其他开源模型。": None,
    "本模型是完全开源的。": "fully open",
    "本模型是开源的吗？": None,
    "Foo-7B 是一个开源的、支持中英双语问答的对话语言模型": "open source",
    "本模型基于开源数据集训练。": None,
    "开源本模型，旨在为其他人提供选择": "open source",
    "本项目开源在中文文本纠错项目：pycorrector": None,
    "本项目开源硕士毕业论文“BERT模型在中文”相关模型": "open source",
    "本仓库的代码依照 Apache-2.0 协议开源，ChatGLM-6B 模型的权重的使用则需要遵循 Model License": None,
    "我们即将开源本模型。": None,
    "我们开放了模型权重。": None,
    "我们开放模型权重": "open weights",
    "感谢开源社区。": None,
    "Foo 2 是某公司推出的新一代开源大语言模型，采用": "open source",
    "开发者仅将我们开源的代码、数据、模型用于研究目的": "open source",
    "本项目，基于微软开源的Deberta模型，在中文领域进行预训练": None,
    "因此在此开源了我们预训练的中文Longformer模型参数": "open source",
    "据我们所知是第一个开源的Pytorch版本WWM": None,
    "Ce modèle est open source.": "open source",
    "Ce modèle n'est pas open source.": None,
    "Le code est open source.": None,
    "Le code du modèle est open source.": None,
    "Notre modèle et son code sont open source.": "open source",
    "Le modèle et le code sont open source.": "open source",
    "Par rapport aux modèles open source, Foo est meilleur.": None,
    "Foo surpasse les autres modèles open source.": None,
    "Foo est un modèle entièrement open source.": "fully open",
    "Ce modèle est-il open source ?": None,
    "Nous publions un modèle open source pour le français.": "open source",
    "Ce modèle sera bientôt open source.": None,
    "Ce modèle a été entraîné sur des données open source.": None,
    "Les poids ouverts de Foo sont ici.": None,
    "Foo est publié avec des poids ouverts.": "open weights",
    "Dieses Modell ist quelloffen.": "open source",
    "Dieses Modell ist nicht quelloffen.": None,
    "Foo ist ein quelloffenes Sprachmodell.": "open source",
    "Foo ist ein Open-Source-Modell.": "open source",
    "Der Code ist Open Source.": None,
    "Der Code des Modells ist Open Source.": None,
    "Im Vergleich zu Open-Source-Modellen ist Foo besser.": None,
    "Foo ist vollständig quelloffen.": "fully open",
    "Ist dieses Modell quelloffen?": None,
    "Dieses Modell ist kein Open-Source-Modell.": None,
    "Das Modell und der Code sind quelloffen.": "open source",
    "Foo hat offene Gewichte.": "open weights",
    "Unser Modell wurde mit Open-Source-Daten trainiert.": None,
    "Este modelo no es de código abierto.": None,
    "El código es de código abierto.": None,
    "El código del modelo es de código abierto.": None,
    "Foo es un modelo de lenguaje de código abierto.": "open source",
    "Foo supera a otros modelos de código abierto.": None,
    "Foo es un modelo completamente abierto.": None,
    "Foo es un modelo completamente de código abierto.": "fully open",
    "¿Es este modelo de código abierto?": None,
    "Este modelo utiliza herramientas de código abierto.": None,
    "Publicamos Foo con pesos abiertos.": "open weights",
    "A diferencia de los modelos de código abierto, Foo no se publica.": None,
    "Questo modello è open source.": "open source",
    "Questo modello non è open source.": None,
    "Il codice è open source.": None,
    "Foo è un modello linguistico open source per l'italiano.": 'open source',
    "Rispetto ai modelli open source, Foo è migliore.": None,
    "Questo modello è completamente open source.": "fully open",
    "Il modello e il codice sono open source.": "open source",
    "Questo modello è stato addestrato su dati open source.": None,
    "Questo modello sarà presto open source.": None,
    "Foo ha pesi aperti.": "open weights",
    "Questo modello usa strumenti open source.": None,
    "Il codice del modello è a sorgente aperto.": None,
}  # fmt: skip


@pytest.mark.parametrize(("sentence", "level"), SENTENCES.items())
def test_a_sentence_claims_what_it_says_of_its_model(sentence: str, level: str | None) -> None:
    assert claimed(sentence, lambda words: "foo" in words.lower()) == level


@pytest.mark.parametrize("sentence", [s for s, level in SENTENCES.items() if level and "Foo" in s])
def test_what_is_said_of_another_model_is_no_claim(sentence: str) -> None:
    """Where nothing in the sentence refers to this model or its makers."""
    if not any(own in sentence for own in ("我们", "Publicamos", "publions")):
        assert claimed(sentence, lambda words: False) is None
